"""The quality of stamps, against a 2-D Gaussian fit by astropy for each stamp."""

import time
import warnings

import numpy as np
from astropy.modeling import fitting, models
from numpy.typing import NDArray

from benchmarks.timing import Comparison
from galforge.imaging.quality import measure_quality

FITTED = 60  # stamps that the slow reference is given


def fitted_width(image: NDArray[np.float64]) -> float:
    """Return sigma along the major axis of astropy's least-squares 2-D Gaussian."""
    y, x = np.mgrid[: image.shape[0], : image.shape[1]]
    middle = (image.shape[0] - 1) / 2
    start = models.Gaussian2D(image.max(), middle, middle, 4, 3, theta=0.5)
    fit = fitting.TRFLSQFitter()(start, x, y, image)
    return float(max(abs(fit.x_stddev.value), abs(fit.y_stddev.value)))


def compare(stamps: NDArray[np.float32]) -> Comparison:
    """Return the comparison of all of it with the width alone as astropy fits it, one core."""
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # fits that do not converge are compared no less
        fitted = np.array([fitted_width(image.astype(np.float64)) for image in stamps[:FITTED]])
    middle = time.perf_counter()
    width = measure_quality(stamps)["width"]
    end = time.perf_counter()
    apart = np.abs(width[:FITTED] / fitted - 1)
    return Comparison(
        "measure_quality, all of Eq. 2",
        "astropy.modeling Gaussian2D fit",
        FITTED / (middle - start),
        len(stamps) / (end - middle),
        "stamps/s",
        f"widths: median {np.nanmedian(apart):.1g}",
    )
