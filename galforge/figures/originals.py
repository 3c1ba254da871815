"""Stamps beside the survey's own stamps of the same galaxies."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from galforge.figures.stamp_pictures import stretch
from galforge.figures.style import PALE, VERMILLION, new_figure, styled

PAIRS_PER_ROW = 4


@dataclass(frozen=True)
class Pair:
    """One galaxy as the survey has it and as it was drawn.

    Attributes
    ----------
    original, drawn : ndarray, shape (H, W)
        Flux per pixel.
    original_scale, drawn_scale : float
        arcsec per pixel.
    name : str
    """

    original: NDArray[np.floating]
    original_scale: float
    drawn: NDArray[np.floating]
    drawn_scale: float
    name: str


@styled()
def originals_figure(pairs: Sequence[Pair], title: str) -> Figure:
    """Return a contact sheet of pairs: left the survey's own stamp, right what was drawn from it.

    Both have the same angular scale and the same stretch of surface brightness, that of the drawn stamp. The
    frame of the drawn stamp is outlined on the survey's; beyond either image the paper is grey.

    Parameters
    ----------
    pairs : sequence of Pair
        At least one.
    title : str
    """
    rows = -(-len(pairs) // PAIRS_PER_ROW)
    figure = new_figure(10.4, 1.5 * rows + 0.4, title)
    # A narrow empty column keeps pairs apart.
    grid = figure.add_gridspec(rows, 3 * PAIRS_PER_ROW, width_ratios=[1, 1, 0.12] * PAIRS_PER_ROW)
    for number, pair in enumerate(pairs):
        row, column = divmod(number, PAIRS_PER_ROW)
        left, right = (figure.add_subplot(grid[row, 3 * column + side]) for side in range(2))
        frame, own = pair.drawn.shape[0] * pair.drawn_scale, pair.original.shape[0] * pair.original_scale
        field = 1.04 * max(frame, own)
        # Flux per square arcsecond is what the two have in common.
        drawn = pair.drawn / pair.drawn_scale**2
        low, high = float(drawn.min()), float(drawn.max())
        for axes, image, side in (
            (left, pair.original / pair.original_scale**2, own),
            (right, drawn, frame),
        ):
            _show(axes, (image - low) / (high - low), side, field)
        left.add_patch(
            Rectangle((-frame / 2, -frame / 2), frame, frame, fill=False, edgecolor=VERMILLION, linewidth=1)
        )
        left.set_title(pair.name, loc="left", weight="normal", fontsize=7)
        right.set_title(f'{pair.drawn_scale:.3f}"/px', loc="right", weight="normal", fontsize=7)
    return figure


def _show(axes: Axes, image: NDArray[np.floating], side: float, field: float) -> None:
    half = side / 2
    axes.imshow(stretch(image), cmap="gray", vmin=0, vmax=1, extent=(-half, half, -half, half))
    axes.set(xlim=(-field / 2, field / 2), ylim=(-field / 2, field / 2), xticks=[], yticks=[], facecolor=PALE)
    axes.spines[:].set_visible(False)
