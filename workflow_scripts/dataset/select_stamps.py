"""Decide which stamps are fit for training, and say what each cut removes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from galforge.core.command_line import run_entry
from galforge.core.errors import InputError
from galforge.core.progress import announce
from galforge.core.settings import Section
from galforge.core.tables import read_table, write_table
from galforge.datasets.limits import Limits
from galforge.datasets.selection import select

NAMED = 10  # files named in a message


@dataclass(frozen=True)
class Files:
    """Tables of the shards in survey order; that of all galaxies, and what each cut removes."""

    quality: tuple[Path, ...]
    selection: Path
    attrition: Path


class Settings(Section):
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


def check_columns(catalog: pd.DataFrame, limits: Sequence[tuple[str, Limits]]) -> None:
    """Raise InputError where a limit is on a column that the survey does not have."""
    for column, _ in limits:
        if column not in catalog:
            raise InputError(
                f"selection.limits: {column!r} is not a column of this survey; "
                f"there are {', '.join(catalog.select_dtypes('number').columns)}"
            )


def check_failures(catalog: pd.DataFrame, maximum_fraction: float) -> None:
    """Say how many galaxies could not be drawn; raise InputError where they are more than this fraction."""
    failures = catalog["render_status"][catalog["render_status"] != "ok"]
    if len(failures) > maximum_fraction * len(catalog):
        reasons = "; ".join(f"{count} {reason}" for reason, count in failures.value_counts().head(3).items())
        raise InputError(
            f"{len(failures)} of {len(catalog)} galaxies could not be drawn, more than the fraction "
            f"{maximum_fraction:g} that stamps.maximum_failed_fraction allows ({reasons})"
            f"{first_files(catalog.loc[failures.index])}"
        )
    if len(failures):
        announce(f"Not drawn: {failures.value_counts().to_dict()}{first_files(catalog.loc[failures.index])}")


def main(files: Files, settings: Settings) -> None:
    """Write the table of all galaxies and that of the cuts."""
    catalog = pd.concat([read_table(path) for path in files.quality], ignore_index=True)
    check_columns(catalog, settings.limits)
    check_failures(catalog, settings.maximum_failed_fraction)
    selection = select(catalog, dict(settings.limits))
    counts = ", ".join(f"{row.cut}: {row.remaining:,}" for row in selection.attrition.itertuples())
    announce(f"Stamps that remain after each cut: {counts}")
    kept = int(selection.kept.sum())
    if kept < settings.minimum_count:
        raise InputError(
            f"{kept} stamps pass the selection, fewer than selection.minimum_count = "
            f"{settings.minimum_count}; they remain after each cut: {counts}"
        )
    write_table(files.attrition, selection.attrition)
    write_table(files.selection, catalog.assign(kept=selection.kept, rejected_by=selection.rejected_by))


if __name__ == "__main__":
    run_entry(main)
