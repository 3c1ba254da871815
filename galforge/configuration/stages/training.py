"""Settings of the stages that train a model or use a trained one: the keys that each uses."""

from typing import Any

from galforge.configuration.mappings import Config, part_of
from galforge.configuration.runs import has_walks, run_model, run_of
from galforge.evaluation.latent_trials import LatentTrials
from galforge.models.placement import Placement
from galforge.training.carrying_out import CarryingOut

FORGOTTEN = 0.1  # of the conditions in training, where a run does not say


def training_settings(config: Config, dataset: str, model: str) -> dict[str, Any]:
    """Return the settings of ``train_model``."""
    entry = config["models"][model]
    of_dataset = config["datasets"][dataset].get("augmentation")
    augmentation = run_of(config, dataset, model).get("augmentation", of_dataset)
    return {
        **({"augmentation": augmentation} if augmentation else {}),
        **_conditions(config, dataset, model),
        "dataset": dataset,
        "model": model,
        "family": entry["family"],
        **run_model(config, dataset, model),
        "seed": config["seed"],
        **part_of(config["training"], CarryingOut),
    }


def _conditions(config: Config, dataset: str, model: str) -> dict[str, Any]:
    run = run_of(config, dataset, model)
    if not run.get("conditions"):
        return {}
    return {"conditions": run["conditions"], "forgotten": run.get("forgotten", FORGOTTEN)}


def sample_settings(config: Config) -> dict[str, Any]:
    """Return the settings of ``draw_sample``."""
    return {"count": config["evaluation"]["count"], "seed": config["seed"], **device_settings(config)}


def device_settings(config: Config) -> dict[str, Any]:
    """Return where a trained network runs, all that most of the stages that use one are told."""
    return part_of(config["training"], Placement)


def walk_settings(config: Config) -> dict[str, Any]:
    """Return the settings of ``walk_latents``."""
    return {"seed": config["seed"], **device_settings(config)}


def explorer_settings(config: Config, model: str) -> dict[str, Any]:
    """Return the settings of ``explore_latents``."""
    return {
        "sliders": config["report"]["explorer"],
        "walks": has_walks(config, model),
        "seed": config["seed"],
        **device_settings(config),
    }


def grid_settings(config: Config) -> dict[str, Any]:
    """Return the settings of ``draw_grid``."""
    return {"seed": config["seed"], **device_settings(config)}


def film_settings(config: Config) -> dict[str, Any]:
    """Return the settings of ``plot_film``."""
    return {"columns": config["report"]["columns"]}


def probe_settings(config: Config) -> dict[str, Any]:
    """Return the settings of ``probe_latents``."""
    return {**part_of(config["latents"], LatentTrials), "seed": config["seed"], **device_settings(config)}
