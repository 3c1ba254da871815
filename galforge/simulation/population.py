"""The population of a simulated survey: which galaxies there are, before any image is drawn.

The numbers were measured by maximum likelihood on the 100 galaxies of GalSim's F814W < 23.5 example
catalogue (real_galaxy_catalog_23.5_example.fits, which ends at F814W = 22.5; COSMOS: Scoville et al. 2007,
Leauthaud et al. 2007, fits of Lackner and Gunn 2012, Mandelbaum et al. 2014); magnitudes fainter than 22.5
extrapolate them. "Late" and "early" are the two components of the distribution of Sersic indices.
"""

from dataclasses import dataclass

import numpy as np

from galforge.core.seeds import derive_seed
from galforge.simulation.galaxy import Companion, Galaxy, Structure
from galforge.simulation.point_spread_function import PIXEL_SCALE
from galforge.simulation.sersic import (
    BULGE_INDEX,
    DISC_INDEX,
    Sersic,
    bulge_fractions_for,
    composite_equivalent,
    radius_of_intensity,
)

# Magnitude of one count per second: median of mag_auto + 2.5 log10(stamp_flux), scatter 0.06 mag.
ZERO_POINT = 26.02

# Counts rise as 10^(0.38 mag) over 16.5 < mag_auto < 22.5.
_COUNT_SLOPE, _BRIGHTEST = 0.38, 16.5

# Fraction of early types: logistic in magnitude.
_EARLY_LOGIT, _EARLY_SLOPE, _EARLY_PIVOT = -0.18, -0.79, 21.5


@dataclass(frozen=True)
class _Type:
    """Distributions of one type: normal in the logarithm of index and size, beta in axis ratio."""

    index_median: float
    index_scatter: float  # of ln n
    log_size: float  # log10 of the half-light radius in arcsec, at magnitude 22.5
    size_slope: float  # of log10 size, per magnitude
    size_scatter: float  # of log10 size
    axis_ratio_beta: tuple[float, float]  # of (q - 0.15) / 0.85


_LATE = _Type(0.94, 0.43, -0.462, -0.121, 0.129, (1.32, 1.51))
_EARLY = _Type(3.28, 0.66, -0.558, -0.158, 0.226, (2.65, 1.93))
_INDEX_RANGE = (0.3, 6.0)  # the fits' own bounds; eight of the hundred lie at the upper one
_LEAST_AXIS_RATIO = 0.15
_SIZE_RANGE = (0.06, 2.5)  # arcsec; measured 0.07 to 2.3

# GalSim rounds indices to 0.05 when it draws parametric galaxies; drawing the rounded ones makes the
# catalogue exact, and GalSim keeps one table per index.
_INDEX_STEPS = 20  # per unit
# The "marginal" exclusion takes index >= 5 with half-light radius >= 1 arcsec for a wrong sky level.
_LARGE_SIZE, _LARGE_INDEX_LIMIT = 1.0, 4.95

# Chance that the bulge + disc fit is preferred: 1 of 30 below index 1, 28 of 34 above 2.2.
_BULGE_CHANCE, _BULGE_FLOOR, _BULGE_PIVOT, _BULGE_WIDTH = 0.80, 0.05, 2.0, 0.15
# Half-light radius of bulge over disc: log10 has mean 0.04 - 0.39 ln n and scatter 0.25. Large bulges cannot
# have high indices and are drawn again, so the mean of the draws is higher.
_RATIO_MEAN, _RATIO_SLOPE, _RATIO_SCATTER = 0.18, -0.39, 0.25
_RATIO_TRIES = 10  # the first ratio that can have the galaxy's index is taken
# Bulge minus disc; in the fits neither is rounder on average.
_GREATEST_AXIS_RATIO_GAP = 0.3

# Redshift at a magnitude: p(z) ~ z^0.61 exp(-(z / z0)^5.1), z0 = 0.957 exp(0.25 (mag - 22)).
_REDSHIFT_POWER, _REDSHIFT_CUTOFF = 0.61, 5.1
_REDSHIFT_SCALE, _REDSHIFT_SLOPE, _REDSHIFT_PIVOT = 0.957, 0.25, 22.0

# log10 of the noise variance: 58 of 100 around -5.16, the others (shallower tiles) around -4.81.
_NOISE_MODES = ((0.58, -5.162, 0.047), (0.42, -4.810, 0.057))

_FIELD = ((149.4, 150.8), (1.5, 2.9))  # degrees, right ascension and declination of the COSMOS field

# Side of a stamp in FLUX_RADIUS. The COSMOS galaxies distributed with BlendingToolKit that are brighter
# than 24 have a median of 6.7 and a scatter of 0.08 dex; so do the simulated ones, because a stamp also holds
# the ellipse on which the galaxy is as faint as the noise of a pixel.
_STAMP_FACTOR, _STAMP_SCATTER, _STAMP_RANGE = 6.2, 0.08, (30, 300)

# Structure: not in any catalogue; chosen by eye against the COSMOS images. It fades as the Sersic index
# passes a pivot, which is higher for the disc of a galaxy with a bulge.
_STRUCTURE_PIVOTS, _STRUCTURE_WIDTH = {False: 2.0, True: 2.8}, 0.25  # by whether there is a bulge
_SPIRAL_CHANCE = 0.65  # of late types; the others are irregular
_ARM_COUNTS, _ARM_CHANCES = (2, 3, 4), (0.6, 0.2, 0.2)
_PITCH_RANGE = (12.0, 32.0)  # degrees
_ARM_STRENGTHS, _ARM_SHARPNESSES = (0.35, 0.9), (0.7, 2.2)
_KNOT_FRACTIONS = {True: (0.04, 0.18), False: (0.08, 0.30)}  # by whether there are arms
_KNOT_DENSITY = 0.12  # knots per squared half-light radius in pixels, for the latest types


def flux_of(magnitude: float) -> float:
    """Return the flux of a magnitude, in counts per second."""
    return float(10 ** (-0.4 * (magnitude - ZERO_POINT)))


def draw_galaxy(
    seed: int, number: int, magnitude_limit: float, companion_fraction: float, psf_count: int
) -> Galaxy:
    """Return the parameters of one galaxy.

    They depend neither on other galaxies nor on their number.

    Parameters
    ----------
    seed : int
        The survey's seed.
    number : int
        Which galaxy, from 0.
    magnitude_limit : float
        Faintest F814W magnitude.
    companion_fraction : float
        Chance of a neighbour on the stamp.
    psf_count : int
        Number of PSFs in the bank.
    """
    random = np.random.default_rng(derive_seed(seed, "galaxy", number))
    # The exponential distribution of magnitudes, from _BRIGHTEST to the limit.
    span = 10 ** (_COUNT_SLOPE * (_BRIGHTEST - magnitude_limit))
    magnitude = magnitude_limit + np.log10(span + (1 - span) * random.uniform()) / _COUNT_SLOPE
    early = random.uniform() < _logistic(_EARLY_LOGIT + _EARLY_SLOPE * (magnitude - _EARLY_PIVOT))
    sersic = _draw_sersic(random, magnitude, _EARLY if early else _LATE)
    bulge, disc = _draw_bulge_and_disc(random, sersic)
    pivot = _STRUCTURE_PIVOTS[bulge is not None]
    lateness = _logistic((pivot - sersic.index) / _STRUCTURE_WIDTH)
    _, mean, scatter = _NOISE_MODES[int(random.uniform() > _NOISE_MODES[0][0])]
    noise_variance = float(10 ** random.normal(mean, scatter))
    size = _draw_size(random, sersic, noise_variance)
    scale = _REDSHIFT_SCALE * np.exp(_REDSHIFT_SLOPE * (magnitude - _REDSHIFT_PIVOT))
    redshift = scale * random.gamma((_REDSHIFT_POWER + 1) / _REDSHIFT_CUTOFF) ** (1 / _REDSHIFT_CUTOFF)
    return Galaxy(
        number=number,
        magnitude=float(magnitude),
        redshift=float(redshift),
        right_ascension=random.uniform(*_FIELD[0]),
        declination=random.uniform(*_FIELD[1]),
        sersic=sersic,
        bulge=bulge,
        disc=disc,
        structure=_draw_structure(random, disc or sersic, lateness),
        companion=_draw_companion(random, magnitude, sersic, size)
        if random.uniform() < companion_fraction
        else None,
        noise_variance=noise_variance,
        point_spread_function=int(random.integers(psf_count)),
        center=(random.uniform(-0.5, 0.5), random.uniform(-0.5, 0.5)),
        size=size,
    )


def _logistic(value: float) -> float:
    return float(1 / (1 + np.exp(-value)))


def _draw_sersic(random: np.random.Generator, magnitude: float, kind: _Type) -> Sersic:
    index = kind.index_median * np.exp(random.normal(0.0, kind.index_scatter))
    log_size = random.normal(kind.log_size + kind.size_slope * (magnitude - 22.5), kind.size_scatter)
    size = float(np.clip(10**log_size, *_SIZE_RANGE))
    greatest = _LARGE_INDEX_LIMIT if size >= _LARGE_SIZE else _INDEX_RANGE[1]
    index = float(np.clip(round(index * _INDEX_STEPS) / _INDEX_STEPS, _INDEX_RANGE[0], greatest))
    axis_ratio = _LEAST_AXIS_RATIO + (1 - _LEAST_AXIS_RATIO) * random.beta(*kind.axis_ratio_beta)
    angle = random.uniform(-np.pi / 2, np.pi / 2)
    return Sersic(flux_of(magnitude), size, index, float(axis_ratio), angle)


def _draw_bulge_and_disc(
    random: np.random.Generator, whole: Sersic
) -> tuple[Sersic, Sersic] | tuple[None, None]:
    """Return a bulge and a disc that together have the index and size of ``whole``."""
    chance = _BULGE_FLOOR + _BULGE_CHANCE * _logistic((whole.index - _BULGE_PIVOT) / _BULGE_WIDTH)
    if random.uniform() > chance:
        return None, None
    for _ in range(_RATIO_TRIES):
        ratio = 10 ** random.normal(_RATIO_MEAN + _RATIO_SLOPE * np.log(whole.index), _RATIO_SCATTER)
        if fractions := bulge_fractions_for(whole.index, ratio):
            break
    else:
        return None, None
    fraction = float(random.choice(fractions))
    _, half_light = composite_equivalent(fraction, ratio)
    disc_size = whole.half_light_radius / half_light
    # The flux-weighted mean of the axis ratios stays, and both keep to the range.
    room, excess = 1 - whole.axis_ratio, whole.axis_ratio - _LEAST_AXIS_RATIO
    gap = float(
        np.clip(
            random.uniform(-_GREATEST_AXIS_RATIO_GAP, _GREATEST_AXIS_RATIO_GAP),
            -min(room / fraction, excess / (1 - fraction)),
            min(room / (1 - fraction), excess / fraction),
        )
    )
    bulge = Sersic(
        whole.flux * fraction,
        ratio * disc_size,
        BULGE_INDEX,
        whole.axis_ratio + (1 - fraction) * gap,
        whole.position_angle,
    )
    disc = Sersic(
        whole.flux * (1 - fraction),
        disc_size,
        DISC_INDEX,
        whole.axis_ratio - fraction * gap,
        whole.position_angle,
    )
    return bulge, disc


def _draw_structure(random: np.random.Generator, disc: Sersic, lateness: float) -> Structure:
    spiral = bool(random.uniform() < _SPIRAL_CHANCE)
    winding = random.choice((-1.0, 1.0))
    size = disc.half_light_radius / PIXEL_SCALE
    return Structure(
        arm_count=int(random.choice(_ARM_COUNTS, p=_ARM_CHANCES)),
        arm_strength=spiral * lateness * random.uniform(*_ARM_STRENGTHS),
        arm_sharpness=random.uniform(*_ARM_SHARPNESSES),
        arm_phase=random.uniform(0, 2 * np.pi),
        pitch_angle=float(winding * np.radians(random.uniform(*_PITCH_RANGE))),
        knot_count=int(random.poisson(_KNOT_DENSITY * lateness * size**2)),
        knot_fraction=lateness * random.uniform(*_KNOT_FRACTIONS[spiral]),
    )


def _draw_size(random: np.random.Generator, sersic: Sersic, noise_variance: float) -> int:
    half_light_radius = sersic.half_light_radius / PIXEL_SCALE
    # FLUX_RADIUS over half-light radius in the example catalogue: circular apertures see elongated
    # galaxies as larger, and miss the wings of concentrated ones.
    flux_radius = half_light_radius * (1.2 - 0.1 * sersic.index) * sersic.axis_ratio**-0.15
    side = _STAMP_FACTOR * flux_radius * 10 ** random.normal(0.0, _STAMP_SCATTER)
    isophote = radius_of_intensity(np.sqrt(noise_variance), sersic.flux, half_light_radius, sersic.index)
    side = max(side, 2 * isophote / np.sqrt(sersic.axis_ratio))
    return int(np.clip(2 * round(side / 2), *_STAMP_RANGE))


def _draw_companion(random: np.random.Generator, magnitude: float, galaxy: Sersic, size: int) -> Companion:
    fainter = magnitude + random.uniform(0.5, 3.5)
    kind = _EARLY if random.uniform() < 0.25 else _LATE
    profile = _draw_sersic(random, fainter, kind)
    inner = 2 * galaxy.half_light_radius / PIXEL_SCALE
    distance = random.uniform(min(inner, 0.3 * size), 0.45 * size)
    angle = random.uniform(0, 2 * np.pi)
    return Companion(profile, (float(distance * np.cos(angle)), float(distance * np.sin(angle))))
