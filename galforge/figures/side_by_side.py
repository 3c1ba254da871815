"""Stamps of several sources, one row each, so that they can be compared at a glance."""

import textwrap
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from galforge.figures.stamp_pictures import GAP, enlargement, mosaic, stamp_pictures
from galforge.figures.style import (
    DPI,
    INK,
    VERMILLION,
    ModelStyle,
    pixel_axes,
    pixel_figure,
    pixel_title,
    styled,
)

COLUMNS = 12
_TARGET = 96  # px, about the side of a stamp in the figure
_MARGIN, _TITLE, _LINE, _GAP, _MARK = 16, 44, 22, 14, 18  # px
_CHARACTER = 9  # px, wider than a letter


class Row(NamedTuple):
    """Stamps of one source.

    Attributes
    ----------
    name : str
    images : ndarray, shape (N, C, H, W)
        The first :data:`COLUMNS` are drawn; there may be none.
    style : ModelStyle, optional
        Only models have one.
    fault : str
        Why they are not judged; empty where they are.
    """

    name: str
    images: NDArray[np.floating]
    style: ModelStyle | None = None
    fault: str = ""


@styled()
def sample_rows(rows: Sequence[Row], title: str) -> Figure:
    """Return the first stamps of each source under its name, all with the same fixed stretch.

    Parameters
    ----------
    rows : sequence of Row
        From top to bottom; all stamps have one shape.
    title : str
    """
    size = rows[0].images.shape[-1]
    factor = enlargement(size, _TARGET)
    height, width = size * factor, (COLUMNS * (size + GAP) - GAP) * factor
    labels = [_wrapped(row, width) for row in rows]
    heights = [height if len(row.images) else 0 for row in rows]
    total = sum(heights) + sum(_LINE * len(label) + _GAP for label in labels)
    figure = pixel_figure(width + 2 * _MARGIN, _TITLE + total + _MARGIN - _GAP)
    pixel_title(figure, _MARGIN, title)
    top = _TITLE
    for row, label, drawn in zip(rows, labels, heights, strict=True):
        _write_label(figure, top, label, row)
        top += _LINE * len(label)
        if drawn:
            axes = pixel_axes(figure, _MARGIN, top, width, drawn)
            axes.imshow(mosaic(stamp_pictures(row.images[:COLUMNS]), COLUMNS), aspect="auto")
        top += drawn + _GAP
    return figure


def _wrapped(row: Row, width: int) -> list[str]:
    text = f"{row.name}: {row.fault}" if row.fault else row.name
    return textwrap.wrap(text, (width - _MARK) // _CHARACTER)


def _write_label(figure: Figure, top: int, lines: list[str], row: Row) -> None:
    width, height = figure.get_size_inches() * DPI
    middle = 1 - (top + _LINE / 2 - 3) / height
    left = _MARGIN
    if row.style:
        mark = Line2D(
            [(left + 6) / width], [middle], marker=row.style.marker, color=row.style.colour, markersize=6,
            transform=figure.transFigure,
        )  # fmt: skip
        figure.add_artist(mark)
        left += _MARK
    for number, line in enumerate(lines):
        figure.text(
            left / width, middle - number * _LINE / height, line, va="center_baseline",
            color=VERMILLION if row.fault else INK,
        )  # fmt: skip
