"""Settings of the stages that lens galaxies: the keys that each uses, and no others."""

from typing import Any

from galforge.configuration.mappings import Config


def shear_settings(config: Config) -> dict[str, Any]:
    """Return the settings of ``measure_shear``."""
    return {"measurement": config["shear"], "seed": config["seed"]}
