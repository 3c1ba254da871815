"""Which stamps of a file are measured."""

import numpy as np
from numpy.typing import NDArray

from galforge.datasets.stamp_file import Stamps
from galforge.evaluation.reference_split import reference_order


def measured_rows(stamps: Stamps, count: int | None, split: str | None = None) -> NDArray[np.intp]:
    """Return the rows of at most ``count`` stamps, ascending, or of all where it is None.

    Generated stamps are the first of their file. Those of a split are the first in the order in which they
    are judged: the first of a survey that is sorted by brightness would be its brightest.
    """
    if split is None:
        return np.arange(len(stamps))[:count]
    of_split = np.flatnonzero(stamps.split == split)
    return np.asarray(of_split[np.sort(reference_order(stamps.catalog.iloc[of_split])[:count])])
