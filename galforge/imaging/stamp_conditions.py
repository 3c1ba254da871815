"""The conditions under which stamps are observed: the PSF and the noise on a stamp's own pixels."""

import math
from dataclasses import dataclass

import galsim
import numpy as np
from numpy.typing import NDArray

from galforge.imaging.drawn_noise import LAGS, drawn_noise_covariance
from galforge.imaging.stamp_psf import draw_stamp_psf
from galforge.survey.observation import Observation

_COVARIANCES_KEPT = 64  # as many as a survey's reader keeps PSFs


@dataclass(frozen=True)
class StampConditions:
    """The conditions of one stamp.

    Attributes
    ----------
    psf : ndarray of float64, shape (P, P)
        As :func:`draw_stamp_psf` gives it.
    covariance : ndarray of float64, shape (2 LAGS + 1, 2 LAGS + 1)
        Of the noise, for variance 1 on the survey's pixels, as :func:`drawn_noise_covariance` gives it.
    standard_deviation : float
        Of the noise of a pixel, flux.
    """

    psf: NDArray[np.float64]
    covariance: NDArray[np.float64]
    standard_deviation: float


class ConditionsOfStamps:
    """The conditions of stamps of one size and pixel scale; what galaxies share is computed once.

    Parameters
    ----------
    size : int
        Side of a stamp in pixels.
    scale : float
        arcsec per pixel.
    fwhm : float or None
        Of the Gaussian that replaces the PSFs of the observations, arcsec; None keeps them.
    """

    def __init__(self, size: int, scale: float, fwhm: float | None) -> None:
        self._size, self._scale = size, scale
        self._psf = None if fwhm is None else galsim.Gaussian(fwhm=fwhm)
        # With what each belongs to: as long as that is here, its id is given to nothing else.
        self._covariances: dict[tuple[int, int], tuple[Observation, NDArray[np.float64]]] = {}

    def of(self, observation: Observation) -> StampConditions:
        """Return the conditions of one galaxy's stamp.

        Raises
        ------
        galsim.GalSimError
            If its PSF cannot be drawn.
        """
        covariance = self._covariance(observation)
        variance = observation.noise_variance * float(covariance[LAGS, LAGS])
        psf = self._psf or observation.psf
        return StampConditions(draw_stamp_psf(psf, self._size, self._scale), covariance, math.sqrt(variance))

    def _covariance(self, observation: Observation) -> NDArray[np.float64]:
        # The observation's own PSF does not change its noise.
        key = (id(observation.noise), 0 if self._psf is None else id(observation.psf))
        if key not in self._covariances:
            if len(self._covariances) == _COVARIANCES_KEPT:
                del self._covariances[next(iter(self._covariances))]
            covariance = drawn_noise_covariance(observation, self._scale, self._psf)
            self._covariances[key] = (observation, covariance)
        return self._covariances[key][1]
