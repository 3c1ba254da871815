"""Tables of a survey beside its catalogue, joined by the galaxies' identifiers and never by row alone."""

from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from galforge.core.errors import InputError

IDENTIFIER = "IDENT"


def whole_numbers(name: str, values: NDArray[Any]) -> NDArray[np.int64]:
    """Return a column of whole numbers, which may be stored as others or as text.

    Raises
    ------
    ValueError
        If a value is no whole number, or a float too large to tell it from its neighbours.
    """
    if values.dtype.kind in "iuU":
        return values.astype(np.int64)
    numbers = values.astype(np.float64)
    if not ((np.abs(numbers) < 2.0**53) & (numbers == np.round(numbers))).all():
        raise ValueError(f"{name} has values that are not whole numbers")
    return numbers.astype(np.int64)


class JoinedTable:
    """A table of a survey, by the rows of its catalogue.

    Parameters
    ----------
    path : Path
        A FITS table with a column ``IDENT``. Its rows may be in any order, and be more or fewer than those
        of the catalogue.
    catalog : Path
        The survey's catalogue, for messages.
    identifiers : ndarray of int, shape (N,)
        ``IDENT`` of the catalogue.

    Attributes
    ----------
    found : ndarray of bool, shape (N,)
        Which galaxies of the catalogue have a row in the table.

    Raises
    ------
    InputError
        If the rows cannot be told apart, or belong to other galaxies.
    """

    def __init__(self, path: Path, catalog: Path, identifiers: NDArray[np.int64]) -> None:
        with fits.open(path, memmap=False) as units:
            self._table = units[1].data
        self._names = {name.lower(): name for name in self._table.columns.names}
        if IDENTIFIER.lower() not in self._names:
            raise InputError(
                f"{path}: has no column {IDENTIFIER}, by which it is joined to {catalog.name}; add it, or "
                "take the table away"
            )
        own = whole_numbers(f"{path.name}: {IDENTIFIER}", self._values(IDENTIFIER))
        self._rows = _rows_of(identifiers, own, path, catalog)
        self.found: NDArray[np.bool_] = self._rows >= 0

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._names

    def column(self, name: str) -> NDArray[np.float64]:
        """Return a column of numbers, (N, ...); NaN where a galaxy has no row in the table."""
        values = self._values(name).astype(np.float64)
        joined = values[self._rows]  # -1, for none, is the last row: overwritten
        joined[~self.found] = np.nan
        return np.asarray(joined)

    def _values(self, name: str) -> NDArray[Any]:
        return np.asarray(self._table[self._names[name.lower()]])


def _rows_of(
    wanted: NDArray[np.int64], own: NDArray[np.int64], path: Path, catalog: Path
) -> NDArray[np.int64]:
    """Return the row of each wanted identifier in a table, -1 where it has none."""
    if np.array_equal(wanted, own):
        return np.arange(len(own))
    order = np.argsort(own, kind="stable")
    places = np.searchsorted(own[order], wanted).clip(max=len(own) - 1)
    rows = np.where(own[order[places]] == wanted, order[places], -1)
    if (rows < 0).all():
        raise InputError(
            f"{path}: holds none of the galaxies of {catalog.name} ({IDENTIFIER} {own[0]} in the one, "
            f"{wanted[0]} in the other); put the table there that belongs to the catalogue"
        )
    numbers, counts = np.unique(own, return_counts=True)
    repeated = np.isin(numbers, wanted) & (counts > 1)
    if repeated.any():
        raise InputError(
            f"{path}: {IDENTIFIER} {numbers[repeated][0]} is in {counts[repeated][0]} rows: the table "
            f"cannot be joined to {catalog.name}; keep one row per {IDENTIFIER}"
        )
    return rows
