"""Point spread functions like those of the Advanced Camera for Surveys in F814W."""

import galsim
import numpy as np
from numpy.typing import NDArray

from galforge.core.seeds import derive_seed

PIXEL_SCALE = 0.03  # arcsec, of the COSMOS weak-lensing reduction

PSF_SIGMA = 0.0531  # arcsec, median adaptive sigma of the 100 real PSF images named below

# The telescope: primary mirror in metres, central obscuration as a fraction of its diameter, and the
# effective wavelength of F814W in nm (ACS Instrument Handbook).
_DIAMETER, _OBSCURATION, _WAVELENGTH = 2.4, 0.33, 814.0
_STRUTS, _STRUT_THICKNESS = 4, 0.01

# A native ACS pixel, and a Gaussian for charge diffusion, jitter and the drizzling kernel. The Gaussian's
# width and the aberrations are chosen to give the sizes (adaptive sigma PSF_SIGMA, FWHM 0.09 to 0.12
# arcsec) and the scatter of ellipticity (0.01 to 0.02 per component) measured on the 100 PSF images of
# GalSim's F814W < 23.5 example catalogue.
_NATIVE_PIXEL = 0.05  # arcsec
_DIFFUSION_SIGMA = 0.034  # arcsec
_ABERRATION = 0.014  # waves, standard deviation of Zernike terms 4 (defocus) to 11 (spherical)

_SIZE = 39  # pixels, side of the image, as the largest of the real ones


def draw_point_spread_function(seed: int, number: int) -> NDArray[np.float64]:
    """Return one PSF image.

    Parameters
    ----------
    seed : int
        The survey's seed.
    number : int
        Number of the PSF in the bank.

    Returns
    -------
    ndarray of float64, shape (39, 39)
        The response to a point source on 0.03 arcsec pixels, the pixel included, centred, of sum 1.
    """
    random = np.random.default_rng(derive_seed(seed, "point spread function", number))
    aberrations = np.zeros(12)
    aberrations[4:] = random.normal(0.0, _ABERRATION, 8)
    profile = galsim.Convolve(
        galsim.OpticalPSF(
            lam=_WAVELENGTH,
            diam=_DIAMETER,
            obscuration=_OBSCURATION,
            nstruts=_STRUTS,
            strut_thick=_STRUT_THICKNESS,
            strut_angle=random.uniform(0, 90) * galsim.degrees,
            aberrations=aberrations,
        ),
        galsim.Gaussian(sigma=_DIFFUSION_SIGMA),
        galsim.Pixel(_NATIVE_PIXEL),
    )
    # Coma moves the peak; the real PSF images are centred.
    profile = profile.shift(-profile.centroid)
    image = profile.drawImage(
        nx=_SIZE, ny=_SIZE, scale=PIXEL_SCALE, method="no_pixel", dtype=np.float64
    ).array
    return np.asarray(image / image.sum())
