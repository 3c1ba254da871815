"""What the benchmarks work on: a simulated survey, models of the configuration, real data."""

import os
from pathlib import Path
from typing import Any

import torch

from galforge.configuration.loading import default_configuration
from galforge.core.provenance import ROOT
from galforge.models.base import GenerativeModel
from galforge.models.building import build_model
from galforge.simulation.drawing import Simulation
from galforge.survey.manifest import SurveyManifest
from galforge.survey.simulated import simulate_survey

# As for the tests: where real galaxies are, which are no part of the project.
REAL_DATA = Path(os.environ.get("GALFORGE_TEST_DATA", ROOT.parent / "shared" / "data"))


def simulated_survey(folder: Path, count: int, processes: int | None = None) -> SurveyManifest:
    """Return a new survey of ``count`` galaxies, as config.yaml simulates them, on all cores by default."""
    settings = Simulation(seed=1, count=count, magnitude_limit=23.5, companion_fraction=0.12, psf_count=20)
    return simulate_survey(settings, folder, processes or os.cpu_count() or 1)


def configuration() -> dict[str, Any]:
    """Return the project's own configuration."""
    return default_configuration(ROOT)


def configured_model(name: str, image_shape: tuple[int, int, int]) -> GenerativeModel:
    """Return a model with the same weights each time, a progressive one at its full size."""
    entry = configuration()["models"][name]
    settings = dict(entry["settings"])
    if "growth_share" in settings:
        settings["growth_share"] = 1e-6
    torch.manual_seed(1)
    return build_model(entry["family"], settings, image_shape)
