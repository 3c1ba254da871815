"""Stamps of a dataset, and of what its selection left out, as drawings ask for them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.datasets.normalization import normalize
from galforge.datasets.same_galaxies import check_same_galaxies
from galforge.datasets.stamp_rows import gather_stamps


def stamps_of_rows(
    shards: Sequence[Path], selection: Path, table: pd.DataFrame, rows: list[int], pictures: bool
) -> dict[int, NDArray[np.float32]]:
    """Return the stamp in [0, 1], shape (C, H, W), of these rows of ``table``, which is ``selection``'s.

    Raises
    ------
    InputError
        If the shards hold other galaxies there.
    """
    if not rows:
        return {}
    stamps = gather_stamps(shards, rows)
    check_same_galaxies(shards[0].parent, stamps.catalog, table.iloc[rows], selection)
    images = stamps.image if pictures else normalize(stamps.flux()).image
    return dict(zip(rows, images, strict=True))
