"""An observed galaxy drawn on other pixels, with the PSF that it was observed with."""

import galsim
import numpy as np
from numpy.typing import NDArray

from galforge.survey.observation import Observation

PADDING = 4  # GalSim's default: the transform of an interpolated image has so many times its side
_MARGIN = 2.0  # factor by which modes may exceed the neighbouring ones that GalSim inspects


def draw_as_observed(
    observation: Observation, padding: galsim.Image, stepk: float, size: int, scale: float
) -> NDArray[np.float32]:
    """Return what ``Convolve(RealGalaxy, psf).drawImage`` draws, at less than half of its cost.

    Deconvolved by its PSF and convolved with it again, a galaxy is unchanged: its image is interpolated
    and drawn, and the PSF enters only where GalSim's deconvolution does not divide.

    Parameters
    ----------
    observation : Observation
    padding : galsim.Image
        Noise behind the observed image.
    stepk : float
        Step in Fourier space that the convolution needs, 1/arcsec.
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
        pad_factor=PADDING,
        pad_image=padding,
        _force_stepk=stepk,
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
    largest = max(_largest_mode(observation, padding, modes, scale), wrap_size // 2)
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
