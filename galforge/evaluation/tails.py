"""Which tails of the real distributions a sample leaves empty."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import fisher_exact

from galforge.evaluation.resampling import Score
from galforge.evaluation.usable import usable_matrix

TAIL = 0.1  # of the reference lies in each
LEVEL = 0.05  # probability that a sample of real stamps is said to lack any of the tails
WIDTH = "width"
_MINIMUM = 10  # usable values on each side


def missing_tails(reference: pd.DataFrame, sample: pd.DataFrame, parameters: Sequence[str]) -> list[str]:
    """Return the tails that a sample fills less than chance allows.

    The outer tenths of the reference's values are tails: of each parameter, and of the width, sigma along the
    major axis by adaptive moments, by which galaxies are selected. A tail is missing where Fisher's
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
    known, other = (
        np.column_stack([usable_matrix(table, parameters), moment_widths(table)])
        for table in (reference, sample)
    )
    names = [*parameters, WIDTH]
    level = LEVEL / (2 * len(names))
    return [
        f"{side} {name}"
        for n, name in enumerate(names)
        for side, sign in (("low", -1.0), ("high", 1.0))
        if _fewer(*(sign * column[np.isfinite(column)] for column in (known[:, n], other[:, n]))) < level
    ]


def moment_widths(table: pd.DataFrame) -> NDArray[np.float64]:
    """Return sigma along the major axis, (N,), px, by adaptive moments; NaN where there are none."""
    size, e1, e2 = usable_matrix(table, ("moments_size", "moments_e1", "moments_e2")).T
    # Of the distortion (a^2 - b^2) / (a^2 + b^2), with a b = size^2.
    distortion = np.hypot(e1, e2)
    with np.errstate(invalid="ignore", divide="ignore"):
        width = size * ((1 + distortion) / (1 - distortion)) ** 0.25
    return np.where(np.isfinite(width), width, np.nan)


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
