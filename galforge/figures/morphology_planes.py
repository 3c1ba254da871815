"""Real and generated stamps in planes of two morphological parameters."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from galforge.evaluation.usable import usable_matrix
from galforge.figures.labels import label
from galforge.figures.style import GENERATED, INK, REAL, new_figure, styled

# Abscissa and ordinate. M20 grows to the left, as in Lotz et al. (2008).
PLANES = (("m20", "gini"), ("concentration", "asymmetry"), ("rhalf_ellip", "ellipticity_asymmetry"))
_TAIL = 0.5  # percent at either end of all stamps that may lie off an axis


@styled()
def morphology_planes(
    real: pd.DataFrame, generated: pd.DataFrame, title: str, colour: str = GENERATED
) -> Figure:
    """Return Gini-M20, concentration-asymmetry and size-ellipticity of real and generated stamps.

    Parameters
    ----------
    real, generated : DataFrame
        Measured morphology; stamps that lack one of the two parameters are not drawn.
    title : str
    colour : str
        The model's, for what is generated.

    Notes
    -----
    The lines of the Gini-M20 plane are those of Lotz et al. (2008), ApJ 672, 177: mergers above the
    solid line, and below it early types above the dashed one. They were drawn for 0.2 < z < 1.2.
    """
    figure = new_figure(3.3 * len(PLANES), 3.6, title)
    for number, plane in enumerate(PLANES):
        axes = figure.add_subplot(1, len(PLANES), number + 1)
        points = {}
        for name, table in (("survey", real), ("generated", generated)):
            values = usable_matrix(table, plane)
            points[name] = values[np.isfinite(values).all(axis=1)]
        _panel(axes, points, colour)
        axes.set_xlabel(label(plane[0]))
        axes.set_ylabel(label(plane[1]))
        if plane[0] == "m20":
            axes.invert_xaxis()
            _lotz_lines(axes)
    handles, names = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower left", ncols=4)
    return figure


def _panel(axes: Axes, points: dict[str, np.ndarray], drawn: str) -> None:
    everything = np.concatenate(list(points.values()))
    if not len(everything):
        return
    low, high = np.percentile(everything, [_TAIL, 100 - _TAIL], axis=0)
    room = 0.08 * np.where(high > low, high - low, 1.0)
    # What lies off the axes is drawn on their edge, hollow markers behind filled ones.
    for (name, values), colour, marker in zip(points.items(), (REAL, drawn), ("o", "^"), strict=True):
        inside = np.clip(values, low - 0.9 * room, high + 0.9 * room)
        axes.scatter(
            inside[:, 0],
            inside[:, 1],
            s=16,
            marker=marker,
            facecolors="none" if name == "survey" else colour,
            edgecolors=colour,
            linewidths=0.8,
            alpha=0.75,
            label=f"{name} ({len(values):,} stamps)",
        )
    axes.set(xlim=(low[0] - room[0], high[0] + room[0]), ylim=(low[1] - room[1], high[1] + room[1]))


def _lotz_lines(axes: Axes) -> None:
    ends, limits = np.array(axes.get_xlim()), axes.get_ylim()
    axes.plot(ends, -0.14 * ends + 0.33, color=INK, linewidth=1, label="mergers above")
    early = np.linspace(min(ends), max(ends), 2)
    axes.plot(early, 0.14 * early + 0.80, color=INK, linewidth=1, linestyle="--", label="early types above")
    axes.set(xlim=ends, ylim=limits)
