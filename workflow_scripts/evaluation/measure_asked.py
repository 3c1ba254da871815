"""Measure what a conditional model was asked for, and galaxies in flux, beside the survey's own."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import run_entry
from galforge.core.files import write_json
from galforge.core.progress import announce
from galforge.core.tables import write_table
from galforge.datasets.stamp_file import read_attributes, read_catalog
from galforge.evaluation.asked import asked_table
from galforge.evaluation.asked_files import MeasuredFiles, read_judged, without_noise
from galforge.evaluation.asked_judgement import (
    ON_STAMPS,
    ON_TRUTH,
    AskedSettings,
    failed_numbers,
    judge_asked,
)


@dataclass(frozen=True, kw_only=True)
class Files(MeasuredFiles):
    """What is measured, and what comes of it: a table, one row per galaxy, and the numbers."""

    asked: Path
    numbers: Path


def main(files: Files, settings: AskedSettings) -> None:
    """Measure the galaxies; of a training that failed, say so."""
    dataset, sample = (read_attributes(path) for path in (files.dataset, files.stamps[0]))
    named = {
        "dataset": str(dataset["dataset"]),
        "model": str(sample["model"]),
        "survey_measured_on": ON_TRUTH if without_noise(files.dataset) else ON_STAMPS,
    }
    if not len(read_catalog(files.stamps[0])):
        reason = str(sample.get("reason", "")) or "there are no galaxies"
        write_table(files.asked, asked_table({}, settings.conditions))
        write_json(files.numbers, {**named, **failed_numbers(reason, settings.conditions)})
        return
    judged = read_judged(files, settings)
    numbers = judge_asked(judged, settings)
    write_table(files.asked, asked_table(judged.groups(), settings.conditions))
    write_json(files.numbers, {**named, **numbers})
    announce(
        f"{named['model']}: {len(numbers['columns'])} of {len(settings.conditions)} conditions measured of "
        f"{len(judged.model)} galaxies"
    )


if __name__ == "__main__":
    run_entry(main)
