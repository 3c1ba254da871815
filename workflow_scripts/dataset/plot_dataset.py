"""Draw a dataset: its stamps, and how the selection made it."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from galforge.core.command_line import run_entry
from galforge.core.errors import InputError
from galforge.core.settings import Section
from galforge.core.tables import read_table
from galforge.datasets.limits import Limits
from galforge.datasets.same_galaxies import check_same_galaxies
from galforge.datasets.stamp_file import read_attributes, read_catalog
from galforge.datasets.stamp_rows import read_images
from galforge.figures.dataset_stamps import stamps_of_rows
from galforge.figures.selection import just_outside, outside_figure, selection_figure
from galforge.figures.stamp_grid import stamp_grid, stamp_strip
from galforge.figures.style import save_drawn, save_figures


@dataclass(frozen=True)
class Files:
    """The dataset, stamp files of the shards in survey order, what was selected; the drawings."""

    dataset: Path
    stamps: tuple[Path, ...]
    selection: Path
    figures: tuple[Path, Path, Path]
    thumbnail: Path


class Settings(Section):
    """Stamps per row of the grid, which has as many rows; the selection's limits; whether of pictures."""

    columns: int
    limits: list[tuple[str, Limits]]
    pictures: bool = False


def main(files: Files, settings: Settings) -> None:
    """Write the figures and the thumbnail."""
    catalog, attributes = read_catalog(files.dataset), read_attributes(files.dataset)
    if not len(catalog):
        raise InputError(f"{files.dataset}: holds no stamps")
    table = read_table(files.selection)
    check_same_galaxies(files.selection, table[table["kept"].astype(bool)], catalog, files.dataset)

    # As they are asked for: a dataset of colour stamps is tens of GB.
    stored = partial(read_images, files.dataset)
    shown = stored(np.arange(min(settings.columns**2, len(catalog))))
    kind = "Simulated" if attributes["simulated"] else "Observed"
    title = f"{kind} stamps of {attributes['dataset']}: {len(shown):,} of {len(catalog):,}"
    limits = dict(settings.limits)

    def draw_outside() -> Figure:
        outside = just_outside(table, limits)
        rows = [int(row) for ends in outside.values() for end in ends for row in end]
        images = stamps_of_rows(files.stamps, files.selection, table, rows, settings.pictures)
        return outside_figure(table, limits, outside, images)

    drawings = {
        "selection": lambda: selection_figure(table, limits, stored),
        "outside": draw_outside,
        "stamps": lambda: stamp_grid(shown, title, settings.columns),
    }
    save_figures(drawings, files.figures)
    save_drawn(lambda: stamp_strip(shown), files.thumbnail, vectors=False)


if __name__ == "__main__":
    run_entry(main)
