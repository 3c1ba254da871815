"""Pictures of a survey beside the stamps that they became, and one stamp in many views."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from workflow_scripts.figures.stamp_pictures import mosaic, stamp_pictures, stretch
from workflow_scripts.figures.style import VERMILLION, add_title, new_figure, styled

_TRIPLES_A_ROW = 2


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


@styled()
def preparation_figure(triples: Sequence[Triple], title: str) -> Figure:
    """Return for each galaxy the survey's picture with the crop outlined, the crop, and the stamp.

    Parameters
    ----------
    triples : sequence of Triple
        At least one.
    title : str
    """
    rows = -(-len(triples) // _TRIPLES_A_ROW)
    figure = new_figure(10.4, 1.85 * rows + 0.4)
    add_title(figure, title)
    # A narrow empty column keeps galaxies apart.
    grid = figure.add_gridspec(rows, 4 * _TRIPLES_A_ROW, width_ratios=[1, 1, 1, 0.1] * _TRIPLES_A_ROW)
    for number, triple in enumerate(triples):
        row, column = divmod(number, _TRIPLES_A_ROW)
        axes = [figure.add_subplot(grid[row, 4 * column + place]) for place in range(3)]
        left, upper, right, lower = triple.box
        _show(axes[0], triple.original, triple.name)
        frame = Rectangle((left - 0.5, upper - 0.5), right - left, lower - upper, fill=False)
        frame.set(edgecolor=VERMILLION, linewidth=1.2, clip_on=False)
        axes[0].add_patch(frame)
        _show(axes[1], triple.original[upper:lower, left:right], f"crop, {right - left} px")
        axes[2].imshow(stamp_pictures(triple.stamp[None])[0])
        axes[2].set_title(f"stamp, {triple.stamp.shape[-1]} px", weight="normal", fontsize=8)
        axes[2].set_axis_off()
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
    figure = new_figure(10.4, 0.98 * rows + 0.5)
    add_title(figure, title)
    grid = figure.add_gridspec(1, 2, width_ratios=[rows, columns])
    for place, (picture, text) in enumerate(
        (
            (stamp_pictures(stamp[None])[0], "as it is"),
            (mosaic(stamp_pictures(views), columns), "as it is drawn"),
        )
    ):
        axes = figure.add_subplot(grid[0, place])
        axes.imshow(picture)
        axes.set_title(text, weight="normal", fontsize=8.5)
        axes.set_axis_off()
    return figure
