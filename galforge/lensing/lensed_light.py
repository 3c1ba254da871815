"""Galaxies as they are seen behind lenses, before telescope and noise."""

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from galforge.lensing.deflection import deflection
from galforge.lensing.lens_settings import Lenses

FINE: Final = 3  # points along each side of a pixel; odd numbers of pixels would have one in the middle


def draw_lenses(count: int, settings: Lenses, seed: int) -> pd.DataFrame:
    """Return random lenses, uniform in each parameter, and where their sources are.

    Returns
    -------
    DataFrame
        The columns of :func:`deflection`, and ``source_x``, ``source_y``, arcsec, uniform within a circle.
    """
    rng = np.random.default_rng(seed)
    shear, direction = settings.largest_shear * rng.random(count), rng.uniform(0, 2 * np.pi, count)
    distance, towards = settings.offset * np.sqrt(rng.random(count)), rng.uniform(0, 2 * np.pi, count)
    return pd.DataFrame(
        {
            "einstein_radius": rng.uniform(*settings.einstein_radius, count),
            "lens_axis_ratio": rng.uniform(settings.least_axis_ratio, 1, count),
            "lens_angle": rng.uniform(0, np.pi, count),
            "shear_1": shear * np.cos(direction),
            "shear_2": shear * np.sin(direction),
            "source_x": distance * np.cos(towards),
            "source_y": distance * np.sin(towards),
        }
    )


def lensed_light(
    sources: NDArray[np.floating], lenses: pd.DataFrame, source_pixel: float, pixel: float
) -> NDArray[np.float32]:
    """Return galaxies behind lenses on the pixels of a picture of the same side; surface brightness stays.

    Parameters
    ----------
    sources : ndarray, shape (N, H, H)
        Flux per pixel.
    lenses : DataFrame of N rows
        From :func:`draw_lenses`.
    source_pixel, pixel : float
        Width of a pixel of the sources and of the pictures, arcsec.

    Returns
    -------
    ndarray of float32, shape (N, H, H)
        Flux per pixel; between the sources' pixels their light is interpolated linearly, beyond them there
        is none.
    """
    side = sources.shape[-1]
    fine = (np.arange(side * FINE) - (side * FINE - 1) / 2) * pixel / FINE
    # In the middle of a lens, a point of the grid of an odd side, its deflection has no direction.
    fine = fine + 1e-9
    y, x = np.meshgrid(fine, fine, indexing="ij")
    lensed = np.empty(sources.shape, dtype=np.float32)
    for number, source in enumerate(sources):
        lens = lenses.iloc[number : number + 1]
        shift_x, shift_y = deflection(x[None], y[None], lens)
        columns = (x - shift_x[0] - lens["source_x"].iloc[0]) / source_pixel + (side - 1) / 2
        rows = (y - shift_y[0] - lens["source_y"].iloc[0]) / source_pixel + (side - 1) / 2
        light = map_coordinates(source.astype(np.float64), [rows, columns], order=1, mode="constant")
        bright = light.reshape(side, FINE, side, FINE).mean(axis=(1, 3))
        lensed[number] = bright * (pixel / source_pixel) ** 2
    return lensed
