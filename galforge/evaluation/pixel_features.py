"""What a classifier sees of the pixels of a stamp: the answers of small filters that the stamps taught."""

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans

FILTERS = 24
RINGS = 3  # of equal width, from a stamp's centre to the middle of its edge; the last has the corners too
_SIDE, _STEP = 6, 2  # px; the step from one patch to the next
_PATCHES = 5_000  # of all stamps together, from which the filters are learned
_LEAST_CONTRAST = 0.01  # of a stamp's range; a patch with less is not stretched to the contrast of others
_LEAST_VARIANCE = 0.1  # of a direction in which whitened patches vary, in that of a contrast of 1


def pixel_features(images: NDArray[np.floating], seed: int) -> NDArray[np.float64]:
    """Return how strongly each of a set of small filters answers in the centre of each stamp and around it.

    This is a convolutional network of one layer. Its filters are the centres of k-means clusters of patches,
    which are whitened and have equal contrast; its activation is the one that Coates et al. call "triangle";
    its answers are averaged over rings. The filters are learned from all stamps at once, without labels.

    Parameters
    ----------
    images : ndarray, shape (N, H, W)
        Normalized; those that are to be compared, together.
    seed : int
        For the patches and for k-means.

    Returns
    -------
    ndarray of float64, shape (N, RINGS * FILTERS)
        NaN for a stamp with values that are not finite.

    References
    ----------
    Coates, Lee & Ng (2011), An Analysis of Single-Layer Networks in Unsupervised Feature Learning, AISTATS.
    """
    shown = np.full((len(images), RINGS * FILTERS), np.nan)
    usable = np.flatnonzero(np.isfinite(images).all(axis=(1, 2)))
    if not len(usable):
        return shown
    generator = np.random.default_rng(seed)
    each = -(-_PATCHES // len(usable))
    taught = np.concatenate([generator.choice(_patches(images[row]), each) for row in usable])
    mean, whitening = _whitening(taught)
    clusters = KMeans(FILTERS, n_init=1, random_state=seed % 2**32).fit((taught - mean) @ whitening)
    rings = _rings(*images.shape[1:])
    for row in usable:
        answers = _activation((_patches(images[row]) - mean) @ whitening, clusters.cluster_centers_)
        shown[row] = (rings @ answers).ravel()
    return shown


def _patches(image: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the patches of a stamp, (P, pixels), with a mean of 0 and a contrast of about 1."""
    windows = np.lib.stride_tricks.sliding_window_view(np.asarray(image, np.float64), (_SIDE, _SIDE))
    patches = windows[::_STEP, ::_STEP].reshape(-1, _SIDE**2)
    patches = patches - patches.mean(axis=1, keepdims=True)
    return np.asarray(patches / np.sqrt((patches**2).mean(axis=1, keepdims=True) + _LEAST_CONTRAST**2))


def _whitening(patches: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean patch, and the matrix after which all directions vary alike (ZCA)."""
    mean = patches.mean(axis=0)
    variances, directions = np.linalg.eigh(np.cov(patches - mean, rowvar=False))
    return mean, directions / np.sqrt(np.maximum(variances, 0) + _LEAST_VARIANCE) @ directions.T


def _activation(patches: NDArray[np.float64], centres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return by how much each patch, (P, pixels), is nearer to each centre than to the average one."""
    squares = (patches**2).sum(axis=1)[:, None] - 2 * patches @ centres.T + (centres**2).sum(axis=1)
    distances = np.sqrt(np.maximum(squares, 0))
    return np.asarray(np.maximum(distances.mean(axis=1, keepdims=True) - distances, 0))


def _rings(height: int, width: int) -> NDArray[np.float64]:
    """Return the weight of each patch of a stamp in the mean over each ring, (RINGS, P)."""
    y, x = _STEP * np.indices([(side - _SIDE) // _STEP + 1 for side in (height, width)])
    radius = np.hypot(y - y.mean(), x - x.mean()) / ((min(height, width) - _SIDE) / 2)
    ring = np.minimum((radius * RINGS).astype(int), RINGS - 1).ravel()
    inside = (ring == np.arange(RINGS)[:, None]).astype(float)
    return np.asarray(inside / inside.sum(axis=1, keepdims=True))
