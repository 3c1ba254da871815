"""Selection of stamps for training: limits of columns, and the number that each limit removes."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.datasets.limits import Limits

_NAMES = ("identifier", "survey_row")  # numbers, but not quantities


class Selection(NamedTuple):
    """The outcome of a selection.

    Attributes
    ----------
    kept : ndarray of bool, shape (N,)
    rejected_by : ndarray of str, shape (N,)
        The first cut that rejects the galaxy; empty where it is kept.
    attrition : DataFrame
        One row per cut, in order: ``cut``, ``removed_alone``, ``removed_in_sequence``, ``remaining``.
    """

    kept: NDArray[np.bool_]
    rejected_by: NDArray[np.str_]
    attrition: pd.DataFrame


PERCENTILES = (0, 1, 5, 10, 25, 50, 75, 90, 95, 99, 100)


def percentiles_of(catalog: pd.DataFrame) -> pd.DataFrame:
    """Return how each quantity is distributed over the stamps that were drawn, to choose limits by.

    Parameters
    ----------
    catalog : DataFrame
        With ``render_status``.

    Returns
    -------
    DataFrame
        One row per column of numbers: ``quantity``, ``stamps`` with a value, ``missing``, and ``p0`` (the
        least value) to ``p100`` (the largest).
    """
    drawn = catalog[catalog["render_status"] == "ok"]
    rows = []
    for name in drawn.select_dtypes("number").columns.difference(_NAMES, sort=False):
        values = drawn[name].to_numpy(dtype=np.float64)
        finite = values[np.isfinite(values)]
        found = np.percentile(finite, PERCENTILES) if len(finite) else np.full(len(PERCENTILES), np.nan)
        columns = {f"p{percent}": value for percent, value in zip(PERCENTILES, found, strict=True)}
        rows.append(
            {"quantity": name, "stamps": len(finite), "missing": len(values) - len(finite), **columns}
        )
    return pd.DataFrame(rows)


def select(catalog: pd.DataFrame, limits: Mapping[str, Limits]) -> Selection:
    """Apply limits in order, after the requirement that a galaxy has been drawn.

    Parameters
    ----------
    catalog : DataFrame of N rows
        With ``render_status`` and every column that a limit names.
    limits : mapping of str to Limits

    Returns
    -------
    Selection

    Raises
    ------
    KeyError
        If a limit names a column that the catalogue lacks.
    """
    cuts = {"drawn": (catalog["render_status"] == "ok").to_numpy()}
    for column, limit in limits.items():
        cuts[f"{column} {limit}"] = limit.admits(catalog[column])

    kept = np.ones(len(catalog), dtype=bool)
    rejected_by = np.full(len(catalog), "", dtype=object)
    rows = [{"cut": "all galaxies", "removed_alone": 0, "removed_in_sequence": 0, "remaining": len(catalog)}]
    for name, admitted in cuts.items():
        removed = kept & ~admitted
        rejected_by[removed] = name
        kept &= admitted
        rows.append(
            {
                "cut": name,
                "removed_alone": int((~admitted).sum()),
                "removed_in_sequence": int(removed.sum()),
                "remaining": int(kept.sum()),
            }
        )
    return Selection(kept, rejected_by.astype(str), pd.DataFrame(rows))
