"""What is measured of galaxies on their stamps, in units as far as the stamps have them."""

from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.evaluation.noise_matching import sky_level
from galforge.evaluation.photometry import measure_photometry
from galforge.evaluation.usable import usable_matrix
from galforge.imaging.gaussian_width import gaussian_widths
from galforge.imaging.quality import non_uniformity

NOT_MEASURED: Final = ("row", "identifier", "status", "flag", "flag_sersic", "moments_status")


class Units(NamedTuple):
    """What is known of the units of stamps, NaN where it is not.

    Attributes
    ----------
    in_flux : bool
        Whether the stamps are in flux; else each is in [0, 1] by itself.
    zero_point : float
        Magnitude of flux 1.
    pixel_scale : float
        arcsec, where all stamps have the same.
    survey_pixel_scale : float
        arcsec, of the survey's own pixels, where all galaxies have the same.
    """

    in_flux: bool
    zero_point: float
    pixel_scale: float
    survey_pixel_scale: float


def common_value(catalog: pd.DataFrame, column: str) -> float:
    """Return the value that a column has for all galaxies, NaN where there is none."""
    values = catalog[column].unique() if column in catalog else []
    return float(values[0]) if len(values) == 1 else float("nan")


def measure_galaxies(images: NDArray[np.floating], morphology: pd.DataFrame, units: Units) -> pd.DataFrame:
    """Return what is measured of each galaxy.

    Parameters
    ----------
    images : ndarray, shape (N, H, W)
        In flux, or in [0, 1]: the median of a stamp's outermost pixels is then its sky.
    morphology : DataFrame of N rows
        By statmorph, of the same stamps.
    units : Units

    Returns
    -------
    DataFrame of N rows
        The columns of :func:`galforge.evaluation.photometry.measure_photometry`; ``width`` (pixels),
        ``width_arcsec`` and ``non_uniformity``, Eq. 2 of Danilov (2020); and statmorph's parameters, where
        they can be trusted. NaN where something was not measured, or has no unit.
    """
    images = np.asarray(images, dtype=np.float64)
    if not units.in_flux:
        images = images - sky_level(images)[:, None, None]
    table = measure_photometry(images, units.pixel_scale, units.zero_point)
    if not units.in_flux:
        table[["flux", "magnitude"]] = np.nan
    width, _ = gaussian_widths(images)
    uneven = non_uniformity(images)
    names = [name for name in morphology if name not in NOT_MEASURED]
    return table.assign(
        width=width,
        width_arcsec=width * units.pixel_scale,
        non_uniformity=np.where(np.isfinite(uneven), uneven, np.nan),
        **dict(zip(names, usable_matrix(morphology, names).T, strict=True)),
    )
