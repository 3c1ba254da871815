"""Walks through a generator's latents, one row each."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from galforge.figures.stamp_pictures import GAP, enlargement, mosaic, stamp_pictures
from galforge.figures.style import pixel_axes, pixel_figure, styled

_MARGIN = 16  # px
_TITLE = 44  # px
_HEAD = 30  # px, above pairs and above directions
_NAMES = 150  # px, left of the rows


@styled()
def latent_walk(images: NDArray[np.floating], pairs: int, reach: Sequence[float], title: str) -> Figure:
    """Return the stamps on walks between galaxies and, below them, along directions.

    Parameters
    ----------
    images : ndarray, shape (R * len(reach), C, H, W)
        Row after row, values in [0, 1].
    pairs : int
        How many of the rows lead from one galaxy to another; the rest are directions.
    reach : sequence of float
        Where each column lies along its direction, in standard deviations of the latents.
    title : str
    """
    factor = enlargement(images.shape[-1])
    step = (images.shape[-2] + GAP) * factor  # from one row, or column, to the next
    rows = len(images) // len(reach)
    width = len(reach) * (images.shape[-1] + GAP) * factor - GAP * factor
    height = _TITLE + rows * step + 2 * _HEAD
    figure = pixel_figure(width + _NAMES + _MARGIN, height)
    total_width, total_height = figure.get_size_inches() * figure.dpi

    def write(x: float, y: float, text: str, **style: Any) -> None:
        figure.text(x / total_width, 1 - y / total_height, text, va="center", **style)

    write(_MARGIN, _TITLE / 2, title, weight="bold")
    top = _TITLE
    for part, first, last in (("pair", 0, pairs), ("direction", pairs, rows)):
        if first == last:
            continue
        if part == "direction":
            for column, value in enumerate(reach):
                centre = _NAMES + column * step + (step - GAP * factor) / 2
                write(centre, top + _HEAD / 2, f"{value:+.3g}" if value else "0", ha="center", fontsize=8.5)
            top += _HEAD
        sheet = mosaic(stamp_pictures(images[first * len(reach) : last * len(reach)]), len(reach))
        axes = pixel_axes(figure, _NAMES, top, width, sheet.shape[0] * factor)
        axes.imshow(sheet, aspect="auto")
        for row in range(last - first):
            middle = top + row * step + (step - GAP * factor) / 2
            write(_MARGIN, middle, "one galaxy to\nanother" if part == "pair" else f"direction {row + 1}")
        top += (last - first) * step
    return figure
