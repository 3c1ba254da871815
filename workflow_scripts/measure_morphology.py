"""Measure the morphology of real or generated stamps with statmorph."""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from workflow_scripts.command_line import argument_parser, parse_settings, run_entry, strict
from workflow_scripts.datasets.stamp_file import SPLITS, read_catalog, read_stamps
from workflow_scripts.datasets.tables import write_table
from workflow_scripts.evaluation.halves import reference_order
from workflow_scripts.evaluation.morphology import MorphologySettings, measure_all
from workflow_scripts.evaluation.statuses import summarize_failures
from workflow_scripts.progress import announce


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
    parser.add_argument("--stamps", type=Path, required=True, help="a file of stamps")
    parser.add_argument("--split", choices=SPLITS, help="only this side of a dataset's split")
    parser.add_argument("--threads", type=_positive, default=1, help="processes side by side")
    parser.add_argument("--output", type=Path, required=True, help="table to make, a row a stamp")
    arguments = parser.parse_args()
    settings = parse_settings(Settings, arguments.settings)

    stamps = read_stamps(arguments.stamps, arguments.split)
    chosen = np.arange(len(stamps)) if arguments.split is None else reference_order(stamps.catalog)
    chosen = np.sort(chosen[: settings.count])
    stamps = stamps.take(chosen)
    table = measure_all(stamps.flux(), settings.morphology, arguments.threads)
    if "identifier" in stamps.catalog:
        table.insert(0, "identifier", stamps.catalog["identifier"].to_numpy())
    sides = read_catalog(arguments.stamps)["split"].to_numpy()
    rows = np.arange(len(sides)) if arguments.split is None else np.flatnonzero(sides == arguments.split)
    table.insert(0, "row", rows[chosen])
    failures = summarize_failures(table["status"])
    announce(
        f"Measured {int((table['status'] == 'ok').sum())} of {len(table)} stamps"
        + (f"; failed: {failures}" if failures else "")
    )
    write_table(arguments.output, table)


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return value


if __name__ == "__main__":
    run_entry(main)
