"""The selection's histograms, with the galaxies at their ends, like Figure 2 of Danilov (2020)."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter
from numpy.typing import NDArray

from galforge.datasets.limits import Limits
from galforge.figures.labels import label, short_label
from galforge.figures.stamp_pictures import GAP, mosaic, stamp_pictures
from galforge.figures.style import BLUE, PALE, VERMILLION, new_figure, styled, words_figure

# Eq. 2 of Danilov (2020): drawn whether limited or not.
MEASURED = ("snr", "width", "non_uniformity")
_LOGARITHMIC = {"snr", "non_uniformity", "area"}  # these span decades

NEIGHBOURS = 6  # stamps shown beyond either end of a limit

_BINS = 40
_EXTREMES = 4  # stamps at either end, two by two
_WIDE = 2.5  # decades on an axis from which only powers of ten are labelled
_TAIL = 0.5  # percent at either end that may lie off the axis


class JustOutside(NamedTuple):
    """Rows of the galaxies nearest to a quantity's limits on their rejected sides, the nearest first."""

    below: NDArray[np.intp]
    above: NDArray[np.intp]


def just_outside(table: pd.DataFrame, limits: Mapping[str, Limits]) -> dict[str, JustOutside]:
    """Return the galaxies that each limit only just rejects.

    Parameters
    ----------
    table : DataFrame
        All galaxies: ``render_status`` and the columns that ``limits`` names.
    limits : mapping of str to Limits

    Returns
    -------
    dict of str to JustOutside
        In the order of ``limits``. Galaxies that were drawn and have a value, whatever other limits say
        about them, at most :data:`NEIGHBOURS` at either end, the nearest first.
    """
    drawn = (table["render_status"] == "ok").to_numpy()
    outside = {}
    for name, limit in limits.items():
        values = np.where(drawn, table[name].to_numpy(dtype=np.float64), np.nan)
        order = np.argsort(values, kind="stable")[: np.isfinite(values).sum()]
        sorted_values = values[order]
        below = order[sorted_values < (-np.inf if limit.minimum is None else limit.minimum)]
        above = order[sorted_values > (np.inf if limit.maximum is None else limit.maximum)]
        outside[name] = JustOutside(below[::-1][:NEIGHBOURS], above[:NEIGHBOURS])
    return outside


@styled()
def outside_figure(
    table: pd.DataFrame,
    limits: Mapping[str, Limits],
    outside: Mapping[str, JustOutside],
    images: Mapping[int, NDArray[np.floating]],
) -> Figure:
    """Return one strip per limit: the galaxies that it only just rejects.

    Parameters
    ----------
    table, limits
        As for :func:`just_outside`.
    outside : mapping of str to JustOutside
        What that returned.
    images : mapping of int to ndarray, shape (C, H, W)
        The stamp of each row of the table that is shown, values in [0, 1].
    """
    ends = [
        (name, side, end, getattr(outside[name], side))
        for name, limit in limits.items()
        for side, end in (("below", limit.minimum), ("above", limit.maximum))
        if end is not None
    ]
    if not ends:
        return words_figure("No limits", "Nothing is limited, so nothing lies outside.")
    rows_of_panels = -(-len(ends) // 2)
    figure = new_figure(10.4, 1.15 * rows_of_panels)
    grid = figure.add_gridspec(rows_of_panels, 2)
    for number, (name, side, end, rows) in enumerate(ends):
        axes = figure.add_subplot(grid[number // 2, number % 2])
        axes.set_axis_off()
        text = f"{short_label(name)} {side} {end:g}"
        if len(rows):
            values = table[name].to_numpy(dtype=np.float64)[rows]
            text += f": {_range(values[0], values[-1], digits=4)}"
            strip = mosaic(stamp_pictures(np.stack([images[int(row)] for row in rows])), NEIGHBOURS)
        else:
            # As much room as stamps would take, so that all panels are alike.
            text += ": no galaxy"
            strip = np.ones((64, NEIGHBOURS * (64 + GAP) - GAP, 3))
        axes.imshow(strip)
        axes.set_title(text, weight="normal", fontsize=8.5, loc="left")
    return figure


@styled()
def selection_figure(
    table: pd.DataFrame,
    limits: Mapping[str, Limits],
    images: Callable[[NDArray[np.intp]], NDArray[np.floating]],
) -> Figure:
    """Return one row per measured quantity: its histogram between the galaxies at its ends.

    Parameters
    ----------
    table : DataFrame
        All galaxies: the columns of :data:`MEASURED`, those that ``limits`` names, and ``kept`` (bool).
    limits : mapping of str to Limits
        The limits of each quantity; one that is absent has none.
    images : callable
        Returns the stamps of some rows, (len(rows), C, H, W), among the galaxies that remain, in the table's
        order, at least one; values in [0, 1].
    """
    quantities = list(dict.fromkeys([*MEASURED, *limits]))
    figure = new_figure(9.2, 2.5 * len(quantities))
    grid = figure.add_gridspec(len(quantities), 3, width_ratios=[1, 2.5, 1])
    for row, name in enumerate(quantities):
        values = table.loc[table["kept"].astype(bool), name].to_numpy(dtype=np.float64)
        # A galaxy without a value is at no end; sorted, it comes last.
        order = np.argsort(values, kind="stable")[: max(1, int(np.isfinite(values).sum()))]
        left, middle, right = (figure.add_subplot(grid[row, column]) for column in range(3))
        _histogram(middle, table, name, limits.get(name, Limits()))
        count = min(_EXTREMES, len(order))
        for axes, side, rows in ((left, "lowest", order[:count]), (right, "highest", order[::-1][:count])):
            axes.imshow(mosaic(stamp_pictures(images(rows)), 2))
            axes.set_axis_off()
            axes.set_title(
                f"{side} kept: {_range(values[rows].min(), values[rows].max())}",
                weight="normal",
                fontsize=8.5,
            )
    named = {
        name: handle
        for axes in figure.axes
        for handle, name in zip(*axes.get_legend_handles_labels(), strict=True)
    }
    figure.legend(named.values(), named.keys(), loc="outside lower center", ncols=3)
    return figure


def _range(first: float, last: float, digits: int = 3) -> str:
    """Return two numbers as a range, or as one where they are written alike."""
    ends = (f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.{digits}g}" for value in (first, last))
    return " to ".join(dict.fromkeys(ends))


def _histogram(axes: Axes, table: pd.DataFrame, name: str, limits: Limits) -> None:
    scale = "log" if name in _LOGARITHMIC else "linear"
    everything = table[name].to_numpy(dtype=np.float64)
    kept = everything[table["kept"].to_numpy(dtype=bool)]
    drawable = np.isfinite(everything) & ((everything > 0) | (scale == "linear"))
    ends = (limits.minimum, limits.maximum)
    marks = [value for value in ends if value is not None and (value > 0 or scale == "linear")]
    axes.set(xlabel=label(name), ylabel="galaxies", xscale=scale)
    if drawable.any():
        bins = _bins(everything[drawable], kept, marks, scale)
        axes.hist(everything[drawable], bins=bins, color=PALE, label="all galaxies")
        axes.hist(kept, bins=bins, color=BLUE, alpha=0.85, label="kept by all cuts")
        axes.set_xlim(bins[0], bins[-1])
        hidden = len(everything) - int(((everything >= bins[0]) & (everything <= bins[-1]))[drawable].sum())
        if hidden:
            axes.set_title(
                f"{hidden:,} of {len(everything):,} not shown: no value, or off the axis",
                loc="right",
                weight="normal",
                fontsize=8,
            )
    for value in marks:
        axes.axvline(value, color=VERMILLION, linestyle="--", label="limits, rejected side tinted")
    if scale == "log":
        decades = np.log10(axes.get_xlim()[1] / axes.get_xlim()[0])
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if decades < _WIDE else (1,)))
        axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_minor_formatter(NullFormatter())
    low, high = axes.get_xlim()
    if limits.minimum in marks:
        axes.axvspan(low, limits.minimum, color=VERMILLION, alpha=0.07, linewidth=0)
    if limits.maximum in marks:
        axes.axvspan(limits.maximum, high, color=VERMILLION, alpha=0.07, linewidth=0)
    axes.set_xlim(low, high)


def _bins(
    everything: NDArray[np.float64], kept: NDArray[np.float64], marks: list[float], scale: str
) -> list[float]:
    ends = (
        np.percentile(everything, _TAIL, method="lower"),
        np.percentile(everything, 100 - _TAIL, method="higher"),
    )
    shown = [*ends, *kept, *marks]
    shown = [value for value in shown if np.isfinite(value) and (value > 0 or scale == "linear")]
    if scale == "log":
        return [float(10**edge) for edge in _edges(np.log10(shown), np.log10(marks))]
    return _edges(np.asarray(shown), np.asarray(marks))


def _edges(shown: NDArray[np.float64], marks: NDArray[np.float64]) -> list[float]:
    # Limits are edges of bins: no bin may hold galaxies from both sides of a limit.
    low, high = float(shown.min()), float(shown.max())
    span = (high - low) or 1.0
    start, step = low, span / _BINS
    if marks.size:
        start = float(marks[0])
        between = float(marks[-1]) - start
        if between > step / 4:
            step = between / max(1, round(between / step))
    # At least a part of a bin of room beyond either end; rounding must not take it away.
    below, above = (int(side / step + 1e-9) + 1 for side in (start - low, high - start))
    return [start + number * step for number in range(-below, above + 1)]
