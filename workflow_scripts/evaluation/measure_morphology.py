"""Measure the morphology of real or generated stamps with statmorph."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from galforge.core.command_line import run_entry
from galforge.core.progress import announce, remark
from galforge.core.settings import Section
from galforge.core.tables import write_table
from galforge.datasets.stamp_file import Stamps, read_stamps
from galforge.evaluation.measured_stamps import measured_rows
from galforge.evaluation.morphology_table import measure_all
from galforge.evaluation.segmentation import Segmentation
from galforge.evaluation.statuses import summarize_failures


@dataclass(frozen=True)
class Files:
    """Files of stamps, and one table per file, one row per stamp."""

    stamps: tuple[Path, ...]
    morphology: tuple[Path, ...]


class Settings(Section):
    """At most this many stamps, the first generated ones or those of a split, and how to measure them.

    ``count`` is None for all stamps of the files.
    """

    count: int | None
    morphology: Segmentation
    split: str | None = None


def main(files: Files, settings: Settings, threads: int) -> None:
    """Measure the stamps of all files together, in ``threads`` processes."""
    chosen = [choose(path, settings) for path in files.stamps]
    # All files at once: no core waits at the end of each, and a stamp that is in two is measured once.
    # The unit does not matter to statmorph, and samples have none.
    images = [stamps.flux() if stamps.has_flux else stamps.image for stamps, _ in chosen]
    table = measure_all(np.concatenate(images), settings.morphology, threads)
    failures = summarize_failures(table["status"])
    line = f"{files.stamps[0].stem}: {int((table['status'] == 'ok').sum())} of {len(table)} stamps measured"
    announce(f"{line}; failed: {failures}") if failures else remark(line)
    first = 0
    for (stamps, rows), path in zip(chosen, files.morphology, strict=True):
        part = table.iloc[first : first + len(rows)].reset_index(drop=True)
        first += len(rows)
        if "identifier" in stamps.catalog:
            part.insert(0, "identifier", stamps.catalog["identifier"].to_numpy())
        part.insert(0, "row", rows)
        write_table(path, part)


def choose(path: Path, settings: Settings) -> tuple[Stamps, NDArray[np.intp]]:
    """Return the stamps of a file that are measured, and their rows in it."""
    stamps = read_stamps(path)
    rows = measured_rows(stamps, settings.count, settings.split)
    return stamps.take(rows), rows


if __name__ == "__main__":
    run_entry(main)
