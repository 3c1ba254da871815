"""Sersic profiles: closed forms, and the single profile that stands for a bulge with a disc."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gamma, gammainc, gammaincinv

BULGE_INDEX = 4.0
DISC_INDEX = 1.0

# Enclosed flux fractions whose radii define the concentration of a profile. Among the pairs tried, this
# one ranks the 36 bulge + disc fits of GalSim's F814W < 23.5 example catalogue most like their
# single-Sersic indices do (rank correlation 0.94; 0.87 for 20 and 80 per cent): fits follow the core.
_INNER, _OUTER = 0.1, 0.6


@dataclass(frozen=True)
class Sersic:
    """An elliptical Sersic component (Sersic 1963).

    Attributes
    ----------
    flux : float
        Total flux.
    half_light_radius : float
        Circularized: geometric mean of the two axes of the half-light ellipse, in arcsec.
    index : float
        Sersic index n.
    axis_ratio : float
        Minor over major axis.
    position_angle : float
        Angle of the major axis from the +x axis, in radians.
    """

    flux: float
    half_light_radius: float
    index: float
    axis_ratio: float
    position_angle: float


def sersic_b(index: ArrayLike) -> NDArray[np.float64]:
    """Return b_n, for which half of the flux lies inside the half-light radius."""
    return np.asarray(gammaincinv(2 * np.asarray(index, dtype=np.float64), 0.5))


def radius_enclosing(fraction: ArrayLike, index: ArrayLike) -> NDArray[np.float64]:
    """Return the radius that encloses a fraction of the flux, in half-light radii."""
    index = np.asarray(index, dtype=np.float64)
    return np.asarray((gammaincinv(2 * index, fraction) / sersic_b(index)) ** index)


def flux_inside(radius: ArrayLike, index: float) -> NDArray[np.float64]:
    """Return the fraction of the flux inside a radius, which is in half-light radii."""
    return np.asarray(gammainc(2 * index, sersic_b(index) * np.asarray(radius) ** (1 / index)))


def intensity_at_half_light(flux: float, half_light_radius: float, index: float) -> float:
    """Return the intensity at the half-light radius, in flux per squared unit of that radius.

    The circularized radius makes this right for any axis ratio.
    """
    b = float(sersic_b(index))
    area = 2 * np.pi * index * np.exp(b) * b ** (-2 * index) * gamma(2 * index) * half_light_radius**2
    return float(flux / area)


def intensity(radius: ArrayLike, flux: float, half_light_radius: float, index: float) -> NDArray[np.float64]:
    """Return the intensity at circularized radii (same unit as the half-light radius)."""
    scaled = (np.asarray(radius) / half_light_radius) ** (1 / index)
    at_half_light = intensity_at_half_light(flux, half_light_radius, index)
    return np.asarray(at_half_light * np.exp(-float(sersic_b(index)) * (scaled - 1)))


def radius_of_intensity(intensity: float, flux: float, half_light_radius: float, index: float) -> float:
    """Return the circularized radius at which the intensity falls to a value, 0 if it is always lower."""
    ratio = intensity_at_half_light(flux, half_light_radius, index) / intensity
    scaled = 1 + np.log(ratio) / float(sersic_b(index))
    return float(half_light_radius * max(scaled, 0.0) ** index)


@cache
def _concentration_table() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    index = np.linspace(0.3, 12.0, 600)
    return radius_enclosing(_OUTER, index) / radius_enclosing(_INNER, index), index


# Radii at which composite profiles are tabulated, in half-light radii of the disc.
_RADII = np.geomspace(1e-5, 1e2, 700)
_DISC_CURVE = flux_inside(_RADII, DISC_INDEX)


def composite_equivalent(bulge_fraction: float, size_ratio: float) -> tuple[float, float]:
    """Return the single Sersic profile that stands for a de Vaucouleurs bulge in an exponential disc.

    Its half-light radius is that of the whole, and its index gives the same ratio of the radii that
    enclose 60 and 10 per cent of the flux. Both are for circularized, concentric profiles.

    Parameters
    ----------
    bulge_fraction : float
        Bulge over total flux.
    size_ratio : float
        Half-light radius of the bulge over that of the disc.

    Returns
    -------
    index : float
        Sersic index.
    half_light_radius : float
        In half-light radii of the disc.
    """
    curve = (
        bulge_fraction * flux_inside(_RADII / size_ratio, BULGE_INDEX) + (1 - bulge_fraction) * _DISC_CURVE
    )
    inner, half, outer = np.interp([_INNER, 0.5, _OUTER], curve, _RADII)
    return float(np.interp(outer / inner, *_concentration_table())), float(half)


def bulge_fractions_for(index: float, size_ratio: float) -> list[float]:
    """Return the bulge fractions, from 0.02 to 0.95, whose equivalent single profile has this Sersic index.

    There are none, one or two: as a small bulge grows, the concentration first rises above that of a
    bulge alone, then falls to it.

    Parameters
    ----------
    index : float
        Sersic index of the single profile.
    size_ratio : float
        Half-light radius of the bulge over that of the disc.
    """
    bulge_curve = flux_inside(_RADII / size_ratio, BULGE_INDEX)
    fractions = np.linspace(0.02, 0.95, 48)
    curves = fractions[:, None] * bulge_curve + (1 - fractions[:, None]) * _DISC_CURVE  # (48, radii)
    ratios = [np.divide(*np.interp([_OUTER, _INNER], curve, _RADII)) for curve in curves]
    excess = np.interp(ratios, *_concentration_table()) - index
    # Linear between the two fractions of each change of sign.
    before = np.flatnonzero(excess[:-1] * excess[1:] < 0)
    weight = excess[before] / (excess[before] - excess[before + 1])
    return [
        float(value) for value in fractions[before] + weight * (fractions[before + 1] - fractions[before])
    ]
