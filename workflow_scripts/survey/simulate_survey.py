"""Make a survey of simulated galaxies in the layout of COSMOS: the files that GalSim opens."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

from galforge.core.command_line import run_entry
from galforge.simulation.drawing import Simulation
from galforge.survey.manifest import write_manifest
from galforge.survey.simulated import simulate_survey


@dataclass(frozen=True)
class Files:
    """The survey's manifest, written last, and the folder of its files."""

    manifest: Path
    folder: Path


def main(files: Files, settings: Simulation, threads: int) -> None:
    """Simulate the survey."""
    manifest = simulate_survey(settings, files.folder, threads)
    write_manifest(
        files.manifest, replace(manifest, directory=os.path.relpath(files.folder, files.manifest.parent))
    )


if __name__ == "__main__":
    run_entry(main)
