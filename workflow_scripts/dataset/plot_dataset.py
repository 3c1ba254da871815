"""Draw a dataset: its stamps, and how the selection made it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.core.command_line import run_entry
from galforge.core.errors import InputError
from galforge.core.settings import Section
from galforge.core.tables import read_table
from galforge.datasets.limits import Limits
from galforge.datasets.normalization import normalize
from galforge.datasets.stamp_file import read_attributes, read_catalog
from galforge.datasets.stamp_rows import gather_stamps, read_images
from galforge.figures.selection import just_outside, outside_figure, selection_figure
from galforge.figures.stamp_grid import stamp_grid, stamp_strip
from galforge.figures.style import save_figure, save_picture


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


class StoredImages:
    """The images of a stamp file, read as they are asked for: a dataset of colour stamps is tens of GB."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __getitem__(self, rows: NDArray[np.intp], /) -> NDArray[np.float32]:
        return read_images(self.path, rows)


def check_same_galaxies(catalog: pd.DataFrame, table: pd.DataFrame, path: Path) -> None:
    """Raise InputError unless the table keeps exactly the galaxies of the dataset, in its order."""
    kept = table.loc[table["kept"].astype(bool), "identifier"].to_numpy()
    if not np.array_equal(kept, catalog["identifier"].to_numpy()):
        raise InputError(f"{path}: keeps other galaxies than the dataset holds")


def stamps_of_rows(shards: Sequence[Path], rows: list[int], pictures: bool) -> dict[int, NDArray[np.float32]]:
    """Return the stamp in [0, 1], shape (C, H, W), of these rows of the selection's table."""
    if not rows:
        return {}
    stamps = gather_stamps(shards, rows)
    images = stamps.image if pictures else normalize(stamps.flux()).image
    return dict(zip(rows, images, strict=True))


def main(files: Files, settings: Settings) -> None:
    """Write the figures and the thumbnail."""
    catalog, attributes = read_catalog(files.dataset), read_attributes(files.dataset)
    if not len(catalog):
        raise InputError(f"{files.dataset}: holds no stamps")
    table = read_table(files.selection)
    check_same_galaxies(catalog, table, files.selection)

    stored = StoredImages(files.dataset)
    shown = stored[np.arange(min(settings.columns**2, len(catalog)))]
    kind = "Simulated" if attributes["simulated"] else "Observed"
    title = f"{kind} stamps of {attributes['dataset']}: {len(shown):,} of {len(catalog):,}"
    limits = dict(settings.limits)
    outside = just_outside(table, limits)
    rows = [int(row) for ends in outside.values() for end in ends for row in end]
    images = stamps_of_rows(files.stamps, rows, settings.pictures)

    selection_path, outside_path, stamps_path = files.figures
    save_figure(selection_figure(table, limits, stored), selection_path)
    save_figure(outside_figure(table, limits, outside, images), outside_path)
    save_figure(stamp_grid(shown, title, settings.columns), stamps_path)
    save_picture(stamp_strip(shown), files.thumbnail)


if __name__ == "__main__":
    run_entry(main)
