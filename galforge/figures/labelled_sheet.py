"""A sheet of stamps with a name above each column and beside each row."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from galforge.figures.stamp_pictures import enlargement, mosaic, stamp_pictures
from galforge.figures.style import pixel_axes, pixel_figure, pixel_title, styled

_MARGIN, _ROW_NAME, _TITLE = 16, 118, 66  # px


@styled()
def labelled_sheet(
    images: NDArray[np.floating],
    title: str,
    columns: Sequence[str],
    rows: Sequence[str] = (),
    least_width: int = 0,
) -> Figure:
    """Return stamps in rows and columns, all with the same fixed stretch.

    Parameters
    ----------
    images : ndarray, shape (R, K, C, H, W)
        Values in [0, 1].
    title : str
    columns : sequence of str
        K names.
    rows : sequence of str
        R names; none by default.
    least_width : int
        Pixels that the sheet takes even with few columns, so that the title fits.
    """
    count, across = images.shape[:2]
    factor = enlargement(images.shape[-1])
    sheet = mosaic(stamp_pictures(images.reshape(-1, *images.shape[2:])), across)
    height, width = sheet.shape[0] * factor, sheet.shape[1] * factor
    left = _MARGIN + (_ROW_NAME if rows else 0)
    figure = pixel_figure(left + max(width, least_width) + _MARGIN, _TITLE + height + _MARGIN)
    axes = pixel_axes(figure, left, _TITLE, width, height)
    axes.imshow(sheet, aspect="auto")
    pixel_title(figure, _MARGIN, title)
    for column, name in enumerate(columns):
        middle = (column + 0.5) / across
        axes.text(middle, 1 + 8 / height, name, transform=axes.transAxes, ha="center")
    for row, name in enumerate(rows):
        middle = 1 - (row + 0.5) / count
        axes.text(-8 / width, middle, name, transform=axes.transAxes, ha="right", va="center")
    return figure
