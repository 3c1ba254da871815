"""Pictures that are the same, or nearly the same."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from galforge.pictures.hashing import near_pairs


@dataclass(frozen=True)
class Duplicates:
    """Galaxies whose pictures show the same.

    Attributes
    ----------
    groups : ndarray of int, shape (N,)
        The least identifier among those that show the same; a galaxy's own if there is no other.
    exact, near : int
        Number of galaxies whose stamp equals an earlier one pixel for pixel, and of those whose stamp
        resembles an earlier one.
    """

    groups: NDArray[np.int64]
    exact: int
    near: int

    def counts(self) -> dict[str, int]:
        """Return the numbers of exact and of near duplicates."""
        return {"exact": self.exact, "near": self.near}

    def __str__(self) -> str:
        return f"{self.exact:,} exact and {self.near:,} near duplicates"


def find_duplicates(catalog: pd.DataFrame) -> Duplicates:
    """Return the duplicates among pictures.

    Parameters
    ----------
    catalog : DataFrame of N rows
        With ``identifier``, ``pixel_digest`` and ``perceptual_hash``.

    Notes
    -----
    Resemblance is passed on: if b resembles a and c resembles b, all three are one group.
    """
    identifiers = catalog["identifier"].to_numpy(dtype=np.int64)
    count = len(identifiers)
    repeated = catalog["pixel_digest"].duplicated().to_numpy()
    pairs = np.array(near_pairs(catalog["perceptual_hash"].tolist()), dtype=np.intp).reshape(-1, 2)
    # Equal stamps have equal hashes: exact duplicates are among the pairs.
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    number, component = connected_components(links, directed=False)
    least = np.full(number, np.iinfo(np.int64).max)
    np.minimum.at(least, component, identifiers)
    return Duplicates(
        groups=least[component], exact=int(repeated.sum()), near=count - number - int(repeated.sum())
    )
