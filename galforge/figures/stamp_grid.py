"""Grids and strips of stamps."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from galforge.figures.stamp_pictures import GAP, enlargement, mosaic, stamp_pictures
from galforge.figures.style import PALE, pixel_axes, pixel_figure, styled

_MARGIN = 16  # px
_TITLE = 44  # px
THUMBNAILS = 6


@styled()
def stamp_grid(images: NDArray[np.floating], title: str, columns: int) -> Figure:
    """Return a grid of stamps, all with the same fixed stretch.

    Parameters
    ----------
    images : ndarray, shape (N, C, H, W)
        At least one stamp, values in [0, 1].
    title : str
    columns : int
        Stamps per row.
    """
    sheet = mosaic(stamp_pictures(images), columns)
    factor = enlargement(images.shape[-1])
    height, width = sheet.shape[0] * factor, sheet.shape[1] * factor
    figure = pixel_figure(width + 2 * _MARGIN, height + _TITLE + _MARGIN)
    axes = pixel_axes(figure, _MARGIN, _TITLE, width, height)
    axes.imshow(sheet, aspect="auto")
    axes.set_title(title, loc="left")
    return figure


@styled()
def stamp_strip(images: NDArray[np.floating]) -> Figure:
    """Return the first :data:`THUMBNAILS` stamps side by side, one figure pixel per stamp pixel.

    Parameters
    ----------
    images : ndarray, shape (N, C, H, W)
        Values in [0, 1]. Where there are no stamps, the strip says so.
    """
    height, width = images.shape[-2], THUMBNAILS * (images.shape[-1] + GAP) - GAP
    figure = pixel_figure(width, height)
    if len(images):
        sheet = mosaic(stamp_pictures(images[:THUMBNAILS]), THUMBNAILS)
        pixel_axes(figure, 0, 0, width, height).imshow(sheet, aspect="auto")
    else:
        figure.set_facecolor(PALE)
        figure.text(0.5, 0.5, "no samples", ha="center", va="center", fontsize=16)
    return figure
