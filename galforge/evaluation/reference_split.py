"""Which stamps are compared: two halves of the test split, the reference and the floor."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.core.seeds import uniform_of


def hashed_order(names: Iterable[int | str], purpose: str) -> NDArray[np.intp]:
    """Return an order of stamps by a hash of their names.

    It depends neither on the order of the survey, which may follow brightness or position, nor on
    which other galaxies are in it.

    Parameters
    ----------
    names : iterable of int or str
        Identifiers of the galaxies; all stamps of one galaxy stay together, in their own order.
    purpose : str
        Another purpose gives another order.
    """
    return np.argsort([uniform_of(0, purpose, str(name)) for name in names], kind="stable")


def stamp_names(catalog: pd.DataFrame) -> pd.Series:
    """Return what names the stamps of a table: their galaxy, or the row where none is known."""
    for column in ("identifier", "row"):
        if column in catalog:
            return catalog[column]
    return pd.Series(range(len(catalog)))


def reference_order(catalog: pd.DataFrame) -> NDArray[np.intp]:
    """Return the order in which test stamps are judged: the reference half first, then the floor's."""
    return hashed_order(stamp_names(catalog), "reference half")


def split_reference(real: pd.DataFrame, count: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Divide the real stamps into two halves of the same size, the reference and the floor.

    Every model is compared with the reference half R, and so is the floor half F. No model has seen
    these 2 n stamps: d(R, F) is by how much two samples of n real stamps differ by chance, and a model's
    d(R, n generated stamps) is compared with it at the same sample sizes. The expected distance of two
    finite samples is not zero and falls with their sizes, so a distance to all 2 n real stamps would not
    be comparable.

    Parameters
    ----------
    real : DataFrame
        Real stamps, with a column ``identifier`` or ``row``.
    count : int
        n, the number of stamps in each half; fewer where there are not 2 n of them.

    Returns
    -------
    reference, floor : DataFrame
        Arrays of the same length.
    """
    shuffled = real.iloc[reference_order(real)]
    count = min(count, len(real) // 2)
    return shuffled.iloc[:count], shuffled.iloc[count : 2 * count]
