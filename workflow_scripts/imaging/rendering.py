"""Drawing a survey's galaxy as a square stamp that holds all of it."""

from dataclasses import dataclass

import galsim
import numpy as np
from numpy.typing import NDArray

# An oversized Fourier transform becomes an error of this galaxy instead of an exhausted memory.
galsim.errors.raise_fft_size_error = True


@dataclass(frozen=True)
class RenderedStamp:
    """One drawn galaxy.

    Attributes
    ----------
    image : ndarray of float32, shape (size, size)
        Flux a pixel; zeros where ``status`` is not ``"ok"``.
    pixel_scale : float
        arcsec a pixel.
    original_size : int
        Good image size on the survey's pixels.
    automatic_size : int
        The side that ``drawImage`` would choose by itself at ``pixel_scale``.
    padding_noise : float
        Standard deviation of the noise beyond the survey's own stamp, on the survey's pixels.
    status : str
        ``"ok"``, or why the galaxy could not be drawn.
    """

    image: NDArray[np.float32]
    pixel_scale: float
    original_size: int
    automatic_size: int
    padding_noise: float
    status: str


def corrected_scale(pixel_scale: float, original_size: int, desired_size: int) -> float:
    """Return the pixel scale at which a galaxy just fits a stamp, Eq. 1 of Danilov (2020).

    Parameters
    ----------
    pixel_scale : float
        Of the survey, arcsec (0.03 for COSMOS).
    original_size : int
        Good image size of the galaxy convolved with its PSF, on the survey's pixels.
    desired_size : int
        Side of the stamp in pixels.

    Returns
    -------
    float
        arcsec a pixel.

    Notes
    -----
    The 2 is the border that ``drawImage`` adds: drawn at this scale with no size given, its
    automatic image is ``desired_size`` on a side (62 instead of 64 for about one COSMOS galaxy in a
    hundred, whose stamp then gets one further pixel of sky on each side).
    """
    return pixel_scale * original_size / (desired_size - 2)


def render_galaxy(survey: galsim.COSMOSCatalog, row: int, size: int, seed: int) -> RenderedStamp:
    """Draw one galaxy as it was observed, rescaled to fill a stamp, never cropped.

    Parameters
    ----------
    survey : galsim.COSMOSCatalog
    row : int
        Row in the survey's catalogue (not among the galaxies that pass its exclusion level).
    size : int
        Side of the stamp in pixels.
    seed : int
        Of this galaxy's noise padding.

    Returns
    -------
    RenderedStamp
        A galaxy that cannot be drawn has the reason as its status: one bad file of a survey is a
        count in the attrition table, not the end of the run.

    Notes
    -----
    The frame that Eq. 1 gives is larger than the survey's own stamp for small galaxies (92 against
    54 px, say). Beyond that stamp lies nothing, not even noise, so the border noise would be zero
    and the signal-to-noise ratio infinite. The survey's correlated noise is therefore continued to
    the edge of the frame, as GalSim's ``makeGalaxy`` does by default. The size of the galaxy is
    measured before. The continued noise has the catalogue's variance, unless the stamp's own edge
    contradicts it (see :func:`padding_variance`).
    """
    try:
        catalog = survey.real_cat
        galaxy_image, psf_image = catalog.getGalImage(row), catalog.getPSFImage(row)
        if not np.isfinite(galaxy_image.array).all():
            return _failed(size, "image has pixels that are not finite")
        noise_image, native_scale, variance = catalog.getNoiseProperties(row)
        variance = padding_variance(galaxy_image.array, variance)
        observation = (galaxy_image, psf_image, noise_image, native_scale, variance)
        galaxy = galsim.RealGalaxy(observation)
        psf = galaxy.original_psf
        observed = galsim.Convolve(galaxy, psf)
        original_size = observed.getGoodImageSize(native_scale)
        scale = corrected_scale(native_scale, original_size, size)
        automatic_size = observed.drawImage(scale=scale, setup_only=True).array.shape[0]
        # At this scale the automatic image is never larger than the stamp, so a given size adds sky
        # and cuts nothing. Should it be larger, the scale grows with it.
        if automatic_size > size:
            scale *= automatic_size / size
        padded = galsim.RealGalaxy(observation, noise_pad_size=size * scale, rng=galsim.BaseDeviate(seed))
        image = galsim.Convolve(padded, psf).drawImage(nx=size, ny=size, scale=scale).array
    # Whatever is wrong with one galaxy's files: a missing or truncated file, an HDU that is not
    # there, an oversized transform, a PSF that is not an image.
    except (galsim.GalSimError, OSError, LookupError, TypeError, ValueError, AttributeError) as error:
        return _failed(size, " ".join(f"{type(error).__name__}: {error}".split())[:120])
    if not np.isfinite(image).all():
        return _failed(size, "drawn stamp has pixels that are not finite")
    if image.min() == image.max():
        return _failed(size, "drawn stamp is constant")
    return RenderedStamp(image.astype(np.float32), scale, original_size, automatic_size, variance**0.5, "ok")


def padding_variance(image: NDArray[np.floating], catalog_variance: float) -> float:
    """Return the variance of the noise that continues a stamp beyond its edge.

    Parameters
    ----------
    image : ndarray, shape (H, W)
        The survey's own stamp.
    catalog_variance : float
        As the survey's catalogue has it.

    Returns
    -------
    float
        The catalogue's, unless the outermost two pixels scatter by less than half of its standard
        deviation: light of a galaxy can only add to the scatter of an edge, so the catalogue is then
        wrong (1 of the 100 HST galaxies of BlendingToolKit: 3 times too noisy; for the others the
        two agree within a third) and the edge's own scatter, by its median deviation, is taken.
    """
    edge = np.concatenate([image[:2], image[-2:], image[2:-2, :2].T, image[2:-2, -2:].T], axis=1)
    # 1.4826 makes the median absolute deviation of a normal distribution its standard deviation.
    measured = 1.4826 * float(np.median(np.abs(edge - np.median(edge))))
    return measured**2 if 0 < measured < 0.5 * catalog_variance**0.5 else float(catalog_variance)


def _failed(size: int, reason: str) -> RenderedStamp:
    return RenderedStamp(np.zeros((size, size), dtype=np.float32), np.nan, 0, 0, np.nan, reason)
