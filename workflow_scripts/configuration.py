"""From the configuration to each stage's settings: exactly the keys that it uses, and no others.

Settings travel as one canonical JSON string in ``params.settings``; a changed key then reruns the
stages that read it and no others.
"""

import json
from collections.abc import Mapping
from typing import Any

from workflow_scripts.errors import ConfigurationError
from workflow_scripts.survey.cosmos_samples import CREDIT, SAMPLES, UNPACKED_LIMIT_GB
from workflow_scripts.targets import module_of

CONTROL_PREFIX = "control_"  # no model is named so
PARAMETRIC_CONTROL = "control_parametric"  # the one that is drawn from the survey, not from stamps
DOWNLOADED = ("cosmos", "url")  # the sources of surveys that are downloaded

Config = Mapping[str, Any]


def canonical(settings: Any) -> str:
    """Return settings as JSON with sorted keys: equal settings give equal text."""
    return json.dumps(settings, sort_keys=True, separators=(",", ":"))


def run_pairs(config: Config) -> list[tuple[str, str]]:
    """Return every (dataset, model) that is to be trained, in the order of ``runs``."""
    return [(run["dataset"], model) for run in config["runs"] for model in run["models"]]


def with_all_models(config: Config) -> dict[str, Any]:
    """Return the configuration whose ``runs`` are followed by those of ``all_models``.

    A model that ``runs`` trains on the same dataset is left as ``runs`` has it.
    """
    pairs = run_pairs(config)
    more = [
        {**run, "models": [model for model in run["models"] if (run["dataset"], model) not in pairs]}
        for run in config.get("all_models", [])
    ]
    return {**config, "runs": [*config["runs"], *more]}


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
    """Return the controls that are judged beside the models of a dataset."""
    return list(config["evaluation"]["controls"])


def judged_of(config: Config, dataset: str) -> list[str]:
    """Return all that is judged on a dataset: its models, then the controls."""
    return models_of(config, dataset) + controls_of(config, dataset)


def run_of(config: Config, dataset: str, model: str) -> Config:
    """Return the entry of ``runs`` or ``all_models`` that trains a model on a dataset.

    Raises
    ------
    ConfigurationError
        If there is none: a file was asked for that no run makes.
    """
    every = with_all_models(config)
    for run in every["runs"]:
        if run["dataset"] == dataset and model in run["models"]:
            return run  # type: ignore[no-any-return]
    trained = ", ".join(f"{model} on {dataset}" for dataset, model in run_pairs(every))
    raise ConfigurationError(f"runs: nothing trains {model} on {dataset}; there are: {trained}")


def model_targets(config: Config, dataset: str, model: str) -> list[str]:
    """Return the targets that a model on a dataset is made of: its own and, if it has one, its network's."""
    network = run_model(config, dataset, model)["settings"].get("network")
    return [config["models"][model]["target"]] + ([network] if network else [])


def model_modules(config: Config, dataset: str, model: str) -> list[str]:
    """Return the modules that a model's code lies in, apart from what they import."""
    return [module_of(target) for target in model_targets(config, dataset, model)]


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


def differences(base: Config, changes: Config, prefix: str = "") -> dict[str, dict[str, Any]]:
    """Return what ``changes`` alters in ``base``: dotted key to ``paper`` and ``run`` values."""
    found: dict[str, dict[str, Any]] = {}
    for key, value in changes.items():
        before = base.get(key)
        if isinstance(value, dict) and isinstance(before, dict):
            found |= differences(before, value, f"{prefix}{key}.")
        elif value != before:
            found[f"{prefix}{key}"] = {"paper": before, "run": value}
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
    if source == "simulated":
        entry["seed"] = config["seed"]
    if source == "cosmos":
        sample = SAMPLES[str(entry.pop("sample"))]
        entry = {**sample._asdict(), "credit": CREDIT, **entry}
    if source in DOWNLOADED:
        entry = {"source": source, "hash": None, "unpacked_limit_gb": UNPACKED_LIMIT_GB, **entry}
    return entry


def render_settings(config: Config, dataset: str) -> dict[str, Any]:
    """Return the settings of ``render_stamps``."""
    stamps = config["datasets"][dataset]["stamps"]
    keys = ("size", "mode", "psf", "pixel_scale")
    return {**{key: stamps[key] for key in keys if key in stamps}, "seed": config["seed"]}


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
        "split": entry["split"],
        "seed": config["seed"],
        "recipe": {
            # A hash that is pinned after the download changes no galaxy.
            "survey": {key: value for key, value in config["surveys"][survey].items() if key != "hash"},
            "stamps": render_settings(config, dataset),
            "selection": selection_settings(config, dataset),
            "split": entry["split"],
            "seed": config["seed"],
        },
    }


def training_settings(config: Config, dataset: str, model: str) -> dict[str, Any]:
    """Return the settings of ``train_model``."""
    entry = config["models"][model]
    return {
        "dataset": dataset,
        "model": model,
        "target": entry["target"],
        **run_model(config, dataset, model),
        "seed": config["seed"],
        **config["training"],
    }


def sample_settings(config: Config) -> dict[str, Any]:
    """Return the settings of ``draw_sample``."""
    return {"count": config["evaluation"]["count"], "seed": config["seed"], **config["training"]}


def reconstruction_settings(config: Config) -> dict[str, Any]:
    """Return the settings of ``reconstruct_stamps``, ``encode_stamps`` and ``interpolate_stamps``."""
    return dict(config["training"])


def morphology_settings(config: Config) -> dict[str, Any]:
    """Return the settings of ``measure_morphology`` for a model's stamps."""
    entry = config["evaluation"]
    return {"count": entry["count"], "morphology": entry["segmentation"]}


def real_morphology_settings(config: Config) -> dict[str, Any]:
    """Return those for real stamps: twice as many, a reference and a floor of the same size."""
    settings = morphology_settings(config)
    return {**settings, "count": 2 * settings["count"]}


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
    return {**config["evaluation"]["features"], "seed": config["seed"]}


def feature_settings(config: Config) -> dict[str, Any]:
    """Return the settings of ``measure_features`` for a model's stamps."""
    return {"count": config["evaluation"]["count"]}


def real_feature_settings(config: Config) -> dict[str, Any]:
    """Return those for real stamps: twice as many, a reference and a floor of the same size."""
    return {"count": 2 * config["evaluation"]["count"]}


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
    }


def rendering_figure_settings(config: Config, dataset: str) -> dict[str, Any]:
    """Return the settings of ``plot_rendering``."""
    return {"size": config["datasets"][dataset]["stamps"]["size"], "seed": config["seed"]}


def model_figure_settings(config: Config) -> dict[str, Any]:
    """Return the settings of ``plot_model``."""
    return {"columns": config["report"]["columns"]}


def report_settings(config: Config) -> dict[str, Any]:
    """Return what the report says beside the files that it shows."""
    datasets = []
    for dataset in run_datasets(config):
        entry = config["datasets"][dataset]
        models = []
        for model in models_of(config, dataset):
            published = config["models"][model]
            run = run_of(config, dataset, model)
            changes = {part: run.get(part, {}) for part in ("settings", "recipe")}
            models.append(
                {
                    "name": model,
                    "description": published["description"],
                    "paper": published["paper"],
                    "recipe": run_model(config, dataset, model),
                    "overrides": differences(published, changes),
                    "reason": run.get("reason", ""),
                }
            )
        datasets.append(
            {
                "name": dataset,
                "survey": entry["survey"],
                "simulated": config["surveys"][entry["survey"]]["source"] == "simulated",
                "description": entry["description"],
                "models": models,
            }
        )
    return {"title": config["report"]["title"], "datasets": datasets}


def report_files(config: Config, scope: str = "") -> list[tuple[str, str]]:
    """Return every file of the report with its key, paths in terms of the folder of results.

    ``scope`` is the folder, ending in a slash, of what compares models with each other; see
    ``scoped`` in rules/common.smk.
    """
    files = []
    for dataset in run_datasets(config):
        files += [
            (f"leaderboard/{dataset}", f"<results>/{scope}leaderboard/{dataset}.csv"),
            (f"attrition/{dataset}", f"<results>/selection/{dataset}/attrition.csv"),
            (f"dataset/{dataset}", f"<results>/dataset/{dataset}.h5"),
            (f"card/{dataset}", f"<results>/dataset/{dataset}.md"),
        ]
        files += [
            (f"figure/{dataset}/{figure}", f"<results>/dataset/{dataset}/{figure}.png")
            for figure in (
                "thumbnail",
                "stamps",
                "selection",
                "outside",
                "originals",
                "noise",
                "rendering",
            )
        ]
        for model in models_of(config, dataset):
            folder = f"<results>/evaluation/{dataset}/{model}"
            files += [
                (f"metrics/{dataset}/{model}", f"{folder}/metrics.json"),
                (f"model/{dataset}/{model}", f"<results>/model/{dataset}/{model}/model.json"),
            ]
            files += [
                (f"figure/{dataset}/{model}/{figure}", f"{folder}/{figure}.png")
                for figure in (
                    "thumbnail",
                    "samples",
                    "reconstructions",
                    "interpolation",
                    "curve",
                    "morphology",
                )
            ]
    return files
