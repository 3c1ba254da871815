"""Families of models by name: each folder beside this module with ``settings.py`` and ``model.py`` is one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from galforge.core.registry import Registry
from galforge.models.base_settings import ModelSettings
from galforge.networks import registry as networks

MODELS: Final = Registry("galforge.models", Path(__file__).parent, "model", ModelSettings, "family")

names = MODELS.names
settings_class = MODELS.settings_class
settings = MODELS.settings
module = MODELS.module
build = MODELS.build
refusal = MODELS.refusal


def modules_of(family: str, settings: Mapping[str, Any]) -> list[str]:
    """Return the modules that a model is made of: its own and, if its settings name one, its network's.

    Only the project's; not those of other packages, which have versions of their own.
    """
    network = settings.get("network")
    modules = [module(family)] + ([networks.module(network)] if network else [])
    return [each for each in modules if each.startswith("galforge.")]
