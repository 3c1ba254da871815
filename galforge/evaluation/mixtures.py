"""Stamps that are sums of two training stamps."""

import numpy as np
from numpy.typing import NDArray

from galforge.core.seeds import derive_seed
from galforge.evaluation.alignment import smoothed_light

MOST_TRAINING = 5000  # training stamps that are searched; the cost grows with them
_CANDIDATES = 60  # training stamps tried as the first of a pair
_WINDOW = 1 / 8  # width of the Gaussian that weighs the middle of a stamp, as a fraction of its side
_PARALLEL = 1e-4  # below this, two training stamps are one


def mixture_residuals(images: NDArray[np.floating], train: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return what one and what two training stamps leave of each stamp.

    A stamp is fitted by the best training stamp, and by the best pair with positive weights, where they lie;
    the stamp is tried in its eight orientations.

    Parameters
    ----------
    images, train : ndarray, shapes (N, H, W) and (M, H, W)
        Finite, square; at least two training stamps, of which at most :data:`MOST_TRAINING` are searched.

    Returns
    -------
    ndarray of float64, shape (N, 2)
        The fraction of the smoothed light's weighted square that is left by one stamp, and by two.
    """
    if len(images) == 0:
        return np.zeros((0, 2))
    if len(train) > MOST_TRAINING:
        rows = np.random.default_rng(derive_seed(0, "searched for mixtures")).permutation(len(train))
        train = train[np.sort(rows[:MOST_TRAINING])]
    known = _vectors(smoothed_light(train))
    light = smoothed_light(images)
    cosines = known @ known.T
    left = np.ones((len(images), 2))
    for mirror in (False, True):
        for turns in range(4):
            oriented = np.rot90(light[..., ::-1] if mirror else light, turns, axes=(1, 2))
            residuals = _residuals(_vectors(oriented), known, cosines)
            better = residuals[:, 1] < left[:, 1]
            left[better] = residuals[better]
    return left


def _vectors(light: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return every second pixel of smoothed stamps, weighted towards the middle, as rows of norm 1."""
    height, width = light.shape[1:]
    y, x = np.mgrid[:height, :width]
    distance = np.hypot((y - (height - 1) / 2) / height, (x - (width - 1) / 2) / width)
    weight = np.exp(-(distance**2) / (4 * (2 * _WINDOW) ** 2))
    rows = (light * weight)[:, ::2, ::2].reshape(len(light), -1)
    norm = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(norm > 0, norm, 1), dtype=np.float32)


def _residuals(
    vectors: NDArray[np.float32], known: NDArray[np.float32], cosines: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Return 1 - |projection|^2 on the best of the known rows and on the best pair of them, (N, 2).

    ``cosines`` are those of the known rows with each other, (M, M).
    """
    along = vectors @ known.T  # (N, M)
    left = np.empty((len(vectors), 2))
    for row, cosine in enumerate(along):
        first = np.argsort(-cosine, kind="stable")[:_CANDIDATES]
        between = cosines[first]  # (C, M)
        one, other = cosine[first][:, None], cosine
        apart = 1 - between**2
        explained = (one**2 - 2 * one * other * between + other**2) / np.where(
            apart > _PARALLEL, apart, np.inf
        )
        positive = (one > other * between) & (other > one * between)
        alone = float(cosine[first[0]]) ** 2
        left[row] = 1 - alone, 1 - max(alone, float(np.where(positive, explained, 0).max()))
    return np.maximum(left, 0)
