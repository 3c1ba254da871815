"""Stamps as they are compared: each normalized by itself, as the stamps of a dataset are."""

import numpy as np
from numpy.typing import NDArray

from galforge.datasets.normalization import normalize


def is_comparable(images: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Return which stamps of shape (N, C, H, W) are finite and not constant, shape (N,)."""
    usable = np.isfinite(images).all(axis=(1, 2, 3))
    usable[usable] = np.ptp(images[usable], axis=(1, 2, 3)) > 0
    return np.asarray(usable)


def comparable(images: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return stamps with minimum 0 and maximum 1; zeros where one is constant or not finite.

    Parameters
    ----------
    images : ndarray, shape (N, C, H, W)

    Returns
    -------
    ndarray of float32, shape (N, C, H, W)
    """
    normalized = np.zeros(images.shape, dtype=np.float32)
    usable = is_comparable(images)
    if usable.any():
        normalized[usable] = normalize(images[usable]).image
    return normalized


def grey(images: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return :func:`comparable` stamps of the mean over the channels, shape (N, H, W)."""
    return comparable(images.mean(axis=1, keepdims=True, dtype=np.float64))[:, 0]
