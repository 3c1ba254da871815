"""The noise of a survey on the pixels of a stamp: its variance, and its correlation between them."""

import math

import galsim
import numpy as np
from numpy.typing import NDArray

from galforge.survey.observation import Observation

LAGS = 16  # px of the stamp up to which a correlation is kept
_SUPPORT = (
    64  # px of the survey beyond which noise is taken as uncorrelated; GalSim's COSMOS table ends at 40
)
_PSF_REACH = 2.0  # full widths at half maximum over which another PSF spreads noise


def drawn_noise_covariance(
    observation: Observation, scale: float, psf: galsim.GSObject | None = None
) -> NDArray[np.float64]:
    r"""Return the covariance of a stamp's noise, for noise of variance 1 on the survey's pixels.

    .. math:: \xi(j) = r^4 \int P(k)\, q^2(k)\, \mathrm{sinc}^2(r k_x)\, \mathrm{sinc}^2(r k_y)\,
        |T(k)|^2\, e^{2 \pi i\, r\, k \cdot j}\, \mathrm{d}^2 k

    P is the power spectrum of the noise on the survey's pixels, which repeats with every cycle per pixel, q
    the response of the interpolant between them, r the stamp's pixel scale over the survey's, sinc the
    response of the stamp's pixel, and T the transfer function of another PSF in place of the observation's.

    Parameters
    ----------
    observation : Observation
    scale : float
        arcsec per pixel of the stamp.
    psf : galsim.GSObject, optional
        What replaces the observation's own PSF; nothing by default (T = 1).

    Returns
    -------
    ndarray of float64, shape (2 LAGS + 1, 2 LAGS + 1)
        Zero lag in the middle; rows are lags along y. Beyond the reach of the noise it is zero.

    Notes
    -----
    :func:`galforge.imaging.catalog_noise.noise_amplification` is the root of its middle with q = T = 1 and
    COSMOS noise; GalSim's interpolation makes drawn noise up to 5 % quieter.
    """
    ratio = scale / observation.pixel_scale
    spread = _PSF_REACH * psf.fwhm / observation.pixel_scale if isinstance(psf, galsim.Gaussian) else 0.0
    lags = min(LAGS, math.ceil((_SUPPORT + spread) / ratio))
    # Lags around a whole period would add to those within it.
    modes = galsim.Image.good_fft_size(2 * math.ceil(_SUPPORT + spread + lags * ratio))
    frequency = np.arange(-modes, modes) / modes  # cycles per pixel of the survey, its first repetition, too
    response = galsim.Quintic().kval(2 * np.pi * frequency) * np.sinc(ratio * frequency)
    power = np.outer(response**2, response**2) * np.tile(_power(observation, modes), (2, 2))
    if psf is not None:
        power *= _transfer(observation, psf, modes)
    wave = np.exp(
        2j * np.pi * ratio * np.outer(np.arange(-lags, lags + 1), frequency)
    )  # (2 lags + 1, 2 modes)
    covariance = ratio**4 / modes**2 * (wave @ power @ wave.T).real
    return np.pad(covariance, LAGS - lags)


def _power(observation: Observation, modes: int) -> NDArray[np.float64]:
    """Return the power of noise of variance 1 on the survey's pixels, (modes, modes), from frequency 0 on."""
    side = 2 * _SUPPORT + 1
    table = galsim.ImageD(side, side)
    observation.noise.drawImage(table, scale=observation.pixel_scale)
    padded = np.zeros((modes, modes))
    padded[:side, :side] = table.array
    power = np.fft.fft2(np.roll(padded, (-_SUPPORT, -_SUPPORT), axis=(0, 1))).real
    return np.asarray(np.clip(power, 0.0, None))


def _transfer(observation: Observation, psf: galsim.GSObject, modes: int) -> NDArray[np.float64]:
    """Return by what another PSF multiplies the power, (2 modes, 2 modes), from -1 cycle per pixel on."""
    replaced = galsim.Convolve(galsim.Deconvolve(observation.psf), psf)
    step = 2 * np.pi / (modes * observation.pixel_scale)
    # An odd side has zero frequency in its middle; the last row and column are those of +1 cycle.
    drawn = replaced.drawKImage(nx=2 * modes + 1, ny=2 * modes + 1, scale=step).array[:-1, :-1]
    return np.asarray(np.abs(drawn) ** 2)
