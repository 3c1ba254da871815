"""Distributions of morphological parameters, real against generated."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from galforge.evaluation.usable import usable_values
from galforge.figures.labels import in_order, label
from galforge.figures.style import GENERATED, REAL, new_figure, styled

_COLUMNS = 4
_BINS = 24
_TAIL = 1.0  # percent at either end of either sample that may lie off the axis


@styled()
def morphology_histograms(
    real: pd.DataFrame,
    generated: pd.DataFrame,
    distances: Mapping[str, Mapping[str, float | None]],
    title: str,
    colour: str = GENERATED,
) -> Figure:
    """Return one panel per scored parameter: both distributions, the distance and its floor.

    Parameters
    ----------
    real, generated : DataFrame
        Measured morphology, one row per stamp: one column per parameter, ``status`` and ``flag_sersic``.
        What is drawn is what is scored (:func:`usable_values`).
    distances : mapping of str to mapping
        The scored parameters, at least one, each with its Wasserstein-1 distance from the real stamps, in
        real standard deviations: of the ``model`` and of the ``floor``; None where undefined.
    title : str
    colour : str
        The model's, for what is generated.
    """
    columns = min(_COLUMNS, len(distances))
    rows = -(-len(distances) // columns)
    figure = new_figure(2.45 * columns, 2.15 * rows + 0.6, title)
    for number, name in enumerate(in_order(distances)):
        axes = figure.add_subplot(rows, columns, number + 1)
        _panel(axes, usable_values(real, name), usable_values(generated, name), colour)
        axes.set_xlabel(label(name))
        axes.set_title(_written(distances[name]), fontsize=8.5, weight="normal", loc="left")
    handles, names = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower left", ncols=2)
    return figure


def _written(distance: Mapping[str, float | None]) -> str:
    model, floor = (
        "undefined" if distance[name] is None else f"{distance[name]:.3f}" for name in ("model", "floor")
    )
    return f"distance {model}\nfloor {floor}"


def _panel(axes: Axes, real: NDArray[np.float64], generated: NDArray[np.float64], drawn: str) -> None:
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    ends = [np.percentile(values, [_TAIL, 100 - _TAIL]) for values in (real, generated) if values.size]
    if not ends:
        return
    low, high = float(np.min(ends)), float(np.max(ends))
    room = 0.0 if high > low else max(abs(low), 1.0) / 2
    bins = np.linspace(low - room, high + room, _BINS + 1).tolist()
    # Shares of the stamps; the end bins hold what lies beyond, so a stray value is seen, not lost.
    for values, colour, name, filled in (
        (real, REAL, "survey", True),
        (generated, drawn, "generated", False),
    ):
        if values.size:
            axes.hist(
                np.clip(values, bins[0], bins[-1]),
                bins=bins,
                weights=np.full(values.size, 1 / values.size),
                histtype="stepfilled" if filled else "step",
                color=colour,
                alpha=0.45 if filled else 1.0,
                linewidth=1.6,
                label=f"{name} ({values.size:,} stamps)",
            )
