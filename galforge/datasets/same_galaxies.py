"""Files of the same galaxies meet by row; here their identifiers are compared first."""

from pathlib import Path

import numpy as np
import pandas as pd

from galforge.core.errors import InputError

_AGAIN = "remove it to have it made again"


def check_same_galaxies(path: Path, found: pd.DataFrame, known: pd.DataFrame, beside: Path) -> None:
    """Refuse to take rows of one file for those of another that hold other galaxies.

    Parameters
    ----------
    path : Path
        The file with the rows, for the message.
    found : DataFrame of N rows
        With ``identifier``; without it there is nothing to compare, as for what a model invents.
    known : DataFrame of N rows
        With ``identifier``.
    beside : Path
        The file that they are of, for the message.

    Raises
    ------
    InputError
        If a row is of another galaxy, or one is missing.
    """
    named = "identifier" in found and "identifier" in known
    if named and not np.array_equal(found["identifier"], known["identifier"]):
        raise InputError(f"{path}: holds other galaxies than {beside}, or in another order; {_AGAIN}")


def check_rows(path: Path, table: pd.DataFrame, catalog: pd.DataFrame, beside: Path) -> None:
    """Refuse a table whose ``row`` does not lead to the galaxy that its ``identifier`` names.

    Parameters
    ----------
    path : Path
        The table's file, for the message.
    table : DataFrame
        With ``row``, a row of ``catalog``.
    catalog : DataFrame
        With ``identifier``.
    beside : Path
        The catalogue's file, for the message.
    """
    rows = table["row"].to_numpy()
    if len(rows) and not (rows.min() >= 0 and rows.max() < len(catalog)):
        raise InputError(f"{path}: has row {rows.max()}, {beside} has {len(catalog)} rows; {_AGAIN}")
    check_same_galaxies(path, table, catalog.iloc[rows], beside)
