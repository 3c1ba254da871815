"""The quality of a stamp: SNR, Width and NonUniformity, Eq. 2 of Danilov (2020)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from galforge.imaging.border_noise import border_noise
from galforge.imaging.gaussian_width import gaussian_widths
from galforge.imaging.reduced_maximum import reduced_maximum


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
    return _ratio(images.max(axis=(1, 2)).astype(np.float64), mean)


def _ratio(values: NDArray[np.float64], divisor: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values over divisors, infinite where the divisor is not positive."""
    return np.asarray(np.divide(values, divisor, out=np.full(len(values), np.inf), where=divisor > 0))


def stamp_statuses(images: NDArray[np.floating]) -> NDArray[np.str_]:
    """Return ``"ok"`` for each stamp that can be normalized, or why it cannot.

    Parameters
    ----------
    images : ndarray, shape (N, C, H, W)

    Returns
    -------
    ndarray of str, shape (N,)
    """
    pixels = images.reshape(len(images), -1)
    finite = np.isfinite(pixels).all(axis=1)
    constant = (pixels == pixels[:, :1]).all(axis=1)
    return np.select([~finite, constant], ["not finite", "constant"], "ok")


def measure_quality(images: NDArray[np.floating]) -> dict[str, NDArray[Any]]:
    """Return the quality of every stamp.

    Parameters
    ----------
    images : ndarray, shape (N, H, W)
        In flux, not normalized.

    Returns
    -------
    dict of ndarray, shape (N,)
        ``border_noise``, ``snr`` (infinite where the border has no noise), ``corner_snr`` (the same with
        the noise of the corners alone), ``width`` (px; NaN where the fit failed) with ``width_status``,
        and ``non_uniformity``.
    """
    noise, corner_noise = border_noise(images), border_noise(images, corners_alone=True)
    signal = reduced_maximum(images)
    width, status = gaussian_widths(images)
    return {
        "border_noise": noise,
        "snr": _ratio(signal, noise),
        "corner_snr": _ratio(signal, corner_noise),
        "width": width,
        "width_status": status,
        "non_uniformity": non_uniformity(images),
    }
