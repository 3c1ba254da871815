"""What statmorph measured of every stamp, as columns of a dataset's catalogue."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from galforge.core.tables import read_table
from galforge.datasets.columns import STATMORPH
from galforge.evaluation.usable import usable_matrix


def with_morphology(
    selection: pd.DataFrame, tables: Iterable[Path], parameters: Sequence[str]
) -> pd.DataFrame:
    """Return a selection with what was measured of its galaxies.

    Parameters
    ----------
    selection : DataFrame of N rows
        With ``identifier``.
    tables : iterable of Path
        Of all shards, with ``identifier``, ``status``, ``flag_sersic`` and the parameters.
    parameters : sequence of str

    Returns
    -------
    DataFrame of N rows
        With a column per parameter, whose name begins with :data:`~galforge.datasets.columns.STATMORPH`;
        NaN where a measurement cannot be trusted.
    """
    if not parameters:
        return selection
    measured = pd.concat([read_table(path) for path in tables]).drop_duplicates("identifier")
    values = pd.DataFrame(
        usable_matrix(measured, parameters),
        columns=[f"{STATMORPH}{name}" for name in parameters],
        index=measured["identifier"],
    )
    return selection.join(values, on="identifier")
