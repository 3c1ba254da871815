"""Which measurements of statmorph can be trusted."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def usable_matrix(table: pd.DataFrame, parameters: Sequence[str]) -> NDArray[np.float64]:
    """Return measured parameters, NaN where they cannot be trusted.

    Parameters
    ----------
    table : DataFrame of N rows
        From :func:`galforge.evaluation.morphology_table.measure_all`.
    parameters : sequence of str
        P columns of it.

    Returns
    -------
    ndarray of float64, shape (N, P)
        The finite values of the stamps whose status is ``"ok"``; of the parameters of the Sersic fit
        only where the fit did not fail (``flag_sersic`` at most 1).
    """
    values = table[list(parameters)].to_numpy(dtype=np.float64, copy=True)
    values[~np.isfinite(values)] = np.nan
    values[(table["status"] != "ok").to_numpy()] = np.nan
    fits = np.array([name.startswith("sersic_") for name in parameters])
    if fits.any():
        values[np.ix_(~(table["flag_sersic"] <= 1).to_numpy(), fits)] = np.nan
    return np.asarray(values)


def usable_values(table: pd.DataFrame, parameter: str) -> NDArray[np.float64]:
    """Return the trustworthy values of a parameter (see :func:`usable_matrix`)."""
    values = usable_matrix(table, [parameter])[:, 0]
    return np.asarray(values[np.isfinite(values)])
