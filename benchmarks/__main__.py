"""`make benchmark`: each stage against a named reference, measured in the same run on the same input.

A ratio of two times taken side by side means something on any machine; a time alone does not. What is
printed is a table for docs/benchmarks.md.
"""

import argparse
import os
import platform
import tempfile
from pathlib import Path

from benchmarks import (
    adversarial,
    drawing,
    evaluation,
    field,
    pictures,
    quality,
    rendering,
    training,
    workflow,
)
from benchmarks.inputs import REAL_DATA, simulated_survey
from benchmarks.timing import show
from galforge.core.provenance import versions

GALAXIES = 2000  # so many that opening files does not count
EVALUATED = 128  # stamps that statmorph measures, three times
PICTURES = 752
# Real pictures where they are there (twice each), JPEGs of noisy blobs where not.
GALAXY_ZOO = REAL_DATA / "galaxy_zoo"


def main() -> None:
    """Run all benchmarks and print their table."""
    argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__).parse_args()
    print(f"{os.cpu_count()} cores, {platform.machine()}, torch {versions()['torch']}, "
          f"GalSim {versions()['galsim']}\n", flush=True)  # fmt: skip
    print("| what | reference | ours | ratio | equal within |\n|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        survey = simulated_survey(Path(folder), GALAXIES)
        stamps, drawn = rendering.compare(survey)
        for comparison in drawn:
            show(comparison)
        show(quality.compare(stamps))
        for comparison in drawing.compare(survey):
            show(comparison)
        show(field.compare(survey))
        for comparison in evaluation.compare(stamps[:EVALUATED]):
            show(comparison)
        for comparison in pictures.compare(Path(folder), PICTURES, 2, GALAXY_ZOO):
            show(comparison)
        show(training.compare(stamps, batch_size=32))
        show(training.compare(stamps, batch_size=128))
        for name in adversarial.MODELS:
            show(adversarial.compare(name, stamps))
    show(workflow.compare())


if __name__ == "__main__":
    main()
