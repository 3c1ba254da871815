"""The elliptical Gaussian that fits a stamp best, by galsim.hsm, and why there is none where it fails."""

import galsim
import numpy as np
from numpy.typing import NDArray


def adaptive_moments(image: NDArray[np.floating]) -> tuple[galsim.hsm.ShapeData | None, str]:
    """Return the adaptive moments of a stamp: those of the elliptical Gaussian of least squared residual.

    Parameters
    ----------
    image : ndarray, shape (H, W)
        With its background subtracted, the galaxy near the middle.

    Returns
    -------
    moments : ShapeData or None
        None where the fit failed. Lengths are in pixels; the centroid counts the first pixel as 1.
    status : str
        ``"ok"``, or why it failed.

    References
    ----------
    Hirata & Seljak (2003), MNRAS 343, 459.
    """
    if not np.isfinite(image).all():
        return None, "not finite"
    moments = galsim.hsm.FindAdaptiveMom(
        galsim.Image(np.ascontiguousarray(image, dtype=np.float64)), strict=False
    )
    # The message names the failure, then gives numbers of this stamp; only the name is kept.
    if moments.error_message or moments.moments_sigma <= 0:
        return None, moments.error_message.strip().split("\n")[0] or "no moments"
    return moments, "ok"
