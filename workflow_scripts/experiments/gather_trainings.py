"""Gather what was measured of the trainings of an experiment, in one row per training and one per variant."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from galforge.core.command_line import run_entry
from galforge.core.errors import InputError
from galforge.core.tables import read_table, write_table
from galforge.datasets.stamp_file import read_stamps
from galforge.evaluation.experiment_settings import RECONSTRUCTION_RMS, ExperimentContent
from galforge.evaluation.score_records import read_scores
from galforge.evaluation.trainings import (
    Ended,
    compare_variants,
    list_trainings,
    reconstruction_rms,
)
from galforge.models.record import read_record


@dataclass(frozen=True)
class Files:
    """Record and history of each training; the tables.

    Also dataset and reconstructions of each, where these are compared, and scores, where it is judged.
    """

    record: tuple[Path, ...]
    history: tuple[Path, ...]
    trainings: Path
    variants: Path
    dataset: tuple[Path, ...] = ()
    reconstruction: tuple[Path, ...] = ()
    scores: tuple[Path, ...] = ()


def main(files: Files, settings: ExperimentContent) -> None:
    """Read all trainings, write the tables."""
    errors = [
        {RECONSTRUCTION_RMS: error_of(dataset, path)}
        for dataset, path in zip(files.dataset, files.reconstruction, strict=True)
    ]
    number = len(files.record)
    scores: list[dict[str, Any] | None] = [read_scores(path) for path in files.scores] or [None] * number
    ended = [
        Ended(read_record(record), read_table(history), further, judged)
        for record, history, further, judged in zip(
            files.record, files.history, errors or [{}] * number, scores, strict=True
        )
    ]
    try:
        trainings = list_trainings(settings, ended)
    except ValueError as error:
        raise InputError(f"experiments.{settings.experiment}.measures: {error}") from error
    write_table(files.trainings, trainings)
    measures = [*settings.measures, *([RECONSTRUCTION_RMS] if errors else [])]
    write_table(files.variants, compare_variants(trainings, measures))


def error_of(dataset: Path, reconstruction: Path) -> float:
    """Return the error of the reconstructions of a dataset's test stamps; NaN where there are none."""
    images = read_stamps(reconstruction).image
    return reconstruction_rms(read_stamps(dataset, "test").image[: len(images)], images)


if __name__ == "__main__":
    run_entry(main)
