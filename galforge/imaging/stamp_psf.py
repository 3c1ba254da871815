"""The PSF on the pixels of a stamp, as a stamp's light was convolved with it."""

import galsim
import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve

LIGHT_INSIDE = (
    0.999  # of a PSF's light that its image in a dataset holds at least, where the stamp is as large
)


def draw_stamp_psf(psf: galsim.GSObject, size: int, scale: float) -> NDArray[np.float64]:
    """Draw the PSF that makes a stamp out of light without any PSF, by discrete convolution.

    Parameters
    ----------
    psf : galsim.GSObject
        That of the observation, which holds the survey's pixel, or what replaces it.
    size : int
        Side of the stamp in pixels.
    scale : float
        arcsec per pixel of the stamp.

    Returns
    -------
    ndarray of float64, shape (P, P)
        Of sum 1, centred on the middle pixel; P is the largest odd number that is not above ``size``.

    Notes
    -----
    A stamp is galaxy * PSF * pixel, sampled at its pixels, the pixel being the stamp's own. That pixel
    belongs to the light that is convolved, (galaxy * pixel) * PSF, so it is not in the PSF, which is sampled,
    not integrated over pixels (``method="no_pixel"``): with the pixel in both it would count twice. Sampled
    light and sampled PSF give the sampled stamp as far as pixels resolve them.
    """
    side = size - 1 + size % 2
    drawn = psf.drawImage(nx=side, ny=side, scale=scale, method="no_pixel", dtype=np.float64).array
    return np.asarray(drawn / drawn.sum())


def side_that_holds(psf: NDArray[np.floating]) -> int:
    """Return the least odd side of a central square with :data:`LIGHT_INSIDE` of a PSF's light.

    Parameters
    ----------
    psf : ndarray, shape (P, P), P odd
        Of sum 1.
    """
    for side in range(1, len(psf), 2):
        if central(psf, side).sum(dtype=np.float64) >= LIGHT_INSIDE:
            return side
    return len(psf)


def central(images: NDArray[np.floating], side: int) -> NDArray[np.floating]:
    """Return the central squares of an odd side of images (..., P, P), P odd."""
    edge = (images.shape[-1] - side) // 2
    return images[..., edge : edge + side, edge : edge + side]


def through_psf(light: NDArray[np.floating], psfs: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return light as it is seen through PSFs.

    Parameters
    ----------
    light : ndarray, shape (N, H, W)
        Integrated over the stamp's pixels, without any PSF; nothing lies beyond the edges.
    psfs : ndarray, shape (N, P, P), P odd
        From :func:`draw_stamp_psf`.

    Returns
    -------
    ndarray of float32, shape (N, H, W)
    """
    seen = np.empty(light.shape, dtype=np.float32)
    # One at a time: transforms of thousands of padded stamps at once would not fit in memory.
    for number, (image, psf) in enumerate(zip(light, psfs, strict=True)):
        seen[number] = fftconvolve(np.asarray(image, dtype=np.float64), psf, mode="same")
    return seen
