"""Sanity checks of a drawn stamp, as Danilov (2020) advises: is all light there, and centred."""

import galsim
import numpy as np
from numpy.typing import NDArray

# A hundredth of a pixel is precise enough for a check, and takes half of the iterations.
_MOMENTS = galsim.hsm.HSMParams(convergence_threshold=1e-3)


def flux_fraction(
    stamp: NDArray[np.floating], own: NDArray[np.floating], padding: NDArray[np.floating], width: float
) -> float:
    """Return the light inside a frame over the light of the survey's own stamp.

    What the noise padding adds inside the frame is subtracted. Where the frame holds all of the survey's
    stamp, the same noise is in both fluxes and only an error of drawing can move the ratio from 1, however
    faint the galaxy; where the frame is smaller, the noise of the pixels beyond it enters.

    Parameters
    ----------
    stamp : ndarray, shape (size, size)
        As drawn.
    own : ndarray, shape (h, w)
        The survey's own stamp.
    padding : ndarray, shape (P, P)
        The noise field behind it, on the same pixels.
    width : float
        Width of the frame, in pixels of the survey's stamp.

    Returns
    -------
    float
        NaN where the survey's stamp has no positive flux.

    Notes
    -----
    The paper states that its images hold 99.5 % of the flux, but not how that is measured in noise.
    """
    total = own.sum(dtype=np.float64)
    if total <= 0:
        return float("nan")
    # As GalSim superimposes them: pixel n // 2 of each is the same.
    beyond = padding.copy()
    height, length = (
        slice(max(0, side // 2 - n // 2), side // 2 - n // 2 + n)
        for side, n in zip(padding.shape, own.shape, strict=True)
    )
    beyond[height, length] = 0
    inside_y, inside_x = (
        _part_inside(side, n, width) for side, n in zip(padding.shape, own.shape, strict=True)
    )
    return float((stamp.sum(dtype=np.float64) - inside_y @ beyond @ inside_x) / total)


def _part_inside(side: int, own: int, width: float) -> NDArray[np.float64]:
    """Return the fraction of each of the padding's pixels, (side,), inside a frame around the own stamp."""
    middle = side // 2 - own // 2 + (own - 1) / 2
    distance = np.abs(np.arange(side) - middle)
    return np.asarray(np.clip(width / 2 - distance + 0.5, 0.0, 1.0))


def centroid_offset(stamp: NDArray[np.floating]) -> float:
    """Return the distance of a galaxy from the middle of its stamp.

    The centroid is that of the best-fitting elliptical Gaussian (Hirata & Seljak 2003), which noise and
    neighbours hardly move, unlike a mean over all pixels.

    Parameters
    ----------
    stamp : ndarray, shape (size, size)

    Returns
    -------
    float
        Pixels; NaN where no Gaussian fits.
    """
    image = galsim.Image(np.ascontiguousarray(stamp, dtype=np.float64))
    moments = galsim.hsm.FindAdaptiveMom(image, strict=False, hsmparams=_MOMENTS)
    if moments.error_message:
        return float("nan")
    centroid, middle = moments.moments_centroid, image.true_center
    return float(np.hypot(centroid.x - middle.x, centroid.y - middle.y))
