"""Draw a dataset: its stamps, and how the selection made it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.core.command_line import argument_parser, parse_settings, run_entry, strict
from galforge.core.errors import InputError
from galforge.core.tables import read_table
from galforge.datasets.normalization import normalize
from galforge.datasets.selection import Limits
from galforge.datasets.stamp_file import read_attributes, read_catalog
from galforge.datasets.stamp_rows import gather_stamps, read_images
from galforge.figures.selection import just_outside, outside_figure, selection_figure
from galforge.figures.stamp_grid import stamp_grid, stamp_strip
from galforge.figures.style import save_figure, save_picture


@strict
@dataclass(frozen=True)
class Settings:
    """Stamps in a row of the grid, which has as many rows; the selection's limits; whether of pictures."""

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


def stamps_of_rows(shards: list[Path], rows: list[int], pictures: bool) -> dict[int, NDArray[np.float32]]:
    """Return the stamp in [0, 1], shape (C, H, W), of some rows of the selection's table."""
    if not rows:
        return {}
    stamps = gather_stamps(shards, rows)
    images = stamps.image if pictures else normalize(stamps.flux()).image
    return dict(zip(rows, images, strict=True))


def main() -> None:
    """Read the dataset and its selection table, write the figures."""
    parser = argument_parser(__doc__)
    parser.add_argument("--dataset", required=True, type=Path, help="stamp file of the galaxies kept")
    parser.add_argument("--selection", required=True, type=Path, help="table of all galaxies, CSV")
    parser.add_argument("--stamps", required=True, type=Path, nargs="+", help="shards, in survey order")
    parser.add_argument("--stamps-figure", required=True, type=Path, help="grid of stamps, PNG")
    parser.add_argument("--selection-figure", required=True, type=Path, help="histograms, PNG")
    parser.add_argument("--outside-figure", required=True, type=Path, help="galaxies just rejected, PNG")
    parser.add_argument("--thumbnail-figure", required=True, type=Path, help="strip of stamps, PNG")
    arguments = parser.parse_args()
    settings = parse_settings(Settings, arguments.settings)

    catalog, attributes = read_catalog(arguments.dataset), read_attributes(arguments.dataset)
    if not len(catalog):
        raise InputError(f"{arguments.dataset}: holds no stamps")
    table = read_table(arguments.selection)
    check_same_galaxies(catalog, table, arguments.selection)

    stored = StoredImages(arguments.dataset)
    shown = stored[np.arange(min(settings.columns**2, len(catalog)))]
    kind = "Simulated" if attributes["simulated"] else "Observed"
    title = f"{kind} stamps of {attributes['dataset']}: {len(shown):,} of {len(catalog):,}"
    save_figure(stamp_grid(shown, title, settings.columns), arguments.stamps_figure)
    save_picture(stamp_strip(shown), arguments.thumbnail_figure)
    limits = dict(settings.limits)
    save_figure(selection_figure(table, limits, stored), arguments.selection_figure)
    outside = just_outside(table, limits)
    rows = [int(row) for ends in outside.values() for end in ends for row in end]
    images = stamps_of_rows(arguments.stamps, rows, settings.pictures)
    save_figure(outside_figure(table, limits, outside, images), arguments.outside_figure)


if __name__ == "__main__":
    run_entry(main)
