"""From the configuration to each stage's settings: exactly the keys that it uses, and no others.

Settings travel as one canonical JSON string in ``params.settings``; a changed key then reruns the
stages that read it and no others.
"""

import json
from collections.abc import Mapping
from typing import Any

from galforge.configuration.report_files import dataset_report_files
from galforge.core.errors import ConfigurationError
from galforge.core.targets import declared, modules_of
from galforge.pictures.picture_sources import (
    COSMOLOGY_KEY,
    CREDITS,
    GALAXY_ZOO_2,
    IMAGE_SIZES,
    KAGGLE_KEY,
)
from galforge.survey.cosmos_samples import CREDIT, SAMPLES, UNPACKED_LIMIT_GB

CONTROL_PREFIX = "control_"  # no model is named so
PARAMETRIC_CONTROL = "control_parametric"  # the one that is drawn from the survey, not from stamps
DOWNLOADED = ("cosmos", "url")  # the sources of surveys that are downloaded
# Sources of pictures: those that a user has on disk, and all of them.
LOCAL_PICTURES = ("image_folder", "galaxy_zoo_kaggle", "cosmology_images")
PICTURES = (*LOCAL_PICTURES, "galaxy_zoo_2", "hubble_deep_field", "simulated_cosmology")
SIMULATED = ("simulated", "simulated_cosmology")

Config = Mapping[str, Any]


def canonical(settings: Any) -> str:
    """Return settings as JSON with sorted keys: equal settings give equal text."""
    return json.dumps(settings, sort_keys=True, separators=(",", ":"))


def run_pairs(config: Config) -> list[tuple[str, str]]:
    """Return every (dataset, model) that is to be trained, in the order of ``runs``."""
    return [(run["dataset"], model) for run in config["runs"] for model in run["models"]]


def run_surveys(config: Config) -> list[str]:
    """Return the surveys that these datasets are made from, each once."""
    return list(dict.fromkeys(config["datasets"][dataset]["survey"] for dataset in run_datasets(config)))


def run_datasets(config: Config) -> list[str]:
    """Return the datasets that models are trained on, each once."""
    return list(dict.fromkeys(dataset for dataset, _ in run_pairs(config)))


def models_of(config: Config, dataset: str) -> list[str]:
    """Return the models that are trained on a dataset."""
    return [model for trained_on, model in run_pairs(config) if trained_on == dataset]


def controls_of(config: Config, dataset: str) -> list[str]:
    """Return the controls that are judged beside the models of a dataset; pictures have no fits to draw."""
    controls = config["evaluation"]["controls"]
    return [name for name in controls if name != PARAMETRIC_CONTROL or not of_pictures(config, dataset)]


def judged_of(config: Config, dataset: str) -> list[str]:
    """Return all that is judged on a dataset: its models, then the controls."""
    return models_of(config, dataset) + controls_of(config, dataset)


def run_of(config: Config, dataset: str, model: str) -> Config:
    """Return the entry of ``runs`` that trains a model on a dataset.

    Raises
    ------
    ConfigurationError
        If there is none: a file was asked for that no run makes.
    """
    runs: list[Config] = config["runs"]
    for run in runs:
        if run["dataset"] == dataset and model in run["models"]:
            return run
    trained = ", ".join(f"{model} on {dataset}" for dataset, model in run_pairs(config))
    raise ConfigurationError(f"runs: nothing trains {model} on {dataset}; there are: {trained}")


def model_targets(config: Config, dataset: str, model: str) -> list[str]:
    """Return the targets that a model on a dataset is made of: its own and, if it has one, its network's."""
    network = run_model(config, dataset, model)["settings"].get("network")
    return [config["models"][model]["target"]] + ([network] if network else [])


def model_modules(config: Config, dataset: str, model: str) -> list[str]:
    """Return the modules that a model's code lies in, apart from what they import."""
    return modules_of(config["models"][model]["target"], run_model(config, dataset, model)["settings"])


def image_shape(config: Config, dataset: str) -> tuple[int, int, int]:
    """Return (C, H, W) of a dataset's stamps; those of pictures have the channels of their preprocessing."""
    stamps = config["datasets"][dataset]["stamps"]
    recipe = config.get("preprocessing", {}).get(stamps.get("preprocessing"), {})
    return recipe.get("channels", 1), stamps["size"], stamps["size"]


def merged(base: Config, changes: Config) -> dict[str, Any]:
    """Return ``base`` with ``changes`` put over it, key by key at every depth."""
    result = dict(base)
    for key, value in changes.items():
        below = result.get(key)
        result[key] = merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return result


def differences(paper: Config, run: Config, prefix: str = "") -> dict[str, dict[str, Any]]:
    """Return where two mappings differ: dotted key to ``paper`` and ``run`` values, None where absent."""
    found: dict[str, dict[str, Any]] = {}
    for key in dict.fromkeys((*paper, *run)):
        before, after = paper.get(key), run.get(key)
        if all(value is None or isinstance(value, dict) for value in (before, after)):
            found |= differences(before or {}, after or {}, f"{prefix}{key}.")
        elif before != after:
            found[f"{prefix}{key}"] = {"paper": before, "run": after}
    return found


def run_model(config: Config, dataset: str, model: str) -> dict[str, Any]:
    """Return ``settings`` and ``recipe`` of a model on a dataset: the paper's with the run's over them."""
    run = run_of(config, dataset, model)
    entry = config["models"][model]
    return {part: merged(entry[part], run.get(part, {})) for part in ("settings", "recipe")}


def survey_settings(config: Config, survey: str) -> dict[str, Any]:
    """Return the settings of the stage that makes or imports a survey."""
    entry = {key: value for key, value in config["surveys"][survey].items() if key != "source"}
    source = config["surveys"][survey]["source"]
    if source in SIMULATED:
        entry["seed"] = config["seed"]
    if source in LOCAL_PICTURES:
        return _local_pictures(source, entry)
    if source == "galaxy_zoo_2":
        return {**GALAXY_ZOO_2, "labels": None, **entry}
    if source == "cosmos":
        sample = SAMPLES[str(entry.pop("sample"))]
        entry = {**sample._asdict(), "credit": CREDIT, **entry}
    if source in DOWNLOADED:
        entry = {"source": source, "hash": None, "unpacked_limit_gb": UNPACKED_LIMIT_GB, **entry}
    return entry


def _local_pictures(source: str, entry: Config) -> dict[str, Any]:
    """Return the settings of ``import_pictures``, which knows no source by name."""
    table, key, path = entry.get("table"), entry.get("key"), entry.get("path")
    if source == "galaxy_zoo_kaggle":
        key = KAGGLE_KEY
    if source == "cosmology_images":
        path = f"{entry['directory']}/{entry['part']}"
        table, key = f"{path}.csv", COSMOLOGY_KEY
    credit = entry.get("credit", CREDITS.get(source, ""))
    return {"source": source, "path": path, "table": table, "key": key, "credit": credit}


def of_pictures(config: Config, dataset: str) -> bool:
    """Return whether a dataset is made from pictures, not rendered from a survey in the COSMOS layout."""
    return config["surveys"][config["datasets"][dataset]["survey"]]["source"] in PICTURES


def has_labels(config: Config, dataset: str) -> bool:
    """Return whether a dataset's survey brings columns of its own, which nobody knows before it is read."""
    survey = config["surveys"][config["datasets"][dataset]["survey"]]
    return survey["source"] in PICTURES and survey["source"] != "hubble_deep_field"


def _shard(shard: str | int, shards: str | int) -> dict[str, int]:
    return {"shard": int(shard), "shards": int(shards)}


def picture_settings(config: Config, dataset: str, shard: str | int, shards: str | int) -> dict[str, Any]:
    """Return the settings of ``prepare_pictures``."""
    return {**_preparation(config, dataset), **_shard(shard, shards)}


def _preparation(config: Config, dataset: str) -> dict[str, Any]:
    entry = config["datasets"][dataset]
    survey = config["surveys"][entry["survey"]]
    recipe = config["preprocessing"][entry["stamps"]["preprocessing"]]
    return {
        "size": entry["stamps"]["size"],
        "preprocessing": {key: recipe[key] for key in ("border", "side", "channels", "filter")},
        "image_size": survey.get("image_size", IMAGE_SIZES.get(survey["source"])),
    }


def render_settings(config: Config, dataset: str, shard: str | int, shards: str | int) -> dict[str, Any]:
    """Return the settings of ``render_stamps``."""
    return {**_rendering(config, dataset), **_shard(shard, shards)}


def _rendering(config: Config, dataset: str) -> dict[str, Any]:
    stamps = config["datasets"][dataset]["stamps"]
    keys = ("size", "mode", "psf", "pixel_scale")
    return {**{key: stamps[key] for key in keys if key in stamps}, "seed": config["seed"]}


def stamp_settings(config: Config, dataset: str) -> dict[str, Any]:
    """Return the settings of the stage that makes a dataset's stamps, for the record."""
    if not of_pictures(config, dataset):
        return _rendering(config, dataset)
    stamps = config["datasets"][dataset]["stamps"]
    return {"mode": "picture", "recipe": stamps["preprocessing"], **_preparation(config, dataset)}


def selection_limits(config: Config, dataset: str) -> list[list[Any]]:
    """Return pairs of a column and its limits: a list, because their order is that of the cuts."""
    return [[column, limit] for column, limit in config["datasets"][dataset]["selection"]["limits"].items()]


def selection_settings(config: Config, dataset: str) -> dict[str, Any]:
    """Return the settings of ``select_stamps``."""
    entry = config["datasets"][dataset]
    return {
        "minimum_count": entry["selection"]["minimum_count"],
        "limits": selection_limits(config, dataset),
        "maximum_failed_fraction": entry["stamps"]["maximum_failed_fraction"],
    }


def dataset_settings(config: Config, dataset: str) -> dict[str, Any]:
    """Return the settings of ``build_dataset``, with all that led to the stamps for the record."""
    entry = config["datasets"][dataset]
    survey = entry["survey"]
    return {
        "dataset": dataset,
        "survey": survey,
        "value_range": entry["stamps"]["value_range"] if of_pictures(config, dataset) else None,
        "split": entry["split"],
        "seed": config["seed"],
        "recipe": {
            # A hash that is pinned after the download changes no galaxy.
            "survey": {key: value for key, value in config["surveys"][survey].items() if key != "hash"},
            "stamps": stamp_settings(config, dataset),
            "selection": selection_settings(config, dataset),
            "split": entry["split"],
            "seed": config["seed"],
        },
    }


def training_settings(config: Config, dataset: str, model: str) -> dict[str, Any]:
    """Return the settings of ``train_model``."""
    entry = config["models"][model]
    augmentation = config["datasets"][dataset].get("augmentation")
    return {
        **({"augmentation": augmentation} if augmentation else {}),
        "dataset": dataset,
        "model": model,
        "target": entry["target"],
        **run_model(config, dataset, model),
        "seed": config["seed"],
        **{key: value for key, value in config["training"].items() if key != "tensorboard"},
    }


def sample_settings(config: Config) -> dict[str, Any]:
    """Return the settings of ``draw_sample``."""
    return {"count": config["evaluation"]["count"], "seed": config["seed"], **_device_settings(config)}


def reconstruction_settings(config: Config) -> dict[str, Any]:
    """Return the settings of ``reconstruct_stamps``, ``encode_stamps`` and ``interpolate_stamps``."""
    return _device_settings(config)


def _device_settings(config: Config) -> dict[str, Any]:
    return {key: config["training"][key] for key in ("device", "threads")}


def walk_settings(config: Config) -> dict[str, Any]:
    """Return the settings of ``walk_latents``."""
    return {"seed": config["seed"], **_device_settings(config)}


def further_of(config: Config, dataset: str, model: str) -> list[str]:
    """Return the names of the further figures of a model: ways through latents, film of the training."""
    adversarial = "discriminator" in declared(config["models"][model]["target"]).get("PHASES", ())
    filmed = run_model(config, dataset, model)["recipe"].get("film") is not None
    return ["walk"] * adversarial + ["film"] * filmed


def film_settings(config: Config) -> dict[str, Any]:
    """Return the settings of ``plot_film``."""
    return {"columns": config["report"]["columns"]}


def morphology_settings(config: Config) -> dict[str, Any]:
    """Return the settings of ``measure_morphology`` for a model's stamps."""
    entry = config["evaluation"]
    return {"count": entry["count"], "morphology": entry["segmentation"]}


def real_morphology_settings(config: Config) -> dict[str, Any]:
    """Return those for real stamps: twice as many, a reference and a floor of the same size."""
    settings = reconstructed_morphology_settings(config)
    return {**settings, "count": 2 * settings["count"]}


def reconstructed_morphology_settings(config: Config) -> dict[str, Any]:
    """Return those for the reconstructions of the test split."""
    return {**morphology_settings(config), "split": "test"}


def evaluation_settings(config: Config) -> dict[str, Any]:
    """Return the settings of ``evaluate_floor`` and ``evaluate_model``."""
    keys = ("count", "parameters", "resamples")
    return {**{key: config["evaluation"][key] for key in keys}, "seed": config["seed"]}


def control_settings(config: Config, dataset: str, control: str) -> dict[str, Any]:
    """Return the settings of ``draw_control``."""
    settings = {"control": control, "count": config["evaluation"]["count"], "seed": config["seed"]}
    if control != PARAMETRIC_CONTROL:
        return settings
    stamps = config["datasets"][dataset]["stamps"]
    return {
        **settings,
        "pixel_scale": stamps.get("pixel_scale"),
        "psf_fwhm": stamps.get("psf", {}).get("fwhm"),
    }


def feature_network_settings(config: Config) -> dict[str, Any]:
    """Return the settings of ``train_feature_network``."""
    keys = ("size", "steps", "batch_size", "clusters", "stamps")
    return {**{key: config["evaluation"]["features"][key] for key in keys}, "seed": config["seed"]}


def feature_settings(config: Config) -> dict[str, Any]:
    """Return the settings of ``measure_features`` for a model's stamps."""
    return {"count": config["evaluation"]["count"]}


def real_feature_settings(config: Config) -> dict[str, Any]:
    """Return those for real stamps: twice as many, a reference and a floor of the same size."""
    return {"count": 2 * config["evaluation"]["count"], "split": "test"}


def noise_matching_settings(config: Config) -> dict[str, Any]:
    """Return the settings of ``match_noise``."""
    return {"seed": config["seed"]}


def leaderboard_settings(config: Config, dataset: str) -> dict[str, Any]:
    """Return the settings of ``build_leaderboard``."""
    return {"dataset": dataset}


def data_card_settings(config: Config, dataset: str) -> dict[str, Any]:
    """Return the settings of ``build_data_card``."""
    return {"description": config["datasets"][dataset]["description"]}


def dataset_figure_settings(config: Config, dataset: str) -> dict[str, Any]:
    """Return the settings of ``plot_dataset``."""
    return {
        "columns": config["report"]["columns"],
        "limits": selection_limits(config, dataset),
        "pictures": of_pictures(config, dataset),
    }


def preparation_figure_settings(config: Config, dataset: str) -> dict[str, Any]:
    """Return the settings of ``plot_preparation``."""
    recipe = config["datasets"][dataset]["stamps"]["preprocessing"]
    return {"recipe": recipe, "preprocessing": _preparation(config, dataset)["preprocessing"]}


def augmentation_figure_settings(config: Config, dataset: str) -> dict[str, Any]:
    """Return the settings of ``plot_augmentation``."""
    return {"augmentation": config["datasets"][dataset].get("augmentation"), "seed": config["seed"]}


def rendering_figure_settings(config: Config, dataset: str) -> dict[str, Any]:
    """Return the settings of ``plot_rendering``."""
    return {"size": config["datasets"][dataset]["stamps"]["size"], "seed": config["seed"]}


def model_figure_settings(config: Config, model: str) -> dict[str, Any]:
    """Return the settings of ``plot_model``."""
    return {"columns": config["report"]["columns"], "position": model_position(config, model)}


def evaluation_figure_settings(config: Config, model: str) -> dict[str, Any]:
    """Return the settings of ``plot_evaluation``: a control has no colour of its own."""
    known = any(name == model for _, name in run_pairs(config))
    return {"position": model_position(config, model) if known else None}


def probe_settings(config: Config) -> dict[str, Any]:
    """Return the settings of ``probe_latents``."""
    return {**config["latents"], "seed": config["seed"], **_device_settings(config)}


def latent_settings(config: Config) -> dict[str, Any]:
    """Return the settings of ``analyse_latents``."""
    return {"parameters": config["evaluation"]["parameters"], "snr": config["latents"]["snr"]}


def bounded_models(config: Config, dataset: str) -> dict[str, float]:
    """Return the models of a dataset whose divergence has a bound, and that bound in nats, least first."""
    bounds = {}
    for model in models_of(config, dataset):
        settings = run_model(config, dataset, model)["settings"]
        bound = settings.get("divergence", {}).get("bound")
        if bound is not None:
            bounds[model] = float(bound)
    return dict(sorted(bounds.items(), key=lambda item: item[1]))


def model_position(config: Config, model: str) -> int:
    """Return the place of a model among all that are defined, from 0: its colour wherever it is drawn.

    It does not hang on the runs: a further run changes no other model's figures.
    """
    return list(config["models"]).index(model)


def model_style_settings(config: Config, model: str) -> dict[str, Any]:
    """Return the settings of ``plot_latents``."""
    return {"position": model_position(config, model)}


def comparison_settings(config: Config, dataset: str) -> dict[str, Any]:
    """Return the settings of ``compare_latents``, ``compare_samples`` and ``compare_scores``."""
    models = [[model, model_position(config, model)] for model in models_of(config, dataset)]
    return {"dataset": dataset, "models": models}


def bound_settings(config: Config, dataset: str) -> dict[str, Any]:
    """Return the settings of ``compare_bounds``."""
    return {
        "models": [
            {"model": model, "position": model_position(config, model), "bound": bound}
            for model, bound in bounded_models(config, dataset).items()
        ]
    }


def recipe_of(config: Config, dataset: str, model: str) -> dict[str, Any]:
    """Return all that a model on a dataset is trained with: target, settings and recipe."""
    return {"target": config["models"][model]["target"], **run_model(config, dataset, model)}


def overrides_of(config: Config, default: Config, dataset: str, model: str) -> dict[str, Any] | None:
    """Return where a run leaves the recipe that the project has of a paper; None where it has none.

    Parameters
    ----------
    config : mapping
        As run: the default with the user's changes over it, those of ``models`` among them.
    default : mapping
        The project's own configuration.
    """
    published = default["models"].get(model)
    if published is None:
        return None
    kept = {part: published[part] for part in ("target", "settings", "recipe")}
    return differences(kept, recipe_of(config, dataset, model))


def report_settings(config: Config, default: Config) -> dict[str, Any]:
    """Return what the report says beside the files that it shows.

    Parameters
    ----------
    config : mapping
        As run.
    default : mapping
        The project's own configuration, which the recipes are compared with.
    """
    datasets = []
    for dataset in run_datasets(config):
        entry = config["datasets"][dataset]
        models = []
        for model in models_of(config, dataset):
            published = config["models"][model]
            models.append(
                {
                    "name": model,
                    "position": model_position(config, model),
                    "description": published["description"],
                    "paper": published["paper"],
                    "recipe": recipe_of(config, dataset, model),
                    "overrides": overrides_of(config, default, dataset, model),
                    "reason": run_of(config, dataset, model).get("reason", ""),
                    "further": further_of(config, dataset, model),
                }
            )
        datasets.append(
            {
                "name": dataset,
                "survey": entry["survey"],
                "simulated": config["surveys"][entry["survey"]]["source"] in SIMULATED,
                "pictures": of_pictures(config, dataset),
                "description": entry["description"],
                "models": models,
                "controls": controls_of(config, dataset),
                "bounded": bool(bounded_models(config, dataset)),
            }
        )
    # What the models' own sections do not say.
    configuration = {
        "seed": config["seed"],
        "surveys": {name: config["surveys"][name] for name in run_surveys(config)},
        "datasets": {name: config["datasets"][name] for name in run_datasets(config)},
        **{key: config[key] for key in ("runs", "training", "evaluation", "latents")},
    }
    return {"title": config["report"]["title"], "datasets": datasets, "configuration": configuration}


def report_files(config: Config) -> list[str]:
    """Return every file that the report is made from, in terms of the folder of results."""
    return [
        file
        for dataset in run_datasets(config)
        for file in dataset_report_files(
            dataset,
            {model: further_of(config, dataset, model) for model in models_of(config, dataset)},
            controls_of(config, dataset),
            bool(bounded_models(config, dataset)),
            of_pictures(config, dataset),
        )
    ]
