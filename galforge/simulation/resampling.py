"""Images on other pixels, in real space."""

import galsim
import numpy as np
from numpy.typing import NDArray

_REACH = 3  # pixels over which GalSim's quintic interpolant is not zero; a polynomial between whole ones
_NODES = 3  # of Gauss and Legendre's rule, which are exact for a polynomial of degree 5


def resampled(image: NDArray[np.float64], size: int, ratio: float) -> NDArray[np.float64]:
    """Return the flux of an image in other pixels, with the same middle.

    Parameters
    ----------
    image : ndarray, shape (n, n)
        Flux per pixel; between pixels interpolated by GalSim's quintic interpolant, zero beyond the edges.
    size : int
        Side of the result in pixels.
    ratio : float
        Width of a pixel of the result over that of the image.

    Returns
    -------
    ndarray of float64, shape (size, size)

    Notes
    -----
    What ``InterpolatedImage.drawImage`` draws, without its Fourier transform, which takes seconds: the
    interpolant and the pixel are products of functions of x and y, so two matrices do it.
    """
    edges = (np.arange(size + 1) - size / 2) * ratio
    pixels = np.arange(len(image)) - (len(image) - 1) / 2
    weights = np.diff(_integral(edges[:, None] - pixels), axis=0)  # (size, n)
    return np.asarray(weights @ image @ weights.T)


def _integral(end: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the integral of the interpolant from far away up to ``end``."""
    whole = np.arange(-_REACH, _REACH)
    before = np.concatenate([[0.0], np.cumsum(_over(whole, np.ones(len(whole))))])  # up to -3, -2, ... 3
    end = np.clip(end, -_REACH, _REACH)
    start = np.floor(end)
    return np.asarray(before[start.astype(np.intp) + _REACH] + _over(start, end - start))


def _over(start: NDArray[np.number], width: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the integral of the interpolant over intervals between two whole pixels."""
    node, weight = np.polynomial.legendre.leggauss(_NODES)
    positions = start[..., None] + width[..., None] * (node + 1) / 2
    values = np.reshape(galsim.Quintic().xval(positions.ravel()), positions.shape)
    return np.asarray(width / 2 * (values @ weight))
