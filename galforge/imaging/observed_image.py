"""An observed galaxy drawn on other pixels, with the PSF that it was observed with."""

import math
from typing import NamedTuple

import galsim
import numpy as np
from numpy.typing import NDArray

from galforge.survey.observation import Observation

PADDING = 4  # GalSim's default: the transform of an interpolated image has so many times its side
NOISE_MARGIN = (
    8  # px of a stamp, by which a field of noise is wider than it: more than an interpolant reaches
)
_WIDE_PADDING = 2.5  # widths of a frame in its transform: noise at the edges fades by less than 1 %
_MARGIN = 2.0  # factor by which modes may exceed the neighbouring ones that GalSim inspects


class Transform(NamedTuple):
    """The Fourier transforms that draw a galaxy.

    Attributes
    ----------
    padding : float
        Side over that of the observed image.
    stepk : float
        Step, 1/arcsec.
    whole : bool
        Whether the modes go as far as the PSF's, and not only to where GalSim ends a bright galaxy's.
    """

    padding: float
    stepk: float
    whole: bool = False


def wide_transform(observation: Observation, padding: galsim.Image, stepk: float, width: float) -> Transform:
    """Return transforms in which the noise has one level up to the edges of a frame.

    GalSim's own suffice for a galaxy. Noise fills the frame, and they do three things to it: interpolation
    between modes fades what lies far from the middle of the padded image, to a half where the frame is as
    wide as that image, as for survey stamps of 30 px in a frame of 128 px; what lies beyond the period of the
    drawing's own transform falls back into the frame; and modes that are weak beside a bright galaxy's flux,
    which are all those of the noise, are left out.

    Parameters
    ----------
    observation : Observation
    padding : galsim.Image
        Noise behind the observed image.
    stepk : float
        Step in Fourier space that the galaxy needs, 1/arcsec.
    width : float
        Of the frame, arcsec.
    """
    own = max(observation.image.array.shape)
    reach = max(own, len(padding.array)) * observation.pixel_scale
    # What lies at reach / 2 is repeated a period away, and must not come nearer than width / 2.
    period = (reach + width) / 2 + NOISE_MARGIN * observation.pixel_scale
    factor = max(PADDING, _WIDE_PADDING * width / observation.pixel_scale / own)
    return Transform(math.ceil(factor), min(stepk, 2 * math.pi / period), whole=True)


def draw_as_observed(
    observation: Observation, padding: galsim.Image, transform: Transform, size: int, scale: float
) -> NDArray[np.float32]:
    """Return what ``Convolve(RealGalaxy, psf).drawImage`` draws, at less than half of its cost.

    Deconvolved by its PSF and convolved with it again, a galaxy is unchanged: its image is interpolated
    and drawn, and the PSF enters only where GalSim's deconvolution does not divide.

    Parameters
    ----------
    observation : Observation
    padding : galsim.Image
        Noise behind the observed image.
    transform : Transform
        With the step in Fourier space that the convolution needs.
    size : int
        Side of the stamp in pixels.
    scale : float
        arcsec per pixel.

    Returns
    -------
    ndarray of float32, shape (size, size)
        Flux per pixel; equal to GalSim's to single precision.
    """
    psf = observation.psf
    # The noise of nearly every galaxy reaches beyond the PSF's largest wavenumber; to find the galaxy's
    # own, GalSim makes a transform as costly as everything else. _largest_mode treats the exceptions.
    galaxy = galsim.InterpolatedImage(
        observation.image,
        pad_factor=transform.padding,
        pad_image=padding,
        _force_stepk=transform.stepk,
        _force_maxk=psf.maxk,
    )
    to_pixels = galsim.PixelScale(scale).toImage
    profile, pixel = to_pixels(galaxy), galsim.Pixel(1.0)
    if size % 2 == 0:  # the middle of the frame lies between pixels
        profile = profile.shift(-0.5, -0.5)
    image = galsim.ImageF(size, size, scale=1.0)
    image.setCenter(0, 0)
    modes, wrap_size = galsim.Convolve(profile, pixel).drawFFT_makeKImage(image)
    psf_modes, pixel_modes = (
        part.drawKImage(modes.copy(), recenter=False) for part in (to_pixels(psf), pixel)
    )
    profile.drawKImage(modes, recenter=False)

    half = modes.array.shape[1] - 1  # wavenumbers: -half to half along y, 0 to half along x
    kx, ky = np.arange(half + 1), np.abs(np.arange(-half, half + 1))[:, None]
    last = np.inf if transform.whole else _largest_mode(observation, padding, modes, scale)
    largest = max(last, wrap_size // 2)
    within = (kx**2 + ky**2 <= (psf.maxk * scale / modes.scale) ** 2) & (kx <= largest) & (ky <= largest)
    # Where the PSF has next to no power, GalSim's Deconvolve does not divide by it.
    least = galsim.GSParams().kvalue_accuracy
    kept = np.where(np.abs(psf_modes.array) > least, 1, psf_modes.array / least)
    modes.array[:] *= within * kept * pixel_modes.array
    profile.drawFFT_finish(image, modes, wrap_size, add_to_image=False)
    drawn: NDArray[np.float32] = image.array
    return drawn


def _largest_mode(
    observation: Observation, padding: galsim.Image, modes: galsim.Image, scale: float
) -> float:
    """Return the wavenumber up to which GalSim draws the galaxy, in steps of ``modes``.

    GalSim stops where the galaxy's power stays below a thousandth of its flux. Its own calculation is
    worth its time only where the modes come near that, in about one of 100 galaxies.
    """
    power = np.abs(modes.array)  # (2 half + 1, half + 1)
    half = power.shape[1] - 1
    power = np.maximum(power[half:], power[half::-1])  # (half + 1, half + 1), of either sign of ky
    shells = np.maximum(np.tril(power).max(axis=1), np.triu(power).max(axis=0))  # max(kx, ky) = 0 to half
    flux = abs(float(observation.image.array.sum()))
    if shells.min() > _MARGIN * galsim.GSParams().maxk_threshold * flux:
        return np.inf
    galaxy = galsim.InterpolatedImage(
        observation.image,
        pad_factor=PADDING,
        pad_image=padding,
        calculate_stepk=False,
        calculate_maxk=observation.psf.maxk,
    )
    return float(np.ceil(galaxy.maxk * scale / modes.scale))
