"""What a model was asked for against what is measured of its galaxies."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from numpy.typing import NDArray

from galforge.evaluation.scales import Scale, coordinates
from galforge.evaluation.variants import FAILED, MODEL, SURVEY
from galforge.figures.labels import label
from galforge.figures.style import INK, PALE, ModelStyle, new_figure, styled, words_figure

_COLUMNS: Final = 3  # panels side by side
_SIDE: Final = 3.1  # inches, of a panel
_TAIL: Final = 0.5  # percent of the points at either end that may lie off an axis

Numbers = Mapping[str, Any]
Points = NDArray[np.float64]


def asked_figure(table: pd.DataFrame, numbers: Numbers, style: ModelStyle) -> Figure:
    """Return a panel per condition that is measured, and the size-magnitude plane of galaxies in flux.

    Parameters
    ----------
    table : DataFrame
        From :func:`galforge.evaluation.asked.asked_table`.
    numbers : mapping
        From :func:`galforge.evaluation.asked_judgement.judge_asked`, with the model's name.
    style : ModelStyle
        The model's.
    """
    if numbers["status"] == FAILED:
        return words_figure("Nothing measured", str(numbers["reason"]))
    groups = {name: table[table["galaxies"] == name] for name in (SURVEY, MODEL)}
    panels = len(numbers["columns"]) + bool(numbers["physical"])
    if not panels:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in numbers["not_measured"].items())
        return words_figure("Nothing that was asked for is measured", reasons)
    return _panels(groups, numbers, style, panels)


@styled()
def _panels(groups: Mapping[str, pd.DataFrame], numbers: Numbers, style: ModelStyle, panels: int) -> Figure:
    columns = min(panels, _COLUMNS)
    rows = -(-panels // columns)
    title = (
        f"{numbers['model']}: asked and measured" if numbers["columns"] else f"{numbers['model']}: measured"
    )
    figure = new_figure(max(4.2, _SIDE * columns + 0.4), (_SIDE + 0.35) * rows + 0.75, title)
    asked = [name.removeprefix("asked_") for name in groups[MODEL] if name.startswith("asked_")]
    for place, column in enumerate((name for name in asked if name in numbers["columns"]), start=1):
        axes = figure.add_subplot(rows, columns, place)
        _asked_panel(axes, groups, column, numbers["columns"][column], style)
    if numbers["physical"]:
        _size_magnitude(figure.add_subplot(rows, columns, panels), groups, numbers, style)
    handles, names = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower left", ncols=3)
    return figure


def _asked_panel(
    axes: Axes, groups: Mapping[str, pd.DataFrame], column: str, found: Numbers, style: ModelStyle
) -> None:
    points = {
        name: _shown(table[[f"asked_{column}", f"measured_{column}"]], found["scale"])
        for name, table in groups.items()
    }
    limits = (-90.0, 90.0) if found["scale"] == "angle" else _limits(np.concatenate(list(points.values())))
    if found["scale"] == "logarithm":
        axes.set(xscale="log", yscale="log")
        _plain_ticks(axes.xaxis, axes.yaxis)
    _scatter(axes, points, style)
    axes.plot(limits, limits, color=INK, linewidth=1, label="measured as asked")
    unit = " [deg]" if found["scale"] == "angle" else ""
    name = label(column) + unit
    axes.set(xlim=limits, ylim=limits, xlabel=f"asked: {name}", ylabel="measured", box_aspect=1)
    axes.set_title(
        f"{in_words(found[MODEL])}\n{in_words(found[SURVEY], 'survey: ')}", fontsize=8.5, weight="normal"
    )


def in_words(numbers: Numbers, who: str = "") -> str:
    """Return slope and shares of variance as they are written over a panel, or that there are none."""
    if numbers["reason"] or numbers["slope"] is None:
        return f"{who}no numbers"
    identity = numbers["r_squared_of_identity"]
    error = numbers["slope_error"]
    # An error that two decimals do not show is not written.
    slope = f"{numbers['slope']:.2f}" + (f" ± {error:.2f}" if error is not None and error >= 0.005 else "")
    return f"{who}slope {slope}, R² {identity:.2f}".replace("-", "−")


def _shown(values: pd.DataFrame, scale: Scale) -> Points:
    """Return points that have both values, angles in degrees from -90 to 90."""
    pairs = values.to_numpy(dtype=np.float64)
    asked, measured = (np.isfinite(coordinates(side, scale)).all(axis=1) for side in pairs.T)
    pairs = pairs[asked & measured]
    return np.asarray((np.degrees(pairs) + 90) % 180 - 90 if scale == "angle" else pairs)


def _limits(points: Points) -> tuple[float, float]:
    """Return limits for both axes."""
    if not len(points):
        return 0.0, 1.0
    low, high = np.percentile(points, [_TAIL, 100 - _TAIL])
    if low > 0 and high > 5 * low:  # room in equal steps of a logarithmic axis
        room = (high / low) ** 0.06
        return float(low / room), float(high * room)
    room = 0.06 * (high - low) or 1.0
    return float(low - room), float(high + room)


def _scatter(axes: Axes, points: Mapping[str, Points], style: ModelStyle) -> None:
    """Draw the survey's galaxies in grey, the model's before them."""
    for name, values in points.items():
        of_model = name == MODEL
        axes.scatter(
            values[:, 0],
            values[:, 1],
            s=13 if of_model else 11,
            marker=style.marker if of_model else "o",
            facecolors=style.colour if of_model else PALE,
            edgecolors="none",
            alpha=0.6 if of_model else 0.8,
            label=f"{name} ({len(values):,})" if of_model else "held-out galaxies of the survey",
            rasterized=len(values) > 2000,
        )


def _size_magnitude(
    axes: Axes, groups: Mapping[str, pd.DataFrame], numbers: Numbers, style: ModelStyle
) -> None:
    """Draw sizes against magnitudes, or against fluxes where there is no zero point."""
    has_magnitude = any(table["magnitude"].notna().any() for table in groups.values())
    bright = "magnitude" if has_magnitude else "flux"
    points = {}
    for name, table in groups.items():
        values = table[[bright, "half_light_radius"]].to_numpy(dtype=np.float64)
        points[name] = values[np.isfinite(values).all(axis=1) & (values[:, 1] > 0)]
    _scatter(axes, points, style)
    axes.set(xscale="log" if bright == "flux" else "linear", yscale="log")
    _plain_ticks(axes.yaxis, *([axes.xaxis] if bright == "flux" else []))
    axes.set(xlabel=f"{bright}, measured", ylabel="half-light radius, measured [arcsec]", box_aspect=1)
    score = numbers["physical"]["size_magnitude"]
    words = "no distance"
    if score["value"] is not None:
        words = f"distance {score['value']:.2f}, floor {score['floor']:.2f}"
    axes.set_title(f"size and magnitude\n{words}", fontsize=8.5, weight="normal")


def _plain_ticks(*sides: Axis) -> None:
    """Write plain numbers at 1, 2, 3 and 5 of each decade of logarithmic axes."""
    for side in sides:
        side.set_major_locator(LogLocator(subs=(1.0, 2.0, 3.0, 5.0)))
        side.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        side.set_minor_formatter(NullFormatter())
