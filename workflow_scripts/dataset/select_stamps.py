"""Decide which stamps are fit for training, and say what each cut removes."""

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
from galforge.datasets.selection_checks import check_columns, failures_of


@dataclass(frozen=True)
class Files:
    """Tables of the shards in survey order; that of all galaxies, and what each cut removes."""

    quality: tuple[Path, ...]
    selection: Path
    attrition: Path


class Settings(Section):
    """Limits in the order of the configuration, least number of stamps, share that may fail to draw.

    ``preprocessing`` names that of pictures.
    """

    limits: list[tuple[str, Limits]]
    minimum_count: int
    maximum_failed_fraction: float
    preprocessing: str | None = None


def main(files: Files, settings: Settings) -> None:
    """Write the table of all galaxies and that of the cuts."""
    catalog = pd.concat([read_table(path) for path in files.quality], ignore_index=True)
    check_columns(catalog, settings.limits)
    if failures := failures_of(catalog, settings.maximum_failed_fraction, settings.preprocessing):
        announce(f"Not drawn: {failures}")
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
