"""Decide which stamps are fit for training, and say what each cut removes."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from galforge.core.command_line import argument_parser, parse_settings, run_entry, strict
from galforge.core.errors import InputError
from galforge.core.progress import announce
from galforge.core.tables import read_table, write_table
from galforge.datasets.selection import Limits, select

NAMED = 10  # files named in a message


@strict
@dataclass(frozen=True)
class Settings:
    """Limits in the order of the configuration, least number of stamps, share that may fail to draw."""

    limits: list[tuple[str, Limits]]
    minimum_count: int
    maximum_failed_fraction: float


def first_files(failed: pd.DataFrame) -> str:
    """Return the first ten files of a survey of pictures that could not be used, with the reason."""
    if "file" not in failed:
        return ""
    named = (f"{row.file} ({row.render_status})" for row in failed.head(NAMED).itertuples())
    return ": " + ", ".join(named) + ", ..." * (len(failed) > NAMED)


def main() -> None:
    """Run the stage."""
    parser = argument_parser(__doc__)
    parser.add_argument("--metrics", type=Path, nargs="+", required=True, help="tables, in survey order")
    parser.add_argument("--selection", type=Path, required=True)
    parser.add_argument("--attrition", type=Path, required=True)
    arguments = parser.parse_args()
    settings = parse_settings(Settings, arguments.settings)

    catalog = pd.concat([read_table(path) for path in arguments.metrics], ignore_index=True)
    for column, _ in settings.limits:
        if column not in catalog:
            raise InputError(
                f"selection.limits: {column!r} is not a column of this survey; "
                f"there are {', '.join(catalog.select_dtypes('number').columns)}"
            )
    failures = catalog["render_status"][catalog["render_status"] != "ok"]
    if len(failures) > settings.maximum_failed_fraction * len(catalog):
        reasons = "; ".join(f"{count} {reason}" for reason, count in failures.value_counts().head(3).items())
        raise InputError(
            f"{len(failures)} of {len(catalog)} galaxies could not be drawn, more than the fraction "
            f"{settings.maximum_failed_fraction:g} that stamps.maximum_failed_fraction allows ({reasons})"
            f"{first_files(catalog.loc[failures.index])}"
        )
    if len(failures):
        announce(f"Not drawn: {failures.value_counts().to_dict()}{first_files(catalog.loc[failures.index])}")

    selection = select(catalog, dict(settings.limits))
    counts = ", ".join(f"{row.cut}: {row.remaining:,}" for row in selection.attrition.itertuples())
    announce(f"Stamps that remain after each cut: {counts}")
    kept = int(selection.kept.sum())
    if kept < settings.minimum_count:
        raise InputError(
            f"{kept} stamps pass the selection, fewer than selection.minimum_count = "
            f"{settings.minimum_count}; they remain after each cut: {counts}"
        )
    write_table(arguments.attrition, selection.attrition)
    write_table(arguments.selection, catalog.assign(kept=selection.kept, rejected_by=selection.rejected_by))


if __name__ == "__main__":
    run_entry(main)
