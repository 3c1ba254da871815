"""The image of one simulated galaxy, as the telescope would have taken it."""

from dataclasses import dataclass

import galsim
import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve
from scipy.special import ive

from galforge.core.seeds import derive_seed
from galforge.simulation.galaxy import Galaxy, Structure
from galforge.simulation.pixel_offsets import pixel_offsets
from galforge.simulation.point_spread_function import PIXEL_SCALE, PSF_SIGMA
from galforge.simulation.sersic import Sersic, intensity, radius_enclosing

# Light beyond this share of the flux may fold over in the Fourier transform. GalSim's 0.005 makes
# transforms of 5000 pixels for large de Vaucouleurs galaxies, and the stamp's flux differs by 2e-5.
_PARAMETERS = galsim.GSParams(folding_threshold=0.02, maximum_fft_size=16384)

_ARM_ONSET = 0.4  # half-light radii: arms begin outside the centre
_ARM_RESOLUTION = 4.0  # pixels: arms that are closer to each other than this fade out
_KNOT_SIGMAS = (0.02, 0.15)  # half-light radii, evenly spread in the logarithm
_KNOT_EXTENT = 0.9  # knots lie inside the radius with this share of the flux
_LEAST_KNOT_SIGMA = 0.6  # pixels: narrower ones would be undersampled
_KNOT_LUMINOSITY_RANGE = 60.0  # brightest over faintest; their number falls as L^-2 (H II regions)

_SIGMA_OF_HALF_LIGHT = 1 / np.sqrt(2 * np.log(2))  # of a Gaussian


@dataclass(frozen=True)
class GalaxyImage:
    """An image with what is known about it.

    Attributes
    ----------
    pixels : ndarray of float32, shape (size, size)
        Counts per second.
    flux_radius : float
        Radius of the circle with half of the galaxy's light on the stamp, in pixels, without noise and
        companion.
    signal_to_noise : float
        In a matched elliptical Gaussian, without companion, for white noise.
    peak : float
        Brightest pixel without noise and companion.
    """

    pixels: NDArray[np.float32]
    flux_radius: float
    signal_to_noise: float
    peak: float


def draw_galaxy_image(seed: int, galaxy: Galaxy, psf: NDArray[np.float64]) -> GalaxyImage:
    """Draw a galaxy through a PSF, with its companion and correlated COSMOS noise.

    Parameters
    ----------
    seed : int
        The survey's seed; knots and noise have streams of their own.
    galaxy : Galaxy
        What to draw.
    psf : ndarray of float64, shape (P, P), P odd
        The PSF on the same pixels, of sum 1.
    """
    image = _draw_smooth(smooth_components(galaxy), psf, galaxy.size, galaxy.center)
    structure = galaxy_structure(seed, galaxy)
    if structure is not None:
        image += fftconvolve(structure, psf, mode="same")
    flux_radius, peak = _flux_radius(image, galaxy.center), float(image.max())
    signal_to_noise = _signal_to_noise(image, galaxy)
    if galaxy.companion is not None:
        (x, y), (dx, dy) = galaxy.center, galaxy.companion.offset
        image += _draw_smooth([(galaxy.companion.profile, 1.0)], psf, galaxy.size, (x + dx, y + dy))
    noisy = galsim.Image(image, scale=PIXEL_SCALE)
    deviate = galsim.BaseDeviate(derive_seed(seed, "noise", galaxy.number))
    noisy.addNoise(
        galsim.getCOSMOSNoise(rng=deviate, cosmos_scale=PIXEL_SCALE, variance=galaxy.noise_variance)
    )
    return GalaxyImage(noisy.array.astype(np.float32), flux_radius, signal_to_noise, peak)


def smooth_components(galaxy: Galaxy) -> list[tuple[Sersic, float]]:
    """Return the smooth profiles of a galaxy, each with the share of its flux that is not in knots."""
    profiles = (galaxy.disc, galaxy.bulge) if galaxy.disc and galaxy.bulge else (galaxy.sersic,)
    faded = galaxy.structure.knot_fraction if galaxy.structure.knot_count else 0.0
    return [(profile, 1 - faded if profile is profiles[0] else 1.0) for profile in profiles]


def galaxy_structure(seed: int, galaxy: Galaxy) -> NDArray[np.float64] | None:
    """Return what arms and knots add to a galaxy's smooth profiles, (size, size); None where it has none."""
    if not (galaxy.structure.arm_strength or galaxy.structure.knot_count):
        return None
    random = np.random.default_rng(derive_seed(seed, "knots", galaxy.number))
    structured = galaxy.disc if galaxy.disc and galaxy.bulge else galaxy.sersic
    return draw_structure(galaxy.structure, structured, galaxy.size, galaxy.center, random)


def _draw_smooth(
    profiles: list[tuple[Sersic, float]], psf: NDArray[np.float64], size: int, center: tuple[float, float]
) -> NDArray[np.float64]:
    """Draw Sersic profiles, each scaled in flux, through the PSF."""
    light = galsim.Add(
        [
            galsim.Sersic(
                profile.index,
                half_light_radius=profile.half_light_radius,
                flux=profile.flux * scale,
                gsparams=_PARAMETERS,
            ).shear(q=profile.axis_ratio, beta=profile.position_angle * galsim.radians)
            for profile, scale in profiles
        ]
    )
    observed = galsim.Convolve(
        light, galsim.InterpolatedImage(galsim.Image(psf, scale=PIXEL_SCALE), flux=1.0, gsparams=_PARAMETERS)
    )
    # The PSF image already includes the pixel.
    image = observed.drawImage(
        nx=size, ny=size, scale=PIXEL_SCALE, offset=center, method="no_pixel", dtype=np.float64
    )
    return np.asarray(image.array)


def draw_structure(
    structure: Structure,
    disc: Sersic,
    size: int,
    center: tuple[float, float],
    random: np.random.Generator,
) -> NDArray[np.float64]:
    """Draw what arms and knots add to a smooth disc, before the PSF.

    Logarithmic arms modulate the disc without changing its mean profile: around each ellipse the
    modulation has mean zero. Knots are Gaussians of the disc's distribution, more frequent on the arms.

    Parameters
    ----------
    structure : Structure
        Arms and knots.
    disc : Sersic
        The smooth disc; its share of ``structure.knot_fraction`` is in the knots.
    size : int
        Side of the stamp, in pixels.
    center : tuple of float
        Offset (x, y) of the galaxy from the centre of the stamp, in pixels.
    random : numpy.random.Generator
        For the knots.

    Returns
    -------
    ndarray of float64, shape (size, size)
        Negative between the arms.
    """
    x, y = pixel_offsets((size, size), center)
    cos, sin, stretch = np.cos(disc.position_angle), np.sin(disc.position_angle), np.sqrt(disc.axis_ratio)
    # The plane in which the disc is round, at the same area.
    u, v = (cos * x + sin * y) * stretch, (cos * y - sin * x) / stretch
    radius = disc.half_light_radius / PIXEL_SCALE
    faded = structure.knot_fraction if structure.knot_count else 0.0
    image = intensity(np.hypot(u, v), disc.flux * (1 - faded), radius, disc.index)
    image *= _arm_modulation(structure, u, v, radius, disc.axis_ratio)
    if structure.knot_count:
        # Candidates are drawn from the disc's distribution; those on the arms are chosen more often.
        candidates = 5 * structure.knot_count
        distance = radius * radius_enclosing(random.uniform(0, _KNOT_EXTENT, candidates), disc.index)
        azimuth = random.uniform(0, 2 * np.pi, candidates)
        u, v = distance * np.cos(azimuth), distance * np.sin(azimuth)
        chance = 1 + _arm_modulation(structure, u, v, radius, disc.axis_ratio)
        chosen = random.choice(candidates, structure.knot_count, replace=False, p=chance / chance.sum())
        u, v = u[chosen] / stretch, v[chosen] * stretch
        luminosity = 1 / (1 - random.uniform(size=structure.knot_count) * (1 - 1 / _KNOT_LUMINOSITY_RANGE))
        flux = disc.flux * faded * luminosity / luminosity.sum()
        spread = np.geomspace(*_KNOT_SIGMAS, structure.knot_count)
        sigma = (radius * random.permutation(spread)).clip(min=_LEAST_KNOT_SIGMA)
        gaussian_x = _gaussian(x - (cos * u - sin * v)[:, None], sigma[:, None])  # (knots, size)
        gaussian_y = _gaussian(y.T - (sin * u + cos * v)[:, None], sigma[:, None])  # (knots, size)
        image += (flux[:, None] * gaussian_y).T @ gaussian_x
    return image


def _arm_modulation(
    structure: Structure,
    u: NDArray[np.float64],
    v: NDArray[np.float64],
    radius: float,
    axis_ratio: float,
) -> NDArray[np.float64]:
    distance = np.maximum(np.hypot(u, v), 1e-6)
    winding = np.log(distance / radius) / np.tan(structure.pitch_angle)
    phase = structure.arm_count * (np.arctan2(v, u) - structure.arm_phase - winding)
    # A von Mises profile over its mean, minus one; ive is the Bessel function times exp(-sharpness).
    sharpness = structure.arm_sharpness
    profile = np.exp(sharpness * (np.cos(phase) - 1)) / ive(0, sharpness) - 1
    separation = 2 * np.pi * distance * np.abs(np.tan(structure.pitch_angle)) / structure.arm_count
    resolved = np.clip(separation * np.sqrt(axis_ratio) / _ARM_RESOLUTION, 0, 1) ** 2
    onset = -np.expm1(-((distance / (_ARM_ONSET * radius)) ** 2))
    return np.asarray(structure.arm_strength * onset * resolved * profile)


def _gaussian(offset: NDArray[np.float64], sigma: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.exp(-0.5 * (offset / sigma) ** 2) / (np.sqrt(2 * np.pi) * sigma))


def _flux_radius(image: NDArray[np.float64], center: tuple[float, float]) -> float:
    distance = np.hypot(*pixel_offsets((len(image), len(image)), center)).ravel()
    order = np.argsort(distance, kind="stable")
    enclosed = np.cumsum(image.ravel()[order])
    return float(distance[order][np.searchsorted(enclosed, enclosed[-1] / 2)])


def _signal_to_noise(image: NDArray[np.float64], galaxy: Galaxy) -> float:
    """Return the signal-to-noise ratio in a Gaussian of the galaxy's half-light ellipse and the PSF.

    The real catalogue takes the Gaussian of the adaptive moments, whose iteration may not converge for
    edge-on galaxies; here the shape is known.
    """
    x, y = pixel_offsets((galaxy.size, galaxy.size), galaxy.center)
    angle, axis_ratio = galaxy.sersic.position_angle, galaxy.sersic.axis_ratio
    along, across = np.cos(angle) * x + np.sin(angle) * y, np.cos(angle) * y - np.sin(angle) * x
    variance = (_SIGMA_OF_HALF_LIGHT * galaxy.sersic.half_light_radius / PIXEL_SCALE) ** 2
    psf_variance = (PSF_SIGMA / PIXEL_SCALE) ** 2
    weight = np.exp(
        -0.5 * along**2 / (variance / axis_ratio + psf_variance)
        - 0.5 * across**2 / (variance * axis_ratio + psf_variance)
    )
    return float((image * weight).sum() / np.sqrt(galaxy.noise_variance * (weight**2).sum()))
