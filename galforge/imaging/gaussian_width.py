"""Width of a galaxy: sigma along the major axis of its best-fitting 2-D Gaussian."""

import numpy as np
from numpy.typing import NDArray

from galforge.imaging.adaptive_moments import adaptive_moments


def gaussian_width(image: NDArray[np.floating]) -> tuple[float, str]:
    """Return sigma along the major axis of the elliptical Gaussian that fits one stamp best.

    The adaptive moments of ``galsim.hsm`` are those of the elliptical Gaussian that minimises the
    squared residual with no background; the paper, which rotates the galaxy to the horizontal and then
    fits, gets the same number.

    Parameters
    ----------
    image : ndarray, shape (H, W)
        A stamp with its background subtracted, the galaxy near the centre.

    Returns
    -------
    width : float
        In pixels; NaN where the fit failed.
    status : str
        ``"ok"``, or why it failed.

    References
    ----------
    Width in Eq. 2 of Danilov (2020); Hirata & Seljak (2003) for the adaptive moments.
    """
    moments, status = adaptive_moments(image)
    if moments is None:
        return np.nan, status
    distortion = moments.observed_shape.e  # (a^2 - b^2) / (a^2 + b^2)
    # moments_sigma is sqrt(a b); a^2 / (a b) = sqrt((1 + e) / (1 - e)).
    return float(moments.moments_sigma * ((1 + distortion) / (1 - distortion)) ** 0.25), "ok"


def gaussian_widths(images: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.str_]]:
    """Return :func:`gaussian_width` of each stamp of shape (N, H, W): widths and statuses, (N,)."""
    measured = [gaussian_width(image) for image in images]
    return (
        np.array([width for width, _ in measured], dtype=np.float64),
        np.array([status for _, status in measured], dtype=str),
    )
