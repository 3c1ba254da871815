"""Pictures of a survey beside the stamps that they became, and one stamp in many views."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from galforge.figures.stamp_pictures import mosaic, stamp_pictures, stretch
from galforge.figures.style import VERMILLION, new_figure, styled

_PICTURES_PER_ROW = 6


@dataclass(frozen=True)
class Triple:
    """One galaxy on its way from picture to stamp.

    Attributes
    ----------
    original : ndarray, shape (H, W, C)
    box : tuple of int
        Left, upper, right and lower edge of the crop.
    stamp : ndarray, shape (C, size, size)
        Values in [0, 1].
    name : str
    """

    original: NDArray[Any]
    box: tuple[int, int, int, int]
    stamp: NDArray[np.floating]
    name: str

    @property
    def whole(self) -> bool:
        """Whether nothing was cropped."""
        height, width, _ = self.original.shape
        return self.box == (0, 0, width, height)


@styled()
def preparation_figure(triples: Sequence[Triple], title: str) -> Figure:
    """Return for each galaxy the survey's picture with the crop outlined, the crop, and the stamp.

    Where every picture is taken whole, only the picture and the stamp are drawn.

    Parameters
    ----------
    triples : sequence of Triple
        At least one.
    title : str
    """
    cropped = not all(triple.whole for triple in triples)
    places = 3 if cropped else 2
    per_row = _PICTURES_PER_ROW // places
    rows = -(-len(triples) // per_row)
    figure = new_figure(10.4, 1.85 * rows + 0.4, title)
    # A narrow empty column keeps galaxies apart.
    grid = figure.add_gridspec(rows, (places + 1) * per_row, width_ratios=([1] * places + [0.1]) * per_row)
    for number, triple in enumerate(triples):
        row, column = divmod(number, per_row)
        first, *crop, last = (
            figure.add_subplot(grid[row, (places + 1) * column + place]) for place in range(places)
        )
        _show(first, triple.original, triple.name)
        for axes in crop:
            left, upper, right, lower = triple.box
            frame = Rectangle((left - 0.5, upper - 0.5), right - left, lower - upper, fill=False)
            frame.set(edgecolor=VERMILLION, linewidth=1.2, clip_on=False)
            first.add_patch(frame)
            _show(axes, triple.original[upper:lower, left:right], f"crop, {right - left} px")
        last.imshow(stamp_pictures(triple.stamp[None])[0])
        last.set_title(f"stamp, {triple.stamp.shape[-1]} px", weight="normal", fontsize=8)
        last.set_axis_off()
    return figure


def _show(axes: Axes, pixels: NDArray[Any], title: str) -> None:
    values = (
        pixels / 255 if pixels.dtype == np.uint8 else (pixels - pixels.min()) / max(np.ptp(pixels), 1e-12)
    )
    axes.imshow(values if pixels.shape[-1] == 3 else stretch(values[..., 0]), cmap="grey", vmin=0, vmax=1)
    axes.set_title(title, weight="normal", fontsize=8)
    axes.set_axis_off()


@styled()
def augmentation_figure(stamp: NDArray[np.floating], views: NDArray[np.floating], title: str) -> Figure:
    """Return one stamp, enlarged, beside its views.

    Parameters
    ----------
    stamp : ndarray, shape (C, H, W)
        Values in [0, 1].
    views : ndarray, shape (N, C, H, W)
    title : str
    """
    columns = 8
    rows = -(-len(views) // columns)
    figure = new_figure(10.4, 0.98 * rows + 0.5, title)
    sheet = mosaic(stamp_pictures(views), columns)
    # Both have the same height, whatever room the gaps between the views take.
    ratios = [stamp.shape[-1] / stamp.shape[-2], sheet.shape[1] / sheet.shape[0]]
    grid = figure.add_gridspec(1, 2, width_ratios=ratios)
    for place, (picture, text) in enumerate(
        ((stamp_pictures(stamp[None])[0], "as it is"), (sheet, "as it is drawn"))
    ):
        axes = figure.add_subplot(grid[0, place])
        axes.imshow(picture)
        axes.set_title(text, weight="normal", fontsize=8.5, loc="left")
        axes.set_axis_off()
    return figure
