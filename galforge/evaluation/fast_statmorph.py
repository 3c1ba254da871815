"""statmorph with the same numbers, in less time.

:class:`FastSourceMorphology` replaces what statmorph 0.7.2 spends most of its time on, and nothing else:

- The search for the centre of asymmetry rotates the image by 180 degrees about 125 times per stamp and finds
  the weights of its aperture three times for each. Here the matrix of the rotation is written down, a mask
  that masks nothing is not rotated, and the weights are computed once per centre.
- The searches for Petrosian radii and for radii that hold a fraction of the light compute the weights of the
  same aperture several times. Here they do so once.
- The multimode statistic labels clumps for many quantiles that select the same pixels. Here it does so once.

The arithmetic is that of statmorph, photutils and scikit-image in the same order, so that every parameter
equals statmorph's to the last bit; tests/evaluation/test_fast_statmorph.py holds that.
"""

import functools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.ndimage
import scipy.optimize
import skimage.transform
import statmorph
from astropy.utils import lazyproperty
from astropy.utils.exceptions import AstropyUserWarning
from numpy.typing import NDArray

from galforge.evaluation.aperture_weights import (
    ApertureWeights,
    circle,
    circular_annulus,
    ellipse,
    elliptical_annulus,
)

_RADII = 100  # of the grid on which a search begins


class FastSourceMorphology(statmorph.SourceMorphology):  # type: ignore[misc]  # statmorph has no types
    """A source's morphology; see ``statmorph.SourceMorphology`` for arguments and attributes."""

    @lazyproperty  # type: ignore[untyped-decorator]  # astropy has no types
    def _mask_or_none(self) -> NDArray[np.bool_] | None:
        mask = self._mask_stamp
        return mask if mask.any() else None

    flag: int

    def _warn(self, message: str, flag: int) -> None:
        warnings.warn(message, AstropyUserWarning, stacklevel=2)
        self.flag = max(self.flag, flag)

    def _asymmetry_function(self, center: Any, image: NDArray[Any], kind: str) -> float:
        """Return the asymmetry about a centre (Lotz et al. 2004, Eq. 10)."""
        image = np.asarray(image, dtype=np.float64)
        height, width = image.shape
        x, y = center
        within = 0 <= x < width and 0 <= y < height
        radius = self._petro_extent_cas * self._rpetro_circ_centroid
        aperture = circle(image.shape, (x, y), radius) if within and kind == "cas" else None
        if aperture is None:
            # The other kinds are computed once per stamp; what is wrong with a centre is statmorph's to say.
            return float(super()._asymmetry_function(center, image, kind))
        turned, masked = half_turn(image, x, y), self._mask_or_none
        if masked is not None:
            masked = masked | half_turn_of_mask(masked, x, y)
            image, turned = np.where(masked, 0.0, image), np.where(masked, 0.0, turned)
        total, difference = aperture.sums(np.abs(image), np.abs(turned - image))
        if total == 0.0:
            self._warn("[asymmetry_function] Zero flux sum.", 1)
            return 100.0  # keeps the search away
        if self._sky_asymmetry == -99.0:
            return float(difference / total)
        return float((difference - aperture.area(masked) * self._sky_asymmetry) / total)

    def _petrosian_ratio(
        self, annulus: ApertureWeights | None, aperture: ApertureWeights | None, name: str
    ) -> float:
        """Return mean flux in an annulus over that in an aperture, minus eta (Lotz et al. 2004, Eq. 4)."""
        around, within = (abs(self._mean_flux(weights)) for weights in (annulus, aperture))
        if within == 0:
            warnings.warn(f"[{name}] Mean flux is zero.", AstropyUserWarning, stacklevel=2)
            self.flag = 2
            return float((around != 0) - self._eta)
        return float(around / within - self._eta)

    def _mean_flux(self, weights: ApertureWeights | None) -> float:
        if weights is None:
            return np.nan
        area = weights.area(self._mask_or_none)
        return weights.sums(self._cutout_stamp_maskzeroed)[0] / area if area else 0.0

    def _petrosian_function_circ(self, r: float, center: Any) -> float:
        shape, half = self._cutout_stamp_maskzeroed.shape, 0.5 * self._annulus_width
        return self._petrosian_ratio(
            circular_annulus(shape, center, r - half, r + half), circle(shape, center, r), "rpetro_circ"
        )

    def _petrosian_function_ellip(self, a: float, center: Any, elongation: float, theta: float) -> float:
        shape, half = self._cutout_stamp_maskzeroed.shape, 0.5 * self._annulus_width
        outer = a + half
        return self._petrosian_ratio(
            elliptical_annulus(shape, center, a - half, outer, outer / elongation, theta),
            ellipse(shape, center, a, a / elongation, theta),
            "rpetro_ellip",
        )

    @lazyproperty  # type: ignore[untyped-decorator]  # astropy has no types
    def _enclosed_flux(self) -> Callable[[float], float]:
        image, center = self._cutout_stamp_maskzeroed, self._asymmetry_center
        return functools.cache(lambda radius: _flux(image, circle(image.shape, center, radius)))

    def _radius_at_fraction_of_total_cas(self, fraction: float) -> float:
        radius, flag = radius_at_fraction(
            self._enclosed_flux, self._petro_extent_cas * self.rpetro_circ, fraction, "r_circ"
        )
        self.flag = max(self.flag, flag)
        if np.isnan(radius) or radius <= 0.0:
            self._warn("[CAS] Invalid radius_at_fraction_of_total.", 2)
            return -99.0
        return radius

    @lazyproperty  # type: ignore[untyped-decorator]  # astropy has no types
    def rhalf_circ(self) -> float:
        """Return the radius of the circle that holds half of the light within ``rmax_circ``."""
        if self.rmax_circ == 0:
            return 0.0
        radius, flag = radius_at_fraction(self._enclosed_flux, self.rmax_circ, 0.5, "r_circ")
        self.flag = max(self.flag, flag)
        return radius

    @lazyproperty  # type: ignore[untyped-decorator]  # astropy has no types
    def rhalf_ellip(self) -> float:
        """Return the semi-major axis of the ellipse that holds half of the light within ``rmax_ellip``."""
        if self.rmax_ellip == 0:
            return 0.0
        image, center = self._cutout_stamp_maskzeroed, self._asymmetry_center
        elongation, theta = self.elongation_asymmetry, self.orientation_asymmetry
        radius, flag = radius_at_fraction(
            lambda a: _flux(image, ellipse(image.shape, center, a, a / elongation, theta)),
            self.rmax_ellip,
            0.5,
            "r_ellip",
        )
        self.flag = max(self.flag, flag)
        return radius

    @lazyproperty  # type: ignore[untyped-decorator]  # astropy has no types
    def _clump_areas(self) -> Callable[[float], NDArray[np.int64]]:
        image, touching = self._cutout_mid, np.ones((3, 3))
        return functools.cache(lambda threshold: clump_areas(image >= threshold, touching))

    def _multimode_function(self, q: Any) -> NDArray[np.int64]:
        """Return the areas of the clumps above a quantile of the source's pixels, the largest first."""
        values = self._sorted_pixelvals_mid
        areas: NDArray[np.int64] = self._clump_areas(values[int(np.squeeze(q) * (len(values) - 1))])
        return areas


def clump_areas(above: NDArray[np.bool_], touching: NDArray[np.floating]) -> NDArray[np.int64]:
    """Return the number of pixels of each connected clump, the largest first."""
    labels, _ = scipy.ndimage.label(above, structure=touching)
    return np.sort(np.bincount(labels.ravel())[1:])[::-1]


def half_turn(image: NDArray[np.float64], x: float, y: float) -> NDArray[np.float64]:
    """Return an image rotated by 180 degrees about a point, as ``skimage.transform.rotate`` gives it.

    Parameters
    ----------
    image : ndarray of float64, shape (H, W)
    x, y : float
        The point in pixels; (0, 0) is the middle of the first pixel.

    Returns
    -------
    ndarray of float64, shape (H, W)
        Interpolated linearly; 0 where the rotated image has no pixel.
    """
    there = np.array([[1.0, 0.0, -x], [0.0, 1.0, -y], [0.0, 0.0, 1.0]])
    back = np.array([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]])
    matrix = back @ (_HALF_TURN @ there)
    matrix[2] = 0, 0, 1  # exactly affine
    return np.asarray(skimage.transform.warp(image, matrix))


_HALF_TURN = skimage.transform.SimilarityTransform(rotation=np.deg2rad(180.0)).params


def half_turn_of_mask(mask: NDArray[np.bool_], x: float, y: float) -> NDArray[np.bool_]:
    """Return a mask rotated by 180 degrees about a point: the nearest pixel, False where there is none.

    Parameters
    ----------
    mask : ndarray of bool, shape (H, W)
    x, y : float
        The point in pixels; (0, 0) is the middle of the first pixel.

    Returns
    -------
    ndarray of bool, shape (H, W)
    """
    sources = [
        np.floor(2 * at - np.arange(n) + 0.5).astype(int) for at, n in zip((y, x), mask.shape, strict=True)
    ]
    inside = [(at >= 0) & (at < n) for at, n in zip(sources, mask.shape, strict=True)]
    turned = np.zeros_like(mask)
    turned[np.ix_(*inside)] = mask[np.ix_(*(at[keep] for at, keep in zip(sources, inside, strict=True)))]
    return turned


def radius_at_fraction(
    enclosed: Callable[[float], float], total_radius: float, fraction: float, name: str
) -> tuple[float, int]:
    """Return the radius that holds a fraction of the light within a larger one.

    Parameters
    ----------
    enclosed : callable
        Gives the light within a radius over 0.
    total_radius, fraction : float
    name : str
        Begins the warnings.

    Returns
    -------
    radius : float
    flag : int
        statmorph's: 2 if the light in all is not positive.
    """
    flag, total = 0, enclosed(total_radius)
    if total == 0:
        warnings.warn(f"[{name}] Total flux sum is zero.", AstropyUserWarning, stacklevel=2)
        return total_radius, 2
    if total < 0:
        warnings.warn(f"[{name}] Total flux sum is negative.", AstropyUserWarning, stacklevel=2)
        flag, total = 2, abs(total)

    def excess(radius: float) -> float:
        return (abs(enclosed(radius)) / total if radius else 0.0) - fraction

    inner = 0.0
    for radius in np.linspace(0.0, total_radius, num=_RADII):
        if excess(radius) > 0:
            return scipy.optimize.brentq(excess, inner, radius, xtol=1e-6), flag
        inner = radius
    raise AssertionError("Root not found within range.")


def _flux(image: NDArray[np.float64], weights: ApertureWeights | None) -> float:
    return np.nan if weights is None else weights.sums(image)[0]
