"""Does a generator give back training stamps? The fractions of copies, in any pose, and of sums of two."""

import numpy as np
from numpy.typing import NDArray

from galforge.evaluation.resampling import Resamples, Score, of_fractions, scores_of

COLUMNS = ("copy_distance", "copy_second", "single_residual", "pair_residual")
RARE = 0.01  # of held-out stamps look like a copy
# Smooth galaxies are more nearly sums of two training stamps than real ones are: by a third, where true sums
# leave a tenth or less of what a hundredth of held-out stamps leaves.
_MIXED = 0.5
_NEAR = 0.2  # a copy is also nearer than this fraction of held-out stamps
_TINY = 1e-12


def copy_scores(
    reference: NDArray[np.float64], sample: NDArray[np.float64], resamples: Resamples
) -> dict[str, Score]:
    """Return the fractions of copies and of mixtures.

    A stamp is a copy if the ratio of its distances to the nearest and the second nearest training stamp is
    smaller than for all but one held-out stamp in a hundred, and it is nearer than four in five of them. It
    is a mixture if what the best pair of training stamps leaves of it, over what the best single one leaves,
    is less than half of what all but one held-out stamp in a hundred have.

    Parameters
    ----------
    reference, sample : ndarray of float64, shapes (N, 4) and (M, 4)
        :data:`COLUMNS` of held-out stamps and of the sample; NaN for stamps without light.
    resamples : Resamples

    Returns
    -------
    dict of str to Score
        ``memorized_fraction`` and ``mixed_fraction``. Held-out stamps have about 0.01 and 0.

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
        copied = (ratio < np.quantile(alone, RARE)) & (distance < np.quantile(near, _NEAR))
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
