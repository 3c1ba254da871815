"""Gives generated stamps the noise of real ones.

A network that averages returns galaxies without noise. Every morphological measure sees that first,
so a generated stamp gets the noise of a real one before it is compared.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from galforge.core.seeds import derive_seed
from galforge.evaluation.comparable import is_comparable
from galforge.imaging.border_noise import border_noise
from galforge.imaging.correlated_noise import correlated_noise

LAGS = 4  # px: the noise of HST stamps is correlated over two or three
ALIKE = 25  # stamps over which an autocorrelation is averaged
CORNER = 4  # corners are a quarter of the side, as the sky box of statmorph
# Two measurements of the same noise at the border differ by a tenth (scatter over real stamps); a stamp
# within a quarter of its level has its noise already, and a real stamp stays as it is.
TOLERANCE = 0.25


def sky_level(images: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the median of the outermost pixels of stamps (N, H, W), shape (N,)."""
    edges = [images[:, 0], images[:, -1], images[:, 1:-1, 0], images[:, 1:-1, -1]]
    return np.asarray(np.median(np.concatenate(edges, axis=1), axis=1), dtype=np.float64)


def noise_autocorrelation(image: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the autocorrelation of a stamp's noise, from its two quietest corners.

    Parameters
    ----------
    image : ndarray, shape (H, W)

    Returns
    -------
    ndarray of float64, shape (2 LAGS + 1, 2 LAGS + 1)
        1 at lag zero, in the middle. Outwards it is tapered linearly to zero at the edge (Bartlett's
        window), as a spectrum estimated from so few pixels requires.
    """
    # In a small stamp the corners are large enough for pairs of pixels at every lag.
    side = max(min(image.shape) // CORNER, LAGS + 2)
    corners = [image[:side, :side], image[:side, -side:], image[-side:, :side], image[-side:, -side:]]
    corners = sorted((corner - corner.mean() for corner in corners), key=np.std)[:2]
    shape = (2 * side, 2 * side)
    lags = np.arange(-LAGS, LAGS + 1)
    # Products over all pairs one lag apart, divided by the number of pairs.
    power = sum(np.abs(np.fft.fft2(corner, shape)) ** 2 for corner in corners)
    products = np.fft.ifft2(power).real[np.ix_(lags, lags)] / len(corners)
    pairs = np.outer(side - np.abs(lags), side - np.abs(lags))
    window = np.outer(1 - np.abs(lags) / (LAGS + 1), 1 - np.abs(lags) / (LAGS + 1))
    covariance = products / pairs
    variance = covariance[LAGS, LAGS]
    if not variance > 0:
        return np.asarray(1.0 * (np.maximum(np.abs(lags)[:, None], np.abs(lags)) == 0))
    # The window would lower the lags next to the middle too, so it starts beyond them.
    near = np.maximum(np.abs(lags)[:, None], np.abs(lags)) <= 1
    return np.asarray(np.where(near, 1.0, window) * covariance / variance)


def noise_autocorrelations(images: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the autocorrelation of each stamp's noise, averaged over the stamps most like it.

    Two corners alone give an estimate that is itself noisy, and noise in an autocorrelation is power
    at all frequencies. So the stamps are sorted by the correlation of neighbouring pixels, which follows how
    much each was rescaled, and averaged over :data:`ALIKE` neighbours in that order.

    Parameters
    ----------
    images : ndarray, shape (M, H, W)

    Returns
    -------
    ndarray of float64, shape (M, 2 LAGS + 1, 2 LAGS + 1)
    """
    single = np.stack([noise_autocorrelation(image) for image in images])
    neighbours = single[:, LAGS, LAGS + 1] + single[:, LAGS + 1, LAGS]
    order = np.argsort(neighbours, kind="stable")
    smooth = np.empty_like(single)
    smooth[order] = uniform_filter1d(single[order], min(ALIKE, len(single)), axis=0, mode="nearest")
    return smooth


def choose_donors(images: NDArray[np.floating], real: NDArray[np.floating]) -> NDArray[np.intp]:
    """Return for each stamp the real one whose noise it gets: the one of the same rank in sky level.

    A stamp is divided by its range, which begins at the lowest pixel of its noise: the more noise there
    was, the higher lies the sky of the normalized stamp (rank correlation 0.96 for simulated COSMOS), and
    a network that has learnt the sky but not the noise still shows how much there was. Matching by rank
    gives the levels of all stamps together the distribution of the real ones.

    Parameters
    ----------
    images, real : ndarray, shapes (N, H, W) and (M, H, W)
        Normalized.

    Returns
    -------
    ndarray of int, shape (N,)
        Rows of ``real``.
    """
    rank = np.argsort(np.argsort(sky_level(images), kind="stable"))  # from 0
    position = (rank + 0.5) / len(images)
    by_sky = np.argsort(sky_level(real), kind="stable")
    return np.asarray(by_sky[(position * len(real)).astype(np.intp)])


def match_noise(images: NDArray[np.floating], real: NDArray[np.floating], seed: int) -> NDArray[np.float32]:
    """Return generated stamps with as much noise as real ones have.

    Each stamp gets correlated Gaussian noise with the level and the autocorrelation of its donor
    (:func:`choose_donors`), added in quadrature to what it has, so that a stamp that has as much stays as
    it is. Levels are border noise: in the end the stamp's is the donor's. Each channel gets noise of its
    own.

    Parameters
    ----------
    images : ndarray, shape (N, C, H, W)
        As a model returns them, in the units of normalized stamps. Those that are constant or not
        finite stay as they are: there is no galaxy in them to add noise to.
    real : ndarray, shape (M, C, H, W)
        Normalized training stamps, at least one.
    seed : int

    Returns
    -------
    ndarray of float32, shape (N, C, H, W)
        Not normalized again; pixels may lie outside [0, 1].
    """
    matched = np.array(images, dtype=np.float32)
    rows = np.flatnonzero(is_comparable(images))
    if not len(rows):
        return matched
    donors = choose_donors(images[rows].mean(axis=1), real.mean(axis=1))
    for channel in range(images.shape[1]):
        correlations = noise_autocorrelations(real[:, channel])
        stamps = matched[rows, channel]
        own, wanted = border_noise(stamps), border_noise(real[donors, channel])
        for row, stamp, donor, has, level in zip(rows, stamps, donors, own, wanted, strict=True):
            if has < (1 - TOLERANCE) * level:
                seed_here = derive_seed(seed, int(row), channel)
                noise = correlated_noise(correlations[donor], stamp.shape, seed_here)
                scale = np.sqrt(level**2 - has**2) / border_noise(noise[None])[0]
                matched[row, channel] = stamp + scale * noise
    return matched
