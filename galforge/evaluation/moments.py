"""Adaptive moments of stamps: size, shape and rho4, by galsim.hsm."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from galforge.evaluation.variants import MOMENTS
from galforge.imaging.adaptive_moments import adaptive_moments

COLUMNS = ("moments_status", *MOMENTS)


def measure_moments(image: NDArray[np.float64]) -> dict[str, Any]:
    """Return the adaptive moments of a background-subtracted stamp.

    Parameters
    ----------
    image : ndarray of float64, shape (H, W)

    Returns
    -------
    dict
        ``moments_size`` (px): sigma of the best-fitting elliptical Gaussian, |det M|^(1/4);
        ``moments_e1``, ``moments_e2``: its distortion, (a^2 - b^2) / (a^2 + b^2) along the axes and the
        diagonals; ``moments_rho4``: the weighted radial fourth moment, 2 for a Gaussian. NaN where the
        fit failed; ``moments_status`` then says why, and is ``"ok"`` otherwise.

    References
    ----------
    Hirata & Seljak (2003), MNRAS 343, 459.
    """
    fit, status = adaptive_moments(image)
    if fit is None:
        return {"moments_status": status} | dict.fromkeys(MOMENTS, np.nan)
    return {
        "moments_status": "ok",
        "moments_size": float(fit.moments_sigma),
        "moments_e1": float(fit.observed_e1),
        "moments_e2": float(fit.observed_e2),
        "moments_rho4": float(fit.moments_rho4),
    }
