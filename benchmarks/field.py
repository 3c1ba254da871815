"""A field of generated galaxies through GalSim's configuration, against one of GalSim's parametric galaxies.

    python -m benchmarks.field

The same PSF, noise, positions and shear; GalSim's are the fits of a survey's catalogue, bulge and disc or one
Sersic profile (COSMOSGalaxy). Model and catalogue are read before the clock starts.
"""

import copy
import tempfile
import time
from pathlib import Path
from typing import Any

import galsim
import yaml

import galforge.galsim
from benchmarks.inputs import simulated_survey
from benchmarks.timing import Comparison, show
from galforge.core.provenance import ROOT
from galforge.survey.manifest import SurveyManifest

EXAMPLE = ROOT / "examples/field.yaml"
GALAXIES, PROCESSES = 1000, 2
SURVEY_GALAXIES = 2000


def seconds(configuration: dict[str, Any]) -> float:
    """Return how long GalSim takes for a configuration, once what it reads is in memory."""
    warm = copy.deepcopy(configuration)
    warm["image"].update(nobjects=2, nproc=1)
    galsim.config.Process(warm)
    start = time.perf_counter()
    galsim.config.Process(copy.deepcopy(configuration))
    return time.perf_counter() - start


def compare(manifest: SurveyManifest) -> Comparison:
    """Return the rates of both kinds of galaxies."""
    galforge.galsim.GeneratedGalaxies()  # not timed: the model stays in memory
    configuration: dict[str, Any] = yaml.safe_load(EXAMPLE.read_text())
    configuration["image"].update(nobjects=GALAXIES, nproc=PROCESSES)
    placed = {name: configuration["gal"][name] for name in ("rotate", "shear")}
    with tempfile.TemporaryDirectory() as folder:
        configuration["output"] = {"dir": folder, "file_name": "field.fits"}
        catalog = {"dir": str(manifest.path), "file_name": manifest.catalog}
        parametric = configuration | {
            "modules": [],
            "input": {"cosmos_catalog": {**catalog, "exclusion_level": manifest.exclusion_level}},
            "gal": {"type": "COSMOSGalaxy", "gal_type": "parametric", **placed},
        }
        theirs, ours = seconds(parametric), seconds(configuration)
    return Comparison(
        f"field of {GALAXIES:,} generated galaxies, {PROCESSES} processes",
        "COSMOSGalaxy, parametric, in the same field",
        GALAXIES / theirs,
        GALAXIES / ours,
        "galaxies/s",
        "other galaxies",
    )


def main() -> None:
    """Simulate a survey and print the row."""
    with tempfile.TemporaryDirectory() as folder:
        show(compare(simulated_survey(Path(folder), SURVEY_GALAXIES)))


if __name__ == "__main__":
    main()
