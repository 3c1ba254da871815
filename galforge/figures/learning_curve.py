"""The course of a training."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from galforge.figures.labels import label
from galforge.figures.style import BLUE, GREY, INK, new_figure, styled

_SIDES = {"train": "-", "validation": (0, (4, 1.5))}  # lines
_DECADE = 10.0  # a quantity that spans more gets a logarithmic axis


def loss_terms(history: pd.DataFrame) -> list[str]:
    """Return the names of the loss terms in a history: the total ``loss`` first, then in file order."""
    names = [
        column.removeprefix(f"{side}_")
        for column in history.columns
        for side in _SIDES
        if column.startswith(f"{side}_")
    ]
    return sorted(dict.fromkeys(names), key=lambda name: name != "loss")


@styled()
def learning_curve(history: pd.DataFrame, title: str, colour: str = BLUE) -> Figure:
    """Return one panel per loss term and per monitored quantity, and one for the learning rates.

    Parameters
    ----------
    history : DataFrame
        At least one row; columns ``epoch``, ``train_<term>``, ``validation_<term>``,
        ``monitor_<name>`` and ``learning_rate``, alone or after the names of phases. Values that are
        missing or not finite are skipped.
    title : str
    colour : str
        The model's, for the training's lines.
    """
    panels = {
        term: {side: f"{side}_{term}" for side in _SIDES if f"{side}_{term}" in history}
        for term in loss_terms(history)
    }
    for column in history.columns:
        if column.startswith("monitor_"):
            panels[column.removeprefix("monitor_")] = {"": column}
    # One column, or one per phase of the model: <phase>_learning_rate.
    rates = [column for column in history.columns if column.endswith("learning_rate")]
    if rates:
        panels["learning_rate"] = {c.removesuffix("learning_rate").rstrip("_"): c for c in rates}
    columns = 2 if len(panels) in (2, 4) else min(3, len(panels))
    rows = -(-len(panels) // columns)
    figure = new_figure({1: 6.0, 2: 4.4, 3: 3.1}[columns] * columns, 2.5 * rows + 0.4, title)
    for number, (term, lines) in enumerate(panels.items()):
        axes = figure.add_subplot(rows, columns, number + 1)
        _panel(axes, history, lines, {"train": colour, "validation": INK})
        axes.set(xlabel="epoch", ylabel=label(term))
        if number == 0 or (len(lines) > 1 and "" not in lines):
            axes.legend()
    return figure


def _panel(axes: Axes, history: pd.DataFrame, lines: dict[str, str], colours: dict[str, str]) -> None:
    few = len(history) < 25
    for side, column in lines.items():
        finite = np.isfinite(history[column])
        axes.plot(
            history["epoch"][finite],
            history[column][finite],
            # Several phases have one colour each; a single line is grey.
            color=colours.get(side, None if side else GREY),
            linestyle=_SIDES.get(side, "-"),
            label=side or None,
            # A line through one epoch shows nothing: few epochs are marked one by one.
            marker="o" if few else None,
            markersize=3.5,
        )
    drawn = history[list(lines.values())].to_numpy(dtype=np.float64)
    drawn = drawn[np.isfinite(drawn)]
    if drawn.size and drawn.min() > 0 and drawn.max() > _DECADE * drawn.min():
        axes.set_yscale("log")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    # The whole course, including epochs without a finite value.
    axes.set_xlim(history["epoch"].min() - 0.5, history["epoch"].max() + 0.5)
    axes.grid(axis="y", color="#E4E4E4", linewidth=0.6)
