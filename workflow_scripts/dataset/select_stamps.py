"""Decide which stamps are fit for training, and say what each cut removes."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from galforge.core.command_line import run_entry
from galforge.core.progress import announce
from galforge.core.settings import Section
from galforge.core.tables import read_table, write_table
from galforge.datasets.limits import Limits
from galforge.datasets.selection import percentiles_of, select
from galforge.datasets.selection_checks import check_columns, failures_of, remaining_after


@dataclass(frozen=True)
class Files:
    """Tables of the shards in survey order; that of all galaxies, what each cut removes, and percentiles."""

    quality: tuple[Path, ...]
    selection: Path
    attrition: Path
    percentiles: Path


class Settings(Section):
    """Limits in the order of the configuration, share that may fail to draw.

    ``preprocessing`` names that of pictures.
    """

    limits: list[tuple[str, Limits]]
    maximum_failed_fraction: float
    preprocessing: str | None = None


def main(files: Files, settings: Settings) -> None:
    """Write the table of all galaxies and those by which limits are chosen.

    That too few may be left is for build_dataset to say: what a failed job wrote, Snakemake deletes.
    """
    catalog = pd.concat([read_table(path) for path in files.quality], ignore_index=True)
    check_columns(catalog, settings.limits)
    if failures := failures_of(catalog, settings.maximum_failed_fraction, settings.preprocessing):
        announce(f"Not drawn: {failures}")
    selection = select(catalog, dict(settings.limits))
    announce(f"Stamps that remain after each cut: {remaining_after(selection.attrition)}")
    write_table(files.attrition, selection.attrition)
    write_table(files.percentiles, percentiles_of(catalog))
    write_table(files.selection, catalog.assign(kept=selection.kept, rejected_by=selection.rejected_by))


if __name__ == "__main__":
    run_entry(main)
