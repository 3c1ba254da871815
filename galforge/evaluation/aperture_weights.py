"""How much of each pixel lies within an aperture: photutils' exact weights, computed once for many sums.

photutils computes the weights anew for every sum, and a search that sums several images within each of a
thousand apertures spends most of its time there.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from photutils.geometry import circular_overlap_grid, elliptical_overlap_grid

Image = NDArray[np.float64]


@dataclass(frozen=True)
class ApertureWeights:
    """The part of an aperture that lies on an image.

    Attributes
    ----------
    box : ndarray of float64
        The fraction of each pixel of the aperture's bounding box that is within the aperture, from 0 to 1.
    part, where : tuple of two slices
        The pixels that box and image share, as a part of the box and as a part of the image.
    """

    box: Image
    part: tuple[slice, slice]
    where: tuple[slice, slice]

    def sums(self, *images: Image) -> list[np.float64]:
        """Return the weighted sum of each image, as ``do_photometry(image, method="exact")`` gives it."""
        weights = self.box[self.part]
        inside = weights > 0
        return [(image[self.where] * weights)[inside].sum() for image in images]

    def area(self, mask: NDArray[np.bool_] | None = None) -> np.float64:
        """Return the area in pixels without those of a mask, as ``area_overlap`` gives it."""
        if mask is None:
            return np.float64(np.sum(self.box[self.part]))
        # Of a copy of the whole box: NumPy sums a part of an array in another order than an array of its own.
        weights = self.box.copy()[self.part]
        weights[mask[self.where]] = 0.0
        return np.float64(np.sum(weights))


class _Box:
    """The pixels around an aperture, and their edges as seen from its centre (photutils' bounding box)."""

    def __init__(self, center: tuple[float, float], extents: tuple[float, float]) -> None:
        (x, y), (dx, dy) = center, extents
        self.x0, self.x1 = math.floor(x - dx + 0.5), math.ceil(x + dx + 0.5)
        self.y0, self.y1 = math.floor(y - dy + 0.5), math.ceil(y + dy + 0.5)
        self.grid = (
            self.x0 - 0.5 - x,
            self.x1 - 0.5 - x,
            self.y0 - 0.5 - y,
            self.y1 - 0.5 - y,
            self.x1 - self.x0,
            self.y1 - self.y0,
        )

    def cut(self, weights: Image, shape: tuple[int, int]) -> ApertureWeights | None:
        """Return the weights of the pixels that an image of this shape has, None where it has none."""
        x0, x1 = max(self.x0, 0), min(self.x1, shape[1])
        y0, y1 = max(self.y0, 0), min(self.y1, shape[0])
        if x0 >= x1 or y0 >= y1:
            return None
        part = slice(y0 - self.y0, y1 - self.y0), slice(x0 - self.x0, x1 - self.x0)
        return ApertureWeights(weights, part, (slice(y0, y1), slice(x0, x1)))


def circle(shape: tuple[int, int], center: tuple[float, float], radius: float) -> ApertureWeights | None:
    """Return the weights of a circle.

    Parameters
    ----------
    shape : tuple of int
        Height and width of the image.
    center : tuple of float
        x and y in pixels; (0, 0) is the middle of the first pixel.
    radius : float
        In pixels, over 0.

    Returns
    -------
    ApertureWeights or None
        None if no pixel of the image lies in the circle's bounding box.
    """
    box = _Box(center, (radius, radius))
    return box.cut(circular_overlap_grid(*box.grid, radius, 1, 1), shape)


def circular_annulus(
    shape: tuple[int, int], center: tuple[float, float], inner: float, outer: float
) -> ApertureWeights | None:
    """Return the weights of a ring between two radii; arguments as for :func:`circle`."""
    box = _Box(center, (outer, outer))
    weights = circular_overlap_grid(*box.grid, outer, 1, 1)
    weights -= circular_overlap_grid(*box.grid, inner, 1, 1)
    return box.cut(weights, shape)


def ellipse(
    shape: tuple[int, int], center: tuple[float, float], a: float, b: float, theta: float
) -> ApertureWeights | None:
    """Return the weights of an ellipse of semi-axes ``a`` and ``b``, rotated by ``theta`` radians."""
    box = _Box(center, _extents(a, b, theta))
    return box.cut(elliptical_overlap_grid(*box.grid, a, b, theta, 1, 1), shape)


def elliptical_annulus(
    shape: tuple[int, int], center: tuple[float, float], inner: float, a: float, b: float, theta: float
) -> ApertureWeights | None:
    """Return the weights between an ellipse and one of the same shape with the semi-major axis ``inner``."""
    box = _Box(center, _extents(a, b, theta))
    weights = elliptical_overlap_grid(*box.grid, a, b, theta, 1, 1)
    weights -= elliptical_overlap_grid(*box.grid, inner, b * inner / a, theta, 1, 1)
    return box.cut(weights, shape)


def _extents(a: float, b: float, theta: float) -> tuple[float, float]:
    cosine, sine = np.cos(theta), np.sin(theta)
    return (
        float(np.sqrt((a * cosine) ** 2 + (b * -sine) ** 2)),
        float(np.sqrt((a * sine) ** 2 + (b * cosine) ** 2)),
    )
