"""How alike two stamps are once aligned: whatever they are rotated, mirrored, shifted, zoomed or scaled by.

A stamp is smoothed, centred on its light, and cut into rings and angles. A rotation is then a shift in angle,
and the correlation of two stamps over all rotations is one product per angular frequency.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates

RINGS, ANGLES = 16, 36
# All lengths are for stamps of 64 px, and in proportion for others.
_SIDE = 64
_RING, _BLUR, _CENTRE = 1.5, 1.5, 4.0
_ZOOMS = (0.87, 0.93, 1.07, 1.15)
_CANDIDATES = 30  # training stamps per stamp for which zooms are tried, too
_PAIRS = 2**22  # correlations that are held at once

Coefficients = NDArray[np.complex64]


class Light(NamedTuple):
    """Smoothed stamps above their sky (N, H, W), and where their light is centred (N, 2: y, x)."""

    image: NDArray[np.float64]
    centre: NDArray[np.float64]


def centred_light(images: NDArray[np.floating]) -> Light:
    """Return stamps (N, H, W) as :func:`smoothed_light`, with the centres of light."""
    light = smoothed_light(images)
    return Light(light, _centres(light, _CENTRE * min(images.shape[1:]) / _SIDE))


def smoothed_light(images: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return stamps (N, H, W) minus the median of their borders, smoothed."""
    side = min(images.shape[1:])
    border = np.concatenate([images[:, 0], images[:, -1], images[:, 1:-1, 0], images[:, 1:-1, -1]], axis=1)
    light = images - np.median(border, axis=1)[:, None, None]
    blur = _BLUR * side / _SIDE
    return np.asarray(gaussian_filter(light.astype(np.float64), (0, blur, blur)))


def _centres(light: NDArray[np.float64], width: float) -> NDArray[np.float64]:
    """Return centroids in a Gaussian window that follows them, from the brightest pixel near the middle."""
    count, height, columns = light.shape
    y, x = np.mgrid[:height, :columns].astype(np.float64)
    down, right = (y - (height - 1) / 2) / (height / 6), (x - (columns - 1) / 2) / (columns / 6)
    middle = np.exp(-(down**2 + right**2) / 2)
    brightest = (light * middle).reshape(count, -1).argmax(axis=1)
    centre = np.stack(np.unravel_index(brightest, (height, columns)), axis=1).astype(np.float64)
    positive = np.maximum(light, 0)
    rows, across = np.arange(height, dtype=np.float64), np.arange(columns, dtype=np.float64)
    for _ in range(8):
        # The window is a product of two: sums over columns first, then over rows.
        window_y, window_x = (
            np.exp(-((axis - centre[:, n, None]) ** 2) / (2 * width**2))
            for n, axis in enumerate((rows, across))
        )
        weighted = window_y * (positive @ window_x[:, :, None])[:, :, 0]
        moment_x = (window_y * (positive @ (window_x * across)[:, :, None])[:, :, 0]).sum(axis=1)
        total = weighted.sum(axis=1)
        lit = total > 0
        centre[lit] = np.stack([weighted @ rows, moment_x], axis=1)[lit] / total[lit, None]
    return centre


def angular_coefficients(light: Light, zoom: float = 1.0) -> Coefficients:
    """Return the Fourier coefficients over the angle of each ring of each stamp.

    Parameters
    ----------
    light : Light
        N stamps.
    zoom : float
        By how much larger the rings are.

    Returns
    -------
    ndarray of complex64, shape (N, RINGS, ANGLES // 2 + 1)
        Of the square root of the light, which lets faint structure count, with mean 0 and norm 1 over the
        area of the rings, so that brightness and contrast do not matter.
    """
    scale = min(light.image.shape[1:]) / _SIDE
    radius = (np.arange(RINGS) + 0.5) * _RING * scale * zoom
    angle = 2 * np.pi * np.arange(ANGLES) / ANGLES
    grid = np.stack([np.outer(radius, np.sin(angle)), np.outer(radius, np.cos(angle))])
    where = grid + light.centre[:, :, None, None]  # (N, 2, R, A)
    pairs = zip(light.image, where, strict=True)
    rings = np.stack([map_coordinates(image, at, order=1, mode="nearest") for image, at in pairs])
    rings = np.sign(rings) * np.sqrt(np.abs(rings))
    area = radius[:, None] / radius.sum() / ANGLES
    rings = (rings - (rings * area).sum(axis=(1, 2), keepdims=True)) * np.sqrt(area)
    norm = np.sqrt((rings**2).sum(axis=(1, 2), keepdims=True))
    return np.asarray(np.fft.rfft(rings / np.where(norm > 0, norm, 1), axis=2), dtype=np.complex64)


class Aligned(NamedTuple):
    """For each stamp: row of the nearest training stamp (N,), distances of the nearest two (N, 2).

    A distance is ``sqrt(1 - r)`` with the correlation r: 0 for a copy, about 1 for stamps that have nothing
    in common.
    """

    row: NDArray[np.intp]
    distance: NDArray[np.float64]


def aligned_neighbours(images: NDArray[np.floating], train: NDArray[np.floating]) -> Aligned:
    """Return the nearest training stamps of each stamp, once aligned with it.

    Rotations (36) and mirror images are tried, and zooms of up to 15 % for the 30 training stamps that are
    nearest without them. A shift is undone by centring.

    Parameters
    ----------
    images, train : ndarray, shapes (N, H, W) and (M, H, W)
        Finite; at least two training stamps.
    """
    if len(images) == 0:
        return Aligned(np.zeros(0, np.intp), np.zeros((0, 2)))
    known, light = angular_coefficients(centred_light(train)), centred_light(images)
    plain = angular_coefficients(light)
    correlations = np.concatenate([_correlations(block, known) for block in _blocks(plain, len(known))])
    candidates = np.argsort(-correlations, axis=1, kind="stable")[:, :_CANDIDATES]
    best = np.take_along_axis(correlations, candidates, axis=1)
    for zoom in _ZOOMS:
        zoomed = angular_coefficients(light, zoom)
        for row, (one, at) in enumerate(zip(zoomed, candidates, strict=True)):
            best[row] = np.maximum(best[row], _correlations(one[None], known[at])[0])
    order = np.argsort(-best, axis=1, kind="stable")[:, :2]
    left = np.maximum(1 - np.take_along_axis(best, order, axis=1), 0)
    nearest = np.take_along_axis(candidates, order, axis=1)[:, 0]
    return Aligned(nearest.astype(np.intp), np.sqrt(left).astype(np.float64))


def _blocks(coefficients: Coefficients, count: int) -> Iterator[Coefficients]:
    rows = max(1, _PAIRS // (ANGLES * count))
    for start in range(0, len(coefficients), rows):
        yield coefficients[start : start + rows]


def _correlations(first: Coefficients, second: Coefficients) -> NDArray[np.float32]:
    """Return the largest correlation over all rotations and mirror images, (N, M)."""
    best = np.full((len(first), len(second)), -1.0, dtype=np.float32)
    other = np.conj(second).transpose(2, 1, 0)  # (K, R, M)
    for side in (first, np.conj(first)):
        by_frequency = side.transpose(2, 0, 1) @ other  # (K, N, M)
        by_angle = np.fft.irfft(by_frequency, n=ANGLES, axis=0)
        best = np.maximum(best, by_angle.max(axis=0))
    return best
