"""Settings of the stages from a survey to a dataset, its card and figures: the keys that each uses."""

from typing import Any

from galforge.configuration.datasets import in_flux, of_pictures, selection_limits
from galforge.configuration.mappings import Config, part_of
from galforge.pictures.picture_sources import IMAGE_SIZES
from galforge.pictures.preprocessing_settings import PreprocessingSettings
from galforge.simulation.population_settings import PopulationSettings


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
        "preprocessing": part_of(recipe, PreprocessingSettings),
        "image_size": survey.get("image_size", IMAGE_SIZES.get(survey["source"])),
    }


def render_settings(config: Config, dataset: str, shard: str | int, shards: str | int) -> dict[str, Any]:
    """Return the settings of ``render_stamps``."""
    return {**_rendering(config, dataset), **_shard(shard, shards)}


def _rendering(config: Config, dataset: str) -> dict[str, Any]:
    stamps = config["datasets"][dataset]["stamps"]
    keys = ("size", "mode", "psf", "pixel_scale")
    settings = {**{key: stamps[key] for key in keys if key in stamps}, "seed": config["seed"]}
    if in_flux(config, dataset):
        settings["conditions"] = True
    if stamps.get("truth"):
        survey = config["surveys"][config["datasets"][dataset]["survey"]]
        settings["truth"] = {**part_of(survey, PopulationSettings), "seed": config["seed"]}
    return settings


def stamp_settings(config: Config, dataset: str) -> dict[str, Any]:
    """Return the settings of the stage that makes a dataset's stamps, for the record."""
    if not of_pictures(config, dataset):
        return _rendering(config, dataset)
    stamps = config["datasets"][dataset]["stamps"]
    return {"mode": "picture", "recipe": stamps["preprocessing"], **_preparation(config, dataset)}


def stamp_morphology_settings(config: Config) -> dict[str, Any]:
    """Return the settings of ``measure_morphology`` for every stamp of a survey."""
    return {"count": None, "morphology": config["evaluation"]["segmentation"]}


def selection_settings(config: Config, dataset: str) -> dict[str, Any]:
    """Return the settings of ``select_stamps``."""
    recipe = config["datasets"][dataset]["stamps"].get("preprocessing")
    return {**_selection(config, dataset), **({"preprocessing": recipe} if recipe else {})}


def _selection(config: Config, dataset: str) -> dict[str, Any]:
    entry = config["datasets"][dataset]
    return {
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
        "minimum_count": entry["selection"]["minimum_count"],
        "split": entry["split"],
        "seed": config["seed"],
        **({"normalization": "flux"} if in_flux(config, dataset) else {}),
        **({"morphology": entry["morphology"]} if entry.get("morphology") else {}),
        "recipe": {
            # A hash that is pinned after the download changes no galaxy.
            "survey": {key: value for key, value in config["surveys"][survey].items() if key != "hash"},
            "stamps": stamp_settings(config, dataset),
            "selection": {
                "minimum_count": entry["selection"]["minimum_count"],
                **_selection(config, dataset),
            },
            **({"morphology": _morphology(config, dataset)} if entry.get("morphology") else {}),
            "split": entry["split"],
            "seed": config["seed"],
        },
    }


def _morphology(config: Config, dataset: str) -> dict[str, Any]:
    return {
        "parameters": config["datasets"][dataset]["morphology"],
        "segmentation": config["evaluation"]["segmentation"],
    }


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
