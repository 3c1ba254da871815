"""Ask a trained network about the samples of a model, and about the dataset's held-out stamps beside them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from galforge.core.command_line import run_entry
from galforge.core.tables import write_table
from galforge.datasets.stamp_file import read_stamps
from galforge.models.placement import Placement
from galforge.recognition.trained import load_recognizer


@dataclass(frozen=True)
class Files:
    """The network, the samples, the table that is made."""

    weights: Path
    record: Path
    sample: Path
    scores: Path


def main(files: Files, settings: Placement) -> None:
    """Write what the network predicts of each sample, by its number."""
    trained = load_recognizer(files.weights, files.record, settings)
    images = read_stamps(files.sample).image
    said = trained.ask(images)
    said.insert(0, "Id", np.arange(len(images)))
    write_table(files.scores, said)


if __name__ == "__main__":
    run_entry(main)
