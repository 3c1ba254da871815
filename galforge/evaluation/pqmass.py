"""PQMass: whether two samples put equal probability into random cells of a space."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from galforge.evaluation.resampling import Score

TESSELLATIONS = 30  # over which the statistic is averaged
_PER_CELL = 10  # stamps of both samples together, on average
_MOST_CELLS = 100
_FEWEST_CELLS = 3
_OF_ONE = 0.5  # of the scatter of one choice of centres; a test holds it to what is seen


def pqmass_score(reference: NDArray[np.float64], sample: NDArray[np.float64], seed: int) -> Score:
    """Return the chi-squared per degree of freedom by which two samples fill cells differently.

    The centres of the cells are stamps drawn from both samples; each other stamp counts in the cell of its
    nearest centre. The statistic is Pearson's for the two rows of counts, averaged over
    :data:`TESSELLATIONS` choices of centres.

    Parameters
    ----------
    reference, sample : ndarray of float64, shapes (N, F) and (M, F)
        What is known of each stamp; stamps with a value that is not finite are left out. Columns are
        brought to unit variance over both samples.
    seed : int
        For the centres.

    Returns
    -------
    Score
        About 1 for samples of one population, which the floor shows; more where they differ, in proportion
        to the number of stamps. The error is half of that of one noncentral chi-squared: the mean over
        choices of centres scatters less than one of them, but cells of the same stamps are not independent.

    References
    ----------
    Lemos et al. (2024), arXiv:2402.04355.
    """
    known, other = (side[np.isfinite(side).all(axis=1)] for side in (reference, sample))
    cells = min(_MOST_CELLS, (len(known) + len(other)) // _PER_CELL)
    if known.shape[1] == 0 or min(len(known), len(other)) <= cells or cells < _FEWEST_CELLS:
        return Score(None, None, f"too few stamps have values for {_FEWEST_CELLS} cells of {_PER_CELL}")
    generator = np.random.default_rng(seed)
    both = _standardised(np.concatenate([known, other]))
    of_sample = np.arange(len(both)) >= len(known)
    found = np.array([_per_freedom(both, of_sample, cells, generator) for _ in range(TESSELLATIONS)])
    value, freedom = float(found.mean()), cells - 1
    excess = max(value - 1, 0.0)
    return Score(value, float(_OF_ONE * np.sqrt(2 * (1 + 2 * excess) / freedom)))


def _standardised(values: NDArray[np.float64]) -> NDArray[np.float64]:
    spread = values.std(axis=0)
    return np.asarray((values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0))


def _per_freedom(
    both: NDArray[np.float64], of_sample: NDArray[np.bool_], cells: int, generator: np.random.Generator
) -> float:
    """Return chi-squared per degree of freedom for one choice of centres, which are not counted."""
    order = generator.permutation(len(both))
    centres, rest = order[:cells], order[cells:]
    cell = cdist(both[rest], both[centres]).argmin(axis=1)
    known, other = (
        np.bincount(cell[side], minlength=cells).astype(np.float64)
        for side in (~of_sample[rest], of_sample[rest])
    )
    filled = (known + other) > 0
    # Pearson's statistic of a table with two rows.
    share = np.sqrt(other.sum() / known.sum())
    terms = (known * share - other / share)[filled] ** 2 / (known + other)[filled]
    return float(terms.sum() / max(int(filled.sum()) - 1, 1))
