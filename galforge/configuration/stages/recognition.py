"""Settings of the stages of recognizers and upscalers: the keys that each uses, and no others."""

from typing import Any

from galforge.configuration.datasets import simulated_surveys
from galforge.configuration.mappings import Config, part_of
from galforge.configuration.recognizers import recognizer_of, repeats_of, variants_of
from galforge.configuration.stages.dataset import stamp_settings
from galforge.configuration.stages.training import device_settings
from galforge.upscaling.settings import UpscalerSettings


def recognizer_settings(config: Config, name: str, variant: str, repeat: str | int) -> dict[str, Any]:
    """Return the settings of ``train_recognizer``."""
    entry = recognizer_of(config, name, variant)
    keys = ("target", "network", "network_settings", "recipe", "labelled", "validate_every", "predict_step")
    return {
        "recognizer": name,
        "variant": variant,
        "repeat": int(repeat),
        **{key: entry[key] for key in keys if key in entry},
        "seed": config["seed"],
        **device_settings(config),
    }


def asking_settings(config: Config, name: str, pictures: str) -> dict[str, Any]:
    """Return the settings of ``score_pictures``, which prepares pictures as those of the dataset are."""
    stamps = stamp_settings(config, config["recognizers"][name]["dataset"])
    keys = ("size", "preprocessing")
    return {
        "pictures": config["recognizers"][name]["pictures"][pictures],
        "preparation": {**{key: stamps[key] for key in keys}, "image_size": None},
        **device_settings(config),
    }


def discriminator_settings(config: Config, name: str) -> dict[str, Any]:
    """Return the settings of ``score_by_discriminator``."""
    column = config["recognizers"][name]["target"]["columns"][0]
    return {"column": column, **device_settings(config)}


def comparing_settings(config: Config, name: str) -> dict[str, Any]:
    """Return the settings of ``compare_recognizers``: what its page says of each variant."""
    own = config["recognizers"][name]
    variants, datasets = [], [own["dataset"]]
    for variant in variants_of(config, name):
        entry = recognizer_of(config, name, variant)
        datasets += [entry["labelled"]["dataset"]] if entry.get("labelled") else []
        variants.append(
            {
                "name": variant,
                "changes": {
                    key: value
                    for key, value in own.get("variants", {}).get(variant, {}).items()
                    if key != "published"
                },
                "recipe": entry["recipe"],
                "published": entry.get("published"),
            }
        )
    return {
        "name": name,
        **{key: own.get(key, "") for key in ("description", "paper")},
        "dataset": own["dataset"],
        "target": own["target"],
        "network": own["network"],
        "network_settings": own["network_settings"],
        "repeats": len(repeats_of(config, name)),
        "variants": variants,
        "simulated": simulated_surveys(config, (config["datasets"][each]["survey"] for each in datasets)),
    }


def upscaler_figure_settings(config: Config, name: str, picture: str) -> dict[str, Any]:
    """Return the settings of ``plot_upscaled``."""
    entry = config["upscalers"][name]
    return {
        "upscaler": name,
        "picture": picture,
        "source": entry["pictures"][picture],
        "settings": part_of(entry, UpscalerSettings),
    }


def upscaler_settings(config: Config, name: str, picture: str) -> dict[str, Any]:
    """Return the settings of ``fit_upscaler``."""
    return {
        **upscaler_figure_settings(config, name, picture),
        "recipe": config["upscalers"][name]["recipe"],
        "seed": config["seed"],
        **device_settings(config),
    }


def upscaler_page_settings(config: Config, name: str) -> dict[str, Any]:
    """Return the settings of ``compare_upscaled``."""
    entry = config["upscalers"][name]
    surveys = [source["survey"] for source in entry["pictures"].values() if "survey" in source]
    return {
        "name": name,
        "description": entry["description"],
        "paper": entry.get("paper", ""),
        "simulated": simulated_surveys(config, surveys),
    }
