"""From a selection to a dataset: a side of the split for each galaxy, and its stamp, normalized."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.core.errors import InputError
from galforge.datasets.columns import STATMORPH
from galforge.datasets.normalization import normalize
from galforge.datasets.stamp_file import SPLITS, Stamps, read_stamps

# What a dataset takes over from the selection's table.
QUALITY = (
    "border_noise", "catalog_noise", "snr", "corner_snr", "width", "width_arcsec", "width_status",
    "non_uniformity",
)  # fmt: skip

_AGAIN = "remove the folders selection/ and quality/ of the results to have it made again"


def count_sides(sides: NDArray[np.str_], dataset: str) -> dict[str, int]:
    """Return how many stamps there are on each side of the split.

    Raises
    ------
    InputError
        If a side has none.
    """
    counts = {side: int((sides == side).sum()) for side in SPLITS}
    for side, count in counts.items():
        if count == 0:
            raise InputError(
                f"dataset {dataset}: no {side} stamps among {len(sides)} selected; widen "
                f"selection.limits or change split.{'test' if side == 'train' else side}"
            )
    return counts


def selected_stamps(shard: Stamps, decided: pd.DataFrame, unchanged: bool) -> Stamps:
    """Return a shard's selected stamps, with their quality and their side of the split.

    Parameters
    ----------
    shard : Stamps
        N of them.
    decided : DataFrame of N rows
        The selection among them: ``kept``, the quality, and ``side`` of those kept.
    unchanged : bool
        Whether the stamps stay as they are: those prepared from pictures are in [0, 1] already, and those of
        a dataset in flux share one unit. Else each is scaled to [0, 1] by its own minimum and maximum.
    """
    kept = decided["kept"].to_numpy(dtype=bool)
    stamps = shard.take(kept)
    images = (stamps.image, stamps.offset, stamps.scale) if unchanged else normalize(stamps.flux())
    catalog = stamps.catalog.reset_index(drop=True)
    for name in decided:
        if name in QUALITY or name.startswith(STATMORPH):
            catalog[name] = decided.loc[kept, name].to_numpy()
    return Stamps(*images, catalog=catalog, split=decided.loc[kept, "side"].to_numpy(dtype=str))


def dataset_blocks(shards: Iterable[Path], selection: pd.DataFrame, unchanged: bool) -> Iterator[Stamps]:
    """Yield the selected stamps of each shard; the selection has one row per galaxy of all shards."""
    row = 0
    for path in shards:
        shard = read_stamps(path)
        decided = selection.iloc[row : row + len(shard)].reset_index(drop=True)
        row += len(shard)
        if not np.array_equal(decided["identifier"], shard.catalog["identifier"]):
            raise InputError(f"{path}: holds other galaxies than the selection was made from; {_AGAIN}")
        yield selected_stamps(shard, decided, unchanged)
    if row != len(selection):
        raise InputError(f"the selection is of {len(selection):,} galaxies, the stamps are {row:,}; {_AGAIN}")
