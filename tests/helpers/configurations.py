"""Configurations as a run has them: the project's own, with overlays over it."""

from pathlib import Path

from galforge.configuration.loading import (
    default_configuration,
    known_experiments,
    read_yaml,
    run_configuration,
)
from galforge.configuration.mappings import merged
from galforge.models import registry as models

PROJECT = Path(__file__).resolve().parents[2]


def default():
    """Return the project's own configuration, to be changed at will."""
    return default_configuration(PROJECT)


def overlaid(*overlays):
    """Return the project's own configuration with these files of the project over it."""
    changes = {}
    for overlay in overlays:
        changes = merged(changes, read_yaml(PROJECT / overlay))
    return run_configuration(default(), changes, known_experiments(PROJECT))


def with_pictures():
    """Return the default with the deep field, the cosmology fields and all recipes of pictures beside it."""
    config = default()
    for name in ("colour", "cosmology"):
        overlay = read_yaml(PROJECT / "config" / f"{name}.yaml")
        config = merged(config, {key: overlay[key] for key in ("surveys", "preprocessing", "datasets")})
    papers = read_yaml(PROJECT / "config" / "paper_galaxy_zoo.yaml")
    return merged(config, {"preprocessing": papers["preprocessing"]})


def quick_settings(entry):
    """Return a model's settings, of a diffusion with few steps: what is asked of it is the same."""
    if models.settings_class(entry["family"]).model_fields.keys() >= {"sampler", "noise"}:
        return merged(entry["settings"], {"sampler": {"steps": 5}})
    return entry["settings"]
