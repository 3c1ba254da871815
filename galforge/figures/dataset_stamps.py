"""Stamps of a dataset, and of what its selection left out, as drawings ask for them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.core.errors import InputError
from galforge.datasets.normalization import normalize
from galforge.datasets.stamp_rows import gather_stamps


def check_same_galaxies(catalog: pd.DataFrame, table: pd.DataFrame, path: Path) -> None:
    """Raise InputError unless the table keeps exactly the galaxies of the dataset, in its order."""
    kept = table.loc[table["kept"].astype(bool), "identifier"].to_numpy()
    if not np.array_equal(kept, catalog["identifier"].to_numpy()):
        raise InputError(f"{path}: keeps other galaxies than the dataset holds")


def stamps_of_rows(
    shards: Sequence[Path], table: pd.DataFrame, rows: list[int], pictures: bool
) -> dict[int, NDArray[np.float32]]:
    """Return the stamp in [0, 1], shape (C, H, W), of these rows of the selection's table.

    Raises
    ------
    InputError
        If the shards hold other galaxies there.
    """
    if not rows:
        return {}
    stamps = gather_stamps(shards, rows)
    if not np.array_equal(stamps.catalog["identifier"], table["identifier"].iloc[rows]):
        raise InputError(f"{shards[0].parent}: holds other galaxies than the selection was made from")
    images = stamps.image if pictures else normalize(stamps.flux()).image
    return dict(zip(rows, images, strict=True))
