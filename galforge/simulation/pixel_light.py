"""The light of a Sersic profile in the pixels of a stamp, without any PSF."""

import numpy as np
from numpy.typing import NDArray

from galforge.simulation.sersic import Sersic, intensity

_NODES = 5  # of Gauss and Legendre's rule along each side of a cell
_NEAR = 4.0  # cells that lie closer to the centre than so many of their widths are halved
_HALVINGS = 12  # at the last, a cell is 1/4096 of a pixel wide


def pixel_light(
    profile: Sersic, size: int, scale: float, center: tuple[float, float] = (0.0, 0.0)
) -> NDArray[np.float64]:
    """Return the flux of an elliptical Sersic profile in each pixel.

    Parameters
    ----------
    profile : Sersic
    size : int
        Side of the stamp in pixels.
    scale : float
        arcsec per pixel.
    center : tuple of float
        Position (x, y) of the profile relative to the middle of the stamp, arcsec.

    Returns
    -------
    ndarray of float64, shape (size, size)

    Notes
    -----
    The profile is integrated over pixels in real space: cells are halved towards its cusp, and each is
    integrated by Gauss and Legendre's rule. A Fourier transform of a profile of index 6 that no PSF smooths
    would need more than 10,000 modes a side.
    """
    axis = np.arange(size) - (size - 1) / 2
    x, y = (part.ravel() for part in np.meshgrid(axis - center[0] / scale, axis - center[1] / scale))
    pixel, width = np.arange(size * size), 1.0
    light = np.zeros(size * size)
    for _ in range(_HALVINGS):
        near = np.maximum(np.abs(x), np.abs(y)) < _NEAR * width
        np.add.at(light, pixel[~near], _cell_light(profile, scale, x[~near], y[~near], width))
        x, y, pixel, width = x[near], y[near], np.repeat(pixel[near], 4), width / 2
        x = (x[:, None] + width / 2 * np.array([-1, 1, -1, 1])).ravel()
        y = (y[:, None] + width / 2 * np.array([-1, -1, 1, 1])).ravel()
    np.add.at(light, pixel, _cell_light(profile, scale, x, y, width))
    return light.reshape(size, size)


def _cell_light(
    profile: Sersic, scale: float, x: NDArray[np.float64], y: NDArray[np.float64], width: float
) -> NDArray[np.float64]:
    """Return the flux in square cells, (N,), whose middles are at (x, y) from the centre, in pixels."""
    node, weight = np.polynomial.legendre.leggauss(_NODES)
    across, weight = np.meshgrid(node, node), np.outer(weight, weight).ravel() / 4  # of sum 1
    x, y = (
        middle[:, None] + width / 2 * offset.ravel() for middle, offset in zip((x, y), across, strict=True)
    )  # (N, nodes)
    cos, sin, stretch = (
        np.cos(profile.position_angle), np.sin(profile.position_angle), np.sqrt(profile.axis_ratio),
    )  # fmt: skip
    # The plane in which the profile is round, at the same area.
    radius = np.hypot((cos * x + sin * y) * stretch, (cos * y - sin * x) / stretch)
    brightness = intensity(radius, profile.flux, profile.half_light_radius / scale, profile.index)
    return np.asarray(width**2 * (brightness @ weight))
