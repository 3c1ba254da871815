"""Settings of the stage that makes models ready for others."""

from typing import Any

from galforge.configuration.mappings import Config
from galforge.configuration.runs import run_of


def card_settings(config: Config, dataset: str, model: str) -> dict[str, Any]:
    """Return the settings of ``gather_model``."""
    entry = config["models"][model]
    return {
        "description": entry["description"],
        "paper": entry.get("paper", ""),
        "reason": run_of(config, dataset, model).get("reason", ""),
        "dataset_description": config["datasets"][dataset]["description"],
        "license": config["zoo"]["license"] or "",
    }
