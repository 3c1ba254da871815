"""Gaussian noise that is correlated between the pixels of a stamp."""

import numpy as np
from numpy.typing import NDArray


def correlated_noise(
    autocorrelation: NDArray[np.floating], shape: tuple[int, int], seed: int
) -> NDArray[np.float64]:
    """Return Gaussian noise of unit variance with an autocorrelation, by filtering white noise.

    Parameters
    ----------
    autocorrelation : ndarray, shape (2 K + 1, 2 K + 1)
        Lag zero in the middle.
    shape : tuple of int
        (H, W), each more than 2 K + 1.
    seed : int

    Notes
    -----
    The power spectrum is the transform of the autocorrelation (Wiener-Khinchin); where an estimated
    one is negative it is taken as zero.
    """
    lags = len(autocorrelation) // 2
    kernel = np.zeros(shape)
    kernel[: 2 * lags + 1, : 2 * lags + 1] = autocorrelation
    kernel = np.roll(kernel, (-lags, -lags), axis=(0, 1))
    power = np.clip(np.fft.fft2(kernel).real, 0.0, None)
    white = np.random.default_rng(seed).standard_normal(shape)
    noise = np.fft.ifft2(np.fft.fft2(white) * np.sqrt(power / power.mean())).real
    return np.asarray(noise)
