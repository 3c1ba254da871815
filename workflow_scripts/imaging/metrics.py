"""The quality metrics of a stamp, Eq. 2 of Danilov (2020)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.imaging.border_noise import border_noise
from workflow_scripts.imaging.gaussian_width import gaussian_widths

REDUCED_SIZE = 16  # px, side of the reduced stamp whose maximum is I_1/4


def reduced_maximum(images: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return I_1/4, the maximum of each stamp reduced to 16 x 16.

    The reduction is the mean over blocks, which keeps the surface brightness and adds no overshoot;
    the paper does not name its method, and its published code's bicubic reduction overshoots at
    bright cores. Where the side is not a multiple of 16 the blocks are the nearest whole pixels.

    Parameters
    ----------
    images : ndarray, shape (N, H, W)

    Returns
    -------
    ndarray of float64, shape (N,)
        In the units of the images.
    """
    reduced = np.asarray(images, dtype=np.float64)
    for axis in (1, 2):
        size = reduced.shape[axis]
        if size < REDUCED_SIZE:
            raise ValueError(f"a stamp of {size} px cannot be reduced to {REDUCED_SIZE} px")
        edges = np.linspace(0, size, REDUCED_SIZE + 1).round().astype(int)
        shape = [1, 1, 1]
        shape[axis] = REDUCED_SIZE
        reduced = np.add.reduceat(reduced, edges[:-1], axis=axis) / np.diff(edges).reshape(shape)
    return np.asarray(reduced.max(axis=(1, 2)))


def non_uniformity(images: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return maximum over mean of each stamp, Eq. 2; infinite where the mean is not positive.

    Parameters
    ----------
    images : ndarray, shape (N, H, W)

    Returns
    -------
    ndarray of float64, shape (N,)
    """
    mean = images.mean(axis=(1, 2), dtype=np.float64)
    maximum = images.max(axis=(1, 2)).astype(np.float64)
    return np.asarray(np.divide(maximum, mean, out=np.full(len(images), np.inf), where=mean > 0))


def measure_metrics(images: NDArray[np.floating]) -> dict[str, NDArray[Any]]:
    """Return every metric of every stamp.

    Parameters
    ----------
    images : ndarray, shape (N, H, W)
        In flux, not normalized.

    Returns
    -------
    dict of ndarray, shape (N,)
        ``border_noise``, ``snr`` (infinite where the border has no noise), ``width`` (px; NaN where
        the fit failed) with ``width_status``, and ``non_uniformity``.
    """
    noise = border_noise(images)
    signal = reduced_maximum(images)
    width, status = gaussian_widths(images)
    return {
        "border_noise": noise,
        "snr": np.divide(signal, noise, out=np.full(len(images), np.inf), where=noise > 0),
        "width": width,
        "width_status": status,
        "non_uniformity": non_uniformity(images),
    }
