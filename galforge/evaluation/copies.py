"""Does a generator give back training stamps? The fractions of copies, in any pose, and of sums of two."""

import numpy as np
from numpy.typing import NDArray

from galforge.evaluation.resampling import Resamples, Score, of_fractions, scores_of

COLUMNS = ("copy_distance", "copy_second", "single_residual", "pair_residual")
RARE = 0.01  # quantile of held-out stamps from which the two thresholds are taken
# By how much smaller than theirs a copy's ratio and a mixture's is. Smooth galaxies come nearer to single
# training stamps, and to sums of two, than real ones do; copies and sums of training stamps come much nearer.
_COPIED, _MIXED = 0.8, 0.5
_NEAR = 0.2  # a copy is also nearer than this fraction of held-out stamps
_TINY = 1e-12


def copy_scores(
    reference: NDArray[np.float64], sample: NDArray[np.float64], resamples: Resamples
) -> dict[str, Score]:
    """Return the fractions of copies and of mixtures.

    A stamp is a copy if its distance to the nearest training stamp, over that to the second nearest, is less
    than 0.8 times what all but one held-out stamp in a hundred have, and if it is nearer than four in five
    of them. It is a mixture if what the best pair of training stamps leaves of it, over what the best single
    one leaves, is less than half of what all but one held-out stamp in a hundred have.

    Parameters
    ----------
    reference, sample : ndarray of float64, shapes (N, 4) and (M, 4)
        :data:`COLUMNS` of held-out stamps and of the sample; NaN for stamps without light.
    resamples : Resamples

    Returns
    -------
    dict of str to Score
        ``memorized_fraction`` and ``mixed_fraction``. Held-out stamps have about 0 of each.

    References
    ----------
    The ratio: Yoon et al. (2023), "Diffusion probabilistic models generalize when they fail to memorize".
    The alignment and the thresholds are ours.
    """

    def statistic(known: NDArray[np.float64], other: NDArray[np.float64]) -> dict[str, float]:
        known = known[np.isfinite(known).all(axis=1)]
        if len(known) < 2:
            return dict.fromkeys(("memorized_fraction", "mixed_fraction"), float("nan"))
        (near, alone, pair), (distance, ratio, left) = _evidence(known), _evidence(other)
        # NaN is below nothing: a stamp without light is no copy.
        copied = (ratio < _COPIED * np.quantile(alone, RARE)) & (distance < np.quantile(near, _NEAR))
        return {
            "memorized_fraction": float(copied.mean()),
            "mixed_fraction": float((left < _MIXED * np.quantile(pair, RARE)).mean()),
        }

    scores = scores_of(statistic, reference, sample, resamples)
    return of_fractions(scores, list(scores), len(sample))


def _evidence(columns: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Return the nearest distance, its ratio to the second, and the pair's residual over the single's."""
    nearest, second, single, pair = columns.T
    return nearest, nearest / np.maximum(second, _TINY), pair / np.maximum(single, _TINY)
