"""Drawing a survey's galaxy as a square stamp, with sanity checks of the result."""

import math
from dataclasses import dataclass, replace

import galsim
import numpy as np
from numpy.typing import NDArray

from galforge.imaging.noise_padding import noise_field, padding_variance
from galforge.imaging.observed_image import (
    NOISE_MARGIN,
    PADDING,
    Transform,
    draw_as_observed,
    wide_transform,
)
from galforge.imaging.sanity_checks import centroid_offset, flux_fraction
from galforge.imaging.stamp_conditions import ConditionsOfStamps, StampConditions
from galforge.survey.observation import (
    Observation,
    ObservationReader,
    UnusableGalaxyError,
    faults_of,
)

# An oversized Fourier transform becomes an error of its galaxy instead of exhausting the memory.
galsim.errors.raise_fft_size_error = True


@dataclass(frozen=True)
class Frame:
    """How stamps are drawn.

    Attributes
    ----------
    size : int
        Side in pixels.
    pixel_scale : float or None
        arcsec per pixel, the same for all galaxies; None rescales each galaxy to fill its frame, Eq. 1
        of Danilov (2020).
    psf_fwhm : float or None
        Full width at half maximum, arcsec, of the Gaussian that replaces the observation's own PSF;
        None keeps that PSF.
    even_noise : bool
        Whether the noise has one level up to the edges of the frame, for work with the noise, at the cost of
        larger transforms (:func:`wide_transform`).
    """

    size: int
    pixel_scale: float | None = None
    psf_fwhm: float | None = None
    even_noise: bool = False


@dataclass(frozen=True)
class RenderedStamp:
    """One drawn galaxy.

    Attributes
    ----------
    image : ndarray of float32, shape (size, size)
        Flux per pixel; zeros where ``status`` is not ``"ok"``.
    status : str
        ``"ok"``, or why the galaxy could not be drawn; all attributes below are then 0 or NaN.
    pixel_scale : float
        arcsec per pixel.
    original_size : int
        Good image size on the survey's pixels.
    automatic_size : int
        The side that ``drawImage`` would choose at ``pixel_scale``.
    larger_than_frame : int
        1 where ``automatic_size`` exceeds the frame: the galaxy reaches beyond it.
    flux_fraction : float
        Light inside the frame over that of the survey's own stamp (see :func:`flux_fraction`).
    centroid_offset : float
        Distance of the galaxy's centroid from the middle of the frame, pixels; NaN where there is no fit.
    padding_noise : float
        Standard deviation of the noise beyond the survey's own stamp, on the survey's pixels.
    conditions : StampConditions or None
        PSF and noise on the stamp's pixels, where they were asked for.
    """

    image: NDArray[np.float32]
    status: str
    pixel_scale: float = np.nan
    original_size: int = 0
    automatic_size: int = 0
    larger_than_frame: int = 0
    flux_fraction: float = np.nan
    centroid_offset: float = np.nan
    padding_noise: float = np.nan
    conditions: StampConditions | None = None


def corrected_scale(pixel_scale: float, original_size: int, desired_size: int) -> float:
    """Return the pixel scale at which a galaxy just fits a stamp, Eq. 1 of Danilov (2020).

    Parameters
    ----------
    pixel_scale : float
        Pixel scale of the survey, arcsec (0.03 for COSMOS).
    original_size : int
        Good image size of the galaxy convolved with its PSF, on the survey's pixels.
    desired_size : int
        Side of the stamp in pixels.

    Returns
    -------
    float
        arcsec per pixel.

    Notes
    -----
    The 2 is the border that ``drawImage`` adds: drawn at this scale with no size given, its
    automatic image is ``desired_size`` on a side (62 instead of 64 for about one COSMOS galaxy in a
    hundred, whose stamp then gets one further pixel of sky on each side).
    """
    return pixel_scale * original_size / (desired_size - 2)


def render_galaxy(
    observations: ObservationReader,
    row: int,
    frame: Frame,
    seed: int,
    conditions: ConditionsOfStamps | None = None,
) -> RenderedStamp:
    """Draw one galaxy of a survey.

    Parameters
    ----------
    observations : ObservationReader
    row : int
        Row in the survey's catalogue (not among the galaxies that pass its exclusion level).
    frame : Frame
    seed : int
        Seed of this galaxy's noise padding.
    conditions : ConditionsOfStamps, optional
        Of the same frame, where the stamp's conditions are wanted.

    Returns
    -------
    RenderedStamp
        A galaxy that cannot be drawn has the reason as its status: one bad file of a survey adds to a
        count in the attrition table and does not end the run.
    """
    try:
        observation = observations.read(row)
        with faults_of("drawing"):
            stamp = draw_observation(observation, frame, seed)
            return replace(stamp, conditions=conditions.of(observation)) if conditions else stamp
    except UnusableGalaxyError as error:
        return RenderedStamp(np.zeros((frame.size, frame.size), dtype=np.float32), status=str(error))


def draw_observation(observation: Observation, frame: Frame, seed: int) -> RenderedStamp:
    """Draw one galaxy: rescaled to fill its frame or at a given scale, with its own PSF or a Gaussian.

    Parameters
    ----------
    observation : Observation
    frame : Frame
    seed : int
        Seed of the noise padding.

    Raises
    ------
    galsim.GalSimError
        If a Fourier transform would be larger than GalSim's ``maximum_fft_size``, or there is no light.
    ValueError
        If the stamp is constant or not finite.

    Notes
    -----
    The frame that Eq. 1 gives is larger than the survey's own stamp for small galaxies (92 against
    54 px, say). Beyond that stamp lies nothing, not even noise, so the border noise would be zero
    and the signal-to-noise ratio infinite. The survey's correlated noise is therefore continued to
    the edge of the frame, as GalSim's ``makeGalaxy`` does by default. The continued noise has the
    catalogue's variance, unless the stamp's own edge contradicts it (see :func:`padding_variance`).

    The stamps are those of ``Convolve(RealGalaxy, psf).drawImage``, drawn faster: the extent of the galaxy
    is measured once, without a transform; see also :func:`draw_as_observed`.
    """
    _check_transform_size(observation, PADDING)
    psf = observation.psf if frame.psf_fwhm is None else galsim.Gaussian(fwhm=frame.psf_fwhm)
    extent = _extent(observation, psf)
    size, original_size = frame.size, extent.getGoodImageSize(observation.pixel_scale)
    scale, automatic_size = _scale_in_frame(extent, frame, observation.pixel_scale, original_size)
    variance = padding_variance(observation.image.array, observation.noise_variance)
    padding, image = _drawn(observation, frame, psf, extent.stepk, scale, variance, seed)
    if not np.isfinite(image).all():
        raise ValueError("stamp has pixels that are not finite")
    if image.min() == image.max():
        raise ValueError("stamp is constant")
    return RenderedStamp(
        image.astype(np.float32),
        "ok",
        pixel_scale=scale,
        original_size=original_size,
        automatic_size=automatic_size,
        larger_than_frame=int(automatic_size > size),
        flux_fraction=flux_fraction(
            image, observation.image.array, padding.array, size * scale / observation.pixel_scale
        ),
        centroid_offset=centroid_offset(image),
        padding_noise=variance**0.5,
    )


def _drawn(
    observation: Observation,
    frame: Frame,
    psf: galsim.GSObject,
    stepk: float,
    scale: float,
    variance: float,
    seed: int,
) -> tuple[galsim.Image, NDArray[np.float32]]:
    """Return the noise behind a galaxy, and its stamp, at the scale of a frame."""
    size, wide = frame.size, None
    padding = noise_field(observation, (size + NOISE_MARGIN * frame.even_noise) * scale, variance, seed)
    if frame.even_noise:
        wide = wide_transform(observation, padding, stepk, size * scale)
        _check_transform_size(observation, wide.padding)
    if frame.psf_fwhm is None:
        transform = wide or Transform(PADDING, stepk)
        return padding, draw_as_observed(observation, padding, transform, size, scale)
    return padding, _draw_with_psf(observation, padding, psf, size, scale, wide)


def _extent(observation: Observation, psf: galsim.GSObject) -> galsim.GSObject:
    """Return a galaxy with another PSF, good only for the size that it needs."""
    own = observation.psf
    # As in RealGalaxy: the extent of the PSF bounds what noise can make of the galaxy's.
    bare = galsim.InterpolatedImage(
        observation.image, pad_factor=1, calculate_stepk=own.stepk, calculate_maxk=False
    )
    return galsim.Convolve(bare, galsim.Deconvolve(own), psf)


def _scale_in_frame(
    extent: galsim.GSObject, frame: Frame, native_scale: float, original_size: int
) -> tuple[float, int]:
    """Return the pixel scale of a stamp, and the side that ``drawImage`` would choose at it."""
    scale = frame.pixel_scale or corrected_scale(native_scale, original_size, frame.size)
    automatic_size = _automatic_size(extent, scale)
    if frame.pixel_scale is None and automatic_size > frame.size:
        # At the scale of Eq. 1 the automatic image is never larger than the stamp, so a given size adds
        # sky and cuts nothing. Should it be larger, the scale grows with it.
        scale *= automatic_size / frame.size
        automatic_size = _automatic_size(extent, scale)
    return scale, automatic_size


def _draw_with_psf(
    observation: Observation,
    padding: galsim.Image,
    psf: galsim.GSObject,
    size: int,
    scale: float,
    wide: Transform | None,
) -> NDArray[np.float32]:
    """Draw a galaxy and the noise behind it with another PSF in place of the observation's own."""
    own = observation.psf
    galaxy = galsim.InterpolatedImage(
        observation.image,
        pad_factor=wide.padding if wide else PADDING,
        pad_image=padding,
        calculate_stepk=own.stepk,
        calculate_maxk=own.maxk,
        _force_stepk=wide.stepk if wide else 0.0,
        _force_maxk=own.maxk if wide else 0.0,
    )
    convolved = galsim.Convolve(galaxy, galsim.Deconvolve(own), psf)
    drawn: NDArray[np.float32] = convolved.drawImage(nx=size, ny=size, scale=scale).array
    return drawn


def _automatic_size(profile: galsim.GSObject, scale: float) -> int:
    size: int = profile.drawImage(scale=scale, setup_only=True).array.shape[0]
    return size


def _check_transform_size(observation: Observation, padding: float) -> None:
    # GalSim checks the transform of the drawing but not that of the padded image, which is larger.
    side = galsim.Image.good_fft_size(math.ceil(padding * max(observation.image.array.shape)))
    largest = galsim.GSParams().maximum_fft_size
    if side > largest:
        raise galsim.GalSimFFTSizeError("image needs a transform that is too large", side)
