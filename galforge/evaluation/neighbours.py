"""The nearest training stamp of a stamp in the space of principal components."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_BLOCK = 256


class Neighbours(NamedTuple):
    """For each stamp: row of the nearest training stamp, and its distance."""

    row: NDArray[np.intp]
    distance: NDArray[np.float64]


def symmetries(images: NDArray[np.floating]) -> list[NDArray[np.floating]]:
    """Return stamps (N, C, H, W) in all eight orientations: rotated by quarters and mirrored."""
    turned = [np.rot90(images, turns, axes=(2, 3)) for turns in range(4)]
    return turned + [image[..., ::-1] for image in turned]


def nearest(orientations: list[NDArray[np.floating]], train: NDArray[np.floating]) -> Neighbours:
    """Return the nearest training stamps of stamps, in any of their orientations.

    Parameters
    ----------
    orientations : list of ndarray, shape (N, K)
        Coordinates of the same stamps in each orientation.
    train : ndarray, shape (M, K)
        Coordinates of the training stamps.
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
        parts.append((row, np.sqrt(exact)))
    if not parts:
        return Neighbours(np.zeros(0, np.intp), np.zeros(0))
    return Neighbours(*(np.concatenate(column) for column in zip(*parts, strict=True)))
