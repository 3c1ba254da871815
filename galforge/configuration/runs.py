"""What a configuration says of its runs: which models are trained on which datasets, and how."""

from typing import Any, Final

from galforge.configuration.datasets import classes_of, of_pictures
from galforge.configuration.mappings import Config, differences, merged
from galforge.core.errors import ConfigurationError
from galforge.models import registry as models

CONTROL_PREFIX: Final = "control_"  # no model is named so
PARAMETRIC_CONTROL: Final = "control_parametric"  # the one that is drawn from the survey, not from stamps


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


def samples_of(config: Config, dataset: str) -> dict[str, str]:
    """Return the files of stamps that no model here made and that are judged on a dataset, by their names."""
    given = [run.get("samples") or {} for run in config["runs"] if run["dataset"] == dataset]
    return {name: path for samples in given for name, path in samples.items()}


def sample_names(config: Config) -> list[str]:
    """Return the names of stamps that no model here made, on any dataset, each once."""
    return list(dict.fromkeys(name for run in config["runs"] for name in run.get("samples") or {}))


def judged_of(config: Config, dataset: str) -> list[str]:
    """Return all that is judged on a dataset: its models, stamps of others, then the controls."""
    return models_of(config, dataset) + list(samples_of(config, dataset)) + controls_of(config, dataset)


def repeated_of(config: Config, dataset: str) -> dict[str, list[str]]:
    """Return the names of further trainings of the models of a dataset, where ``repeats`` asks for any."""
    return {
        model: [f"{model}__r{number}" for number in range(2, run["repeats"] + 1)]
        for run in config["runs"]
        if run["dataset"] == dataset and run.get("repeats", 1) > 1
        for model in run["models"]
    }


def is_trained(config: Config, dataset: str, model: str) -> bool:
    """Return whether a model is trained on a dataset, in a run or in an experiment."""
    runs = (*config["runs"], *config.get("trials", ()))
    return any(run["dataset"] == dataset and model in run["models"] for run in runs)


def run_of(config: Config, dataset: str, model: str) -> Config:
    """Return the entry of ``runs``, or of the trainings of experiments, that trains a model on a dataset.

    Raises
    ------
    ConfigurationError
        If there is none: a file was asked for that no run makes.
    """
    for run in (*config["runs"], *config.get("trials", ())):
        if run["dataset"] == dataset and model in run["models"]:
            return dict(run)
    trained = ", ".join(f"{model} on {dataset}" for dataset, model in run_pairs(config))
    raise ConfigurationError(f"runs: nothing trains {model} on {dataset}; there are: {trained}")


def run_model(config: Config, dataset: str, model: str) -> dict[str, Any]:
    """Return ``settings`` and ``recipe`` of a model on a dataset: the paper's with the run's over them."""
    run = run_of(config, dataset, model)
    entry = config["models"][model]
    return {part: merged(entry[part], run.get(part, {})) for part in ("settings", "recipe")}


def takes_dataset(config: Config, dataset: str, model: str) -> bool:
    """Return whether a model draws with its dataset: for conditions to ask for, or for PSFs."""
    family = models.settings_class(config["models"][model]["family"])
    return bool(run_of(config, dataset, model).get("conditions")) or family.in_flux


def model_modules(config: Config, dataset: str, model: str) -> list[str]:
    """Return the modules that a model's code lies in, apart from what they import."""
    return models.modules_of(config["models"][model]["family"], run_model(config, dataset, model)["settings"])


def has_walks(config: Config, model: str) -> bool:
    """Return whether a model has directions through its latents."""
    return models.settings_class(config["models"][model]["family"]).walks


def further_of(config: Config, dataset: str, model: str) -> list[str]:
    """Return the names of a model's further figures, in the order of the page."""
    explored = config["report"]["explorer"] > 0
    walks = has_walks(config, model)
    filmed = run_model(config, dataset, model)["recipe"].get("film") is not None
    asked = takes_dataset(config, dataset, model)
    sheared = (dataset, model) in sheared_pairs(config)
    lensed = ["lensed_sources", "lens_scores"] * ((dataset, model) in lensed_pairs(config))
    first = ["explorer"] * explored + ["asked"] * asked + ["shear"] * sheared + lensed
    classed = ["classes"] * bool(classes_of(config, dataset))
    return first + classed + ["walk"] * walks + ["film"] * filmed


def sheared_pairs(config: Config) -> list[tuple[str, str]]:
    """Return every (dataset, model) whose galaxies are sheared: those in flux, where ``shear`` is set."""
    return [] if config.get("shear") is None else _pairs_in_flux(config)


def lensed_pairs(config: Config) -> list[tuple[str, str]]:
    """Return every (dataset, model) whose galaxies are lensed: those in flux, where ``lenses`` is set."""
    return [] if config.get("lenses") is None else _pairs_in_flux(config)


def _pairs_in_flux(config: Config) -> list[tuple[str, str]]:
    families = {name: models.settings_class(entry["family"]) for name, entry in config["models"].items()}
    return [(dataset, model) for dataset, model in run_pairs(config) if families[model].in_flux]


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
    """Return the place of a model in the catalogue, from 0: its colour wherever it is drawn.

    A further run then redraws no other model's figures.
    """
    return list(config["models"]).index(model)


def model_label(config: Config, model: str) -> str:
    """Return what a model is called for people: its label, else its name."""
    return str(config["models"][model].get("label") or model)


def recipe_of(config: Config, dataset: str, model: str) -> dict[str, Any]:
    """Return all that a model on a dataset is trained with: family, settings and recipe."""
    return {"family": config["models"][model]["family"], **run_model(config, dataset, model)}


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
    kept = {part: published[part] for part in ("family", "settings", "recipe")}
    return differences(kept, recipe_of(config, dataset, model))
