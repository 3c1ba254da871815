"""Settings of the stages that lens galaxies: the keys that each uses, and no others."""

from typing import Any

from galforge.configuration.mappings import Config
from galforge.configuration.stages.training import device_settings

# Sources that networks are trained on, and those that they are judged on.
TRAINING_SOURCES = ("model", "survey", "sersic")
LENSED_SOURCES = (*TRAINING_SOURCES, "held_out")


def shear_settings(config: Config) -> dict[str, Any]:
    """Return the settings of ``measure_shear``."""
    return {"measurement": config["shear"], "seed": config["seed"]}


def lens_settings(config: Config, sources: str) -> dict[str, Any]:
    """Return the settings of ``draw_lenses`` and ``train_source_reader``."""
    lenses = {"lenses": config["lenses"], "sources": sources, "seed": config["seed"]}
    return {**lenses, **device_settings(config)}
