"""Which tails of the real distributions a sample leaves empty."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import fisher_exact

from galforge.evaluation.distances import usable_matrix
from galforge.evaluation.resampling import Score

TAIL = 0.1  # of the reference lies in each
LEVEL = 0.05  # probability that a sample of real stamps is said to lack any of the tails
_MINIMUM = 10  # usable values on each side


def missing_tails(reference: pd.DataFrame, sample: pd.DataFrame, parameters: Sequence[str]) -> list[str]:
    """Return the tails that a sample fills less than chance allows.

    The outer tenths of each parameter's reference values are its tails. A tail is missing where Fisher's
    exact test says that the sample has fewer values in it, at a level of 0.05 divided by the number of tails
    (Bonferroni), so that real stamps are wrongly accused once in twenty times or less.

    Parameters
    ----------
    reference, sample : DataFrame
        Measured morphology.
    parameters : sequence of str

    Returns
    -------
    list of str
        Such as ``"high rhalf_ellip"``.
    """
    known, other = usable_matrix(reference, parameters), usable_matrix(sample, parameters)
    level = LEVEL / max(2 * len(parameters), 1)
    return [
        f"{side} {name}"
        for n, name in enumerate(parameters)
        for side, sign in (("low", -1.0), ("high", 1.0))
        if _fewer(*(sign * column[np.isfinite(column)] for column in (known[:, n], other[:, n]))) < level
    ]


def _fewer(reference: NDArray[np.float64], sample: NDArray[np.float64]) -> float:
    """Return how probable it is by chance that so few values lie in the upper tail of the reference."""
    if min(len(reference), len(sample)) < _MINIMUM:
        return 1.0
    edge = np.quantile(reference, 1 - TAIL)
    in_tail = [int((values > edge).sum()) for values in (sample, reference)]
    table = [[in_tail[0], len(sample) - in_tail[0]], [in_tail[1], len(reference) - in_tail[1]]]
    return float(fisher_exact(table, alternative="less").pvalue)


def tail_scores(reference: pd.DataFrame, sample: pd.DataFrame, parameters: Sequence[str]) -> dict[str, Score]:
    """Return ``missing_tails``: how many tails a sample lacks. Chance is allowed for, so it has no error."""
    return {"missing_tails": Score(float(len(missing_tails(reference, sample, parameters))), 0.0)}
