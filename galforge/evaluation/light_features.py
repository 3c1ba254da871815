"""What a classifier sees of the light of a stamp: its spectrum, profile, pixel values and noise."""

import numpy as np
from numpy.typing import NDArray

from galforge.evaluation.light import radial_profiles, ring_means

_QUANTILES = (0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999)
_BORDER = 4  # px at the upper and lower edge in which the noise is looked at
_LAGS = (1, 2, 3)
_TINY = 1e-12


def light_features(images: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return numbers that describe the light of each stamp.

    Parameters
    ----------
    images : ndarray, shape (N, H, W)
        Square, normalized.

    Returns
    -------
    ndarray of float64, shape (N, F)
        The logarithm of the power in every ring of the Fourier plane, its corners included, where a
        checkerboard is; the radial profile; quantiles of the pixels; deviation, skewness, kurtosis and
        autocorrelation of the border.
    """
    light = np.asarray(images, dtype=np.float64)
    return np.concatenate(
        [
            _spectrum(light),
            radial_profiles(light),
            np.quantile(light.reshape(len(light), -1), _QUANTILES, axis=1).T,
            _noise(light),
        ],
        axis=1,
    )


def _spectrum(images: NDArray[np.float64]) -> NDArray[np.float64]:
    side = images.shape[1]
    frequency = np.fft.fftfreq(side) * side
    ring = np.hypot(frequency[:, None], frequency).round().astype(np.intp)
    power = np.log10(np.maximum(np.abs(np.fft.fft2(images)) ** 2 / side**2, _TINY))
    return ring_means(power, ring, int(ring.max()) + 1)[:, 1:]


def _noise(images: NDArray[np.float64]) -> NDArray[np.float64]:
    border = np.concatenate([images[:, :_BORDER], images[:, -_BORDER:]], axis=2)  # (N, border, 2 W)
    border = border - border.mean(axis=(1, 2), keepdims=True)
    variance = np.maximum((border**2).mean(axis=(1, 2)), _TINY)
    along = [(border[:, :, :-lag] * border[:, :, lag:]).mean(axis=(1, 2)) / variance for lag in _LAGS]
    across = (border[:, :-1] * border[:, 1:]).mean(axis=(1, 2)) / variance
    moments = [(border**order).mean(axis=(1, 2)) / variance ** (order / 2) for order in (3, 4)]
    return np.column_stack([np.sqrt(variance), *along, across, *moments])
