"""How far the morphology of two samples of stamps lies apart."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import wasserstein_distance

from workflow_scripts.seeds import uniform_of

MINIMUM_COUNT = 10  # values on each side, below which a distance says nothing


class Distance(NamedTuple):
    """A distance, or why there is none.

    Attributes
    ----------
    value : float or None
    reason : str
        Empty where there is a value.
    """

    value: float | None
    reason: str


def usable_values(table: pd.DataFrame, parameter: str) -> NDArray[np.float64]:
    """Return the trustworthy values of a parameter.

    Parameters
    ----------
    table : DataFrame
        Of :func:`workflow_scripts.evaluation.morphology.measure_all`.
    parameter : str
        A column of it.

    Returns
    -------
    ndarray of float64
        The finite values of the stamps whose status is ``"ok"``; of the parameters of the Sersic fit
        only where the fit did not fail (``flag_sersic`` at most 1).
    """
    usable = table["status"] == "ok"
    if parameter.startswith("sersic_"):
        usable &= table["flag_sersic"] <= 1
    values = table.loc[usable, parameter].to_numpy(dtype=np.float64)
    return np.asarray(values[np.isfinite(values)])


def scaled_wasserstein(reference: NDArray[np.float64], sample: NDArray[np.float64]) -> Distance:
    """Return the Wasserstein-1 distance in units of the reference's standard deviation.

    Parameters
    ----------
    reference, sample : ndarray of float64, shapes (N,) and (M,)
        Finite. The two are not alike: the reference gives the unit.

    Returns
    -------
    Distance
        Without a value where a side has less than :data:`MINIMUM_COUNT` values or where the
        reference does not vary.

    Examples
    --------
    >>> values = np.arange(20.0)
    >>> scaled_wasserstein(values, values + 3 * values.std())
    Distance(value=3.0, reason='')
    """
    for name, values in (("reference", reference), ("sample", sample)):
        if len(values) < MINIMUM_COUNT:
            return Distance(None, f"the {name} has {len(values)} usable values, not {MINIMUM_COUNT}")
    deviation = reference.std()
    # Rounding may leave a deviation of some 1e-17 of values that are all the same.
    if deviation <= 1e-12 * np.abs(reference).max():
        return Distance(None, "the reference does not vary")
    return Distance(float(wasserstein_distance(reference, sample) / deviation), "")


def split_reference(real: pd.DataFrame, count: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Divide the real stamps into two halves of the same size, the reference and the floor.

    Every model is compared with the reference half R, and so is the floor half F: of 2 n real
    stamps that no model has seen, d(R, F) is what two samples of n of the same galaxies differ by
    chance, and a model's d(R, n generated stamps) is compared with it at the same sample sizes. The
    expected distance of two finite samples is not zero and falls with their sizes, so a distance to
    all 2 n real stamps would not do.

    The galaxies are shuffled by a hash of their identifier (of their row, where a table has none),
    so the halves depend neither on the order of the survey, which may follow brightness or position,
    nor on what else is in it. All stamps of a galaxy fall side by side.

    Parameters
    ----------
    real : DataFrame
        Morphology of real stamps, with a column ``identifier`` or ``row``.
    count : int
        n, the number of stamps in each half; less where there are not 2 n of them.

    Returns
    -------
    reference, floor : DataFrame
        Of the same length.
    """
    names = real["identifier" if "identifier" in real else "row"]
    order = np.argsort([uniform_of(0, "reference half", str(name)) for name in names], kind="stable")
    shuffled = real.iloc[order]
    count = min(count, len(real) // 2)
    return shuffled.iloc[:count], shuffled.iloc[count : 2 * count]
