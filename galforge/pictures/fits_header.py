"""What the header of a FITS picture says of its pixels: their width, the zero point and the PSF."""

import math
import warnings
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS

# Keywords in use; the first that is there counts.
_SCALES = ("PIXSCALE", "PIXSCAL1", "PIXELSCL", "SECPIX")  # arcsec
_ZERO_POINTS = ("MAGZERO", "MAGZPT", "MAGZP", "ZEROPT", "ZEROPNT", "ZPT", "ZP", "PHOTZP")  # mag
_WIDTHS = ("PSF_FWHM", "PSFFWHM", "FWHM_PSF", "SEEING", "FWHM")  # arcsec, or pixels if the comment says so
_MATRIX = ("CD1_1", "CD1_2", "CDELT1")  # one of these is there where a width is


class Calibration(NamedTuple):
    """Width of a pixel (arcsec), zero point (mag) and full width of the PSF at half maximum (arcsec).

    Each is NaN where the header does not give it.
    """

    pixel_scale: float
    zero_point: float
    psf_fwhm: float


UNCALIBRATED = Calibration(math.nan, math.nan, math.nan)


def calibration_of(*headers: fits.Header) -> Calibration:
    """Return what headers say, that of the image first, then that of the file."""
    scale = next(filter(math.isfinite, map(_pixel_scale, headers)), math.nan)
    zero_point = next(filter(math.isfinite, map(_zero_point, headers)), math.nan)
    width = next((found for header in headers if math.isfinite(found := _psf_fwhm(header, scale))), math.nan)
    return Calibration(scale, zero_point, width)


def _pixel_scale(header: fits.Header) -> float:
    if math.isfinite(_number(header, _MATRIX)):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                matrix = WCS(header, naxis=2).pixel_scale_matrix
        except Exception:  # whatever wcslib and astropy raise over a header that contradicts itself
            return math.nan
        if np.array_equal(np.abs(matrix), np.eye(2)):
            return math.nan  # coordinates in pixels
        # In degrees, whatever the header's unit is.
        return _positive(3600 * math.sqrt(abs(float(np.linalg.det(matrix)))))
    return _positive(_number(header, _SCALES))


def _zero_point(header: fits.Header) -> float:
    if math.isfinite(stated := _number(header, _ZERO_POINTS)):
        return stated
    if (at_zero := _number(header, ("FLUXMAG0",))) > 0:  # LSST's and HSC's: the flux of magnitude 0
        return 2.5 * math.log10(at_zero)
    flux, wavelength = _number(header, ("PHOTFLAM",)), _number(header, ("PHOTPLAM",))
    if flux > 0 and wavelength > 0:  # HST's, in the AB system
        return -2.5 * math.log10(flux) - 5 * math.log10(wavelength) - 2.408
    return math.nan


def _psf_fwhm(header: fits.Header, pixel_scale: float) -> float:
    key = next((key for key in _WIDTHS if key in header), "")
    if not key:
        return math.nan
    try:
        in_pixels = "pix" in str(header.comments[key]).lower()
    except fits.VerifyError:
        return math.nan
    return _positive(_number(header, (key,)) * (pixel_scale if in_pixels else 1.0))


def _number(header: fits.Header, keys: Sequence[str]) -> float:
    for key in keys:
        try:
            value = header.get(key)
        except fits.VerifyError:  # a card that is no FITS
            continue
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return float(value)
    return math.nan


def _positive(value: float) -> float:
    return value if math.isfinite(value) and value > 0 else math.nan
