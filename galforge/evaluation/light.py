"""How light is spread over stamps: radial profiles and power spectra."""

import numpy as np
from numpy.typing import NDArray

from galforge.evaluation.resampling import Resamples, Score, score_of


def radial_profiles(images: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the mean over rings of each stamp.

    Parameters
    ----------
    images : ndarray, shape (N, H, W)

    Returns
    -------
    ndarray of float64, shape (N, K)
        Over rings 1 px wide around the middle of the stamp, the first from 0 to 1 px; K is half of
        the shorter side.
    """
    height, width = images.shape[1:]
    y, x = np.indices((height, width))
    radius = np.hypot(y - (height - 1) / 2, x - (width - 1) / 2)
    return ring_means(images, radius.astype(np.intp), min(height, width) // 2)


def power_spectra(images: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the radially averaged power spectrum of each stamp, as logarithms.

    Parameters
    ----------
    images : ndarray, shape (N, H, W)
        Square.

    Returns
    -------
    ndarray of float64, shape (N, K)
        log10 of the mean squared Fourier amplitude at 1 ... K = H / 2 cycles per stamp, each ring one
        cycle wide. The mean of a stamp, at 0, is left out.
    """
    side = images.shape[1]
    frequency = np.fft.fftfreq(side) * side
    ring = np.hypot(frequency[:, None], frequency).round().astype(np.intp)
    power = np.abs(np.fft.fft2(images)) ** 2 / side**2
    means = ring_means(power, ring, side // 2 + 1)[:, 1:]
    # A stamp without structure at a frequency has only rounding errors there.
    return np.asarray(np.log10(np.maximum(means, np.finfo(np.float64).tiny)))


def ring_means(images: NDArray[np.floating], ring: NDArray[np.intp], count: int) -> NDArray[np.float64]:
    """Return the mean of each image (N, H, W) over the pixels of each of the first rings, (N, count)."""
    inside = ring < count
    sums = np.stack([np.bincount(ring[inside], image[inside], count) for image in images])
    return np.asarray(sums / np.bincount(ring[inside], minlength=count))


def curve_difference(reference: NDArray[np.float64], sample: NDArray[np.float64]) -> float:
    """Return how far apart the mean curves of two samples lie.

    Parameters
    ----------
    reference, sample : ndarray of float64, shapes (N, K) and (M, K)
        One curve per stamp.

    Returns
    -------
    float
        Root mean square over K of the difference of the means in standard deviations of the reference.
    """
    deviation = reference.std(axis=0)
    known = deviation > 0
    if not known.any():
        return float("nan")
    difference = (sample.mean(axis=0) - reference.mean(axis=0))[known] / deviation[known]
    return float(np.sqrt((difference**2).mean()))


CURVES = {"radial_profile": radial_profiles, "power_spectrum": power_spectra}


def light_scores(
    reference: NDArray[np.floating], sample: NDArray[np.floating], curve: str, resamples: Resamples
) -> dict[str, Score]:
    """Return the difference in the mean of a curve.

    Parameters
    ----------
    reference, sample : ndarray, shapes (N, H, W) and (M, H, W)
        Normalized stamps.
    curve : str
        One of :data:`CURVES`.
    resamples : Resamples
    """
    curves = CURVES[curve]
    return score_of(curve, curve_difference, curves(reference), curves(sample), resamples)
