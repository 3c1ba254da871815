"""The nearest training stamps of a stamp, which show whether a generator copies."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from galforge.evaluation.resampling import Resamples, Score, of_fractions, scores_of

# A stamp so much nearer to one training stamp than to the next is a copy (Yoon et al. 2023).
COPY_RATIO = 1 / 3
_BLOCK = 256


class Neighbours(NamedTuple):
    """For each stamp: row of the nearest training stamp, its distance, and that of the second nearest."""

    row: NDArray[np.intp]
    distance: NDArray[np.float64]
    second: NDArray[np.float64]


def symmetries(images: NDArray[np.floating]) -> list[NDArray[np.floating]]:
    """Return stamps (N, C, H, W) in all eight orientations: turned by quarters and mirrored."""
    turned = [np.rot90(images, turns, axes=(2, 3)) for turns in range(4)]
    return turned + [image[..., ::-1] for image in turned]


def nearest(orientations: list[NDArray[np.floating]], train: NDArray[np.floating]) -> Neighbours:
    """Return the nearest training stamps of stamps, in any of their orientations.

    Parameters
    ----------
    orientations : list of ndarray, shape (N, K)
        Coordinates of the same stamps in each orientation.
    train : ndarray, shape (M, K)
        Coordinates of the training stamps, at least two.
    """
    count = len(orientations[0])
    parts = []
    lengths = (train**2).sum(axis=1, dtype=np.float64)
    for start in range(0, count, _BLOCK):
        blocks = [np.asarray(part[start : start + _BLOCK], dtype=np.float64) for part in orientations]
        squares = [
            (block**2).sum(axis=1)[:, None] + lengths - 2 * block @ train.T.astype(np.float64)
            for block in blocks
        ]
        squared = np.minimum.reduce(squares)  # (block, M)
        row = squared.argmin(axis=1)
        # Differences of large squares leave rounding errors where a stamp is a copy, so the distance of the
        # nearest is computed again.
        exact = np.min([((block - train[row]) ** 2).sum(axis=1) for block in blocks], axis=0)
        second = np.partition(squared, 1, axis=1)[:, 1]
        parts.append((row, np.sqrt(exact), np.sqrt(np.maximum(second, exact))))
    if not parts:
        return Neighbours(np.zeros(0, np.intp), np.zeros(0), np.zeros(0))
    return Neighbours(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def is_copy(distance: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which stamps are a copy of their nearest training stamp.

    The ratio to the second nearest is used, not the distance: blurred stamps lie near many training
    stamps without being any of them.

    References
    ----------
    Yoon et al. (2023), "Diffusion probabilistic models generalize when they fail to memorize", whose
    ratio of a third this is; Webster (2023), arXiv:2305.08694.
    """
    return np.asarray(distance <= COPY_RATIO * second)


def neighbour_scores(
    reference: NDArray[np.float64], sample: NDArray[np.float64], resamples: Resamples
) -> dict[str, Score]:
    """Return the fraction of copies, and the nearest distance over that of held-out real stamps.

    Parameters
    ----------
    reference, sample : ndarray of float64, shapes (N, 2) and (M, 2)
        Columns ``distance`` and ``second`` of :class:`Neighbours`.
    resamples : Resamples

    Returns
    -------
    dict of str to Score
        ``memorized_fraction`` and ``neighbour_distance``: the ratio of the medians, 1 where samples
        lie as near to the training stamps as held-out stamps do, 0 for copies.
    """

    def statistic(known: NDArray[np.float64], other: NDArray[np.float64]) -> dict[str, float]:
        typical = float(np.median(known[:, 0]))
        return {
            "memorized_fraction": float(is_copy(other[:, 0], other[:, 1]).mean()),
            "neighbour_distance": float(np.median(other[:, 0])) / typical if typical > 0 else float("nan"),
        }

    scores = scores_of(statistic, reference, sample, resamples)
    return of_fractions(scores, ["memorized_fraction"], len(sample))
