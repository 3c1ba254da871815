"""Families of models by name: each folder beside this module with ``settings.py`` and ``model.py`` is one."""

from pathlib import Path
from typing import Final

from galforge.core.registry import Registry
from galforge.models.base_settings import ModelSettings

MODELS: Final = Registry("galforge.models", Path(__file__).parent, "model", ModelSettings, "family")

names = MODELS.names
settings_class = MODELS.settings_class
settings = MODELS.settings
module = MODELS.module
build = MODELS.build
refusal = MODELS.refusal
