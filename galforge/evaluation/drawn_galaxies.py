"""Size and shape of galaxies that a model drew, on their stamps."""

import numpy as np
from numpy.typing import NDArray

from galforge.evaluation.noise_matching import sky_level
from galforge.imaging.adaptive_moments import adaptive_moments


def measure_shapes(
    images: NDArray[np.floating], in_flux: bool, major: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return size (pixels) and axis ratio of galaxies by adaptive moments, (N,) each, NaN where they fail.

    Parameters
    ----------
    images : ndarray, shape (N, C, H, W)
        In flux, the sky at 0, or in [0, 1]: the median of a stamp's outermost pixels is then its sky. The
        mean of the channels is measured.
    in_flux : bool
    major : bool
        Whether the size is sigma along the major axis of the best-fitting Gaussian, as ``width`` is, rather
        than sqrt(a b), which goes with the radius of a circle.

    References
    ----------
    Hirata & Seljak (2003), MNRAS 343, 459.
    """
    grey = np.asarray(images, dtype=np.float64).mean(axis=1)
    if not in_flux:
        grey = grey - sky_level(grey)[:, None, None]
    shapes = np.full((len(grey), 2), np.nan)
    for row, image in enumerate(grey):
        moments, _ = adaptive_moments(image)
        if moments is not None:
            ratio = float(moments.observed_shape.q)
            shapes[row] = moments.moments_sigma / (np.sqrt(ratio) if major else 1.0), ratio
    return shapes[:, 0], shapes[:, 1]
