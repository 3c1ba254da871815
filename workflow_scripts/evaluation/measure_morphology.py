"""Measure the morphology of real or generated stamps with statmorph."""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from galforge.core.command_line import argument_parser, parse_settings, run_entry, strict
from galforge.core.progress import announce
from galforge.core.tables import write_table
from galforge.datasets.stamp_file import SPLITS, Stamps, read_catalog, read_stamps
from galforge.evaluation.morphology import MorphologySettings
from galforge.evaluation.morphology_table import measure_all
from galforge.evaluation.reference_split import reference_order
from galforge.evaluation.statuses import summarize_failures


@strict
@dataclass(frozen=True)
class Settings:
    """At most this many stamps, and how to measure them.

    Generated stamps are the first of their file. Those of a split are the first in the order in which
    they are judged: the first of a survey that is sorted by brightness would be its brightest.
    """

    count: int
    morphology: MorphologySettings


def main() -> None:
    """Run the stage."""
    parser = argument_parser(__doc__)
    parser.add_argument("--stamps", type=Path, nargs="+", required=True, help="files of stamps")
    parser.add_argument("--split", choices=SPLITS, help="only this side of a dataset's split")
    parser.add_argument("--threads", type=_positive, default=1, help="processes side by side")
    parser.add_argument("--output", type=Path, nargs="+", required=True, help="a table a file, a row a stamp")
    arguments = parser.parse_args()
    settings = parse_settings(Settings, arguments.settings)

    chosen = [choose(path, arguments.split, settings.count) for path in arguments.stamps]
    # All files at once: no core waits at the end of each, and a stamp that is in two is measured once.
    flux = np.concatenate([stamps.flux() for stamps, _ in chosen])
    table = measure_all(flux, settings.morphology, arguments.threads)
    failures = summarize_failures(table["status"])
    announce(
        f"Measured {int((table['status'] == 'ok').sum())} of {len(table)} stamps"
        + (f"; failed: {failures}" if failures else "")
    )
    first = 0
    for (stamps, rows), output in zip(chosen, arguments.output, strict=True):
        part = table.iloc[first : first + len(rows)].reset_index(drop=True)
        first += len(rows)
        if "identifier" in stamps.catalog:
            part.insert(0, "identifier", stamps.catalog["identifier"].to_numpy())
        part.insert(0, "row", rows)
        write_table(output, part)


def choose(path: Path, split: str | None, count: int) -> tuple[Stamps, NDArray[np.intp]]:
    """Return the stamps of a file that are measured, and their rows in it."""
    stamps = read_stamps(path, split)
    if split is None:
        chosen = np.arange(min(count, len(stamps)))
        return stamps.take(chosen), chosen
    chosen = np.sort(reference_order(stamps.catalog)[:count])
    rows = np.flatnonzero(read_catalog(path)["split"].to_numpy() == split)
    return stamps.take(chosen), rows[chosen]


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return value


if __name__ == "__main__":
    run_entry(main)
