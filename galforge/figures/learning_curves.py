"""The courses of the trainings of several models side by side."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from galforge.figures.style import GREY, INK, VERMILLION, ModelStyle, new_figure, styled

COLUMNS = 3
EARLY = 0.1  # share of the epochs, at least the first, that does not set the axis
_PAD = 0.06  # of the axis, above and below the curves
_LINES: dict[str, Any] = {"train": "-", "validation": (0, (4, 1.5))}
_TITLE = 34  # characters on a line


class Training(NamedTuple):
    """The course of one training.

    Attributes
    ----------
    name : str
    history : DataFrame
        Columns ``epoch`` and ``step``; ``validation_loss`` and ``train_loss`` where there are such.
    style : ModelStyle
    words : str
        What the loss is, with its unit.
    marks : mapping of float to str
        At which share of the steps the model changed, and what it then was.
    fault : str
        Why the training failed; empty where it did not.
    """

    name: str
    history: pd.DataFrame
    style: ModelStyle
    words: str
    marks: Mapping[float, str]
    fault: str = ""


@styled()
def learning_curves(trainings: Sequence[Training], title: str) -> Figure:
    """Return one panel per training: losses of different models have no common axis.

    The first epochs, in which a loss may fall by decades, do not set the axis: where one lies beyond it, an
    arrow at the edge says how far the loss has come from.

    Parameters
    ----------
    trainings : sequence of Training
        At least one.
    title : str
    """
    columns = min(COLUMNS, len(trainings))
    rows = -(-len(trainings) // columns)
    figure = new_figure(3.5 * columns, 2.5 * rows + 0.5, title)
    for number, training in enumerate(trainings):
        axes = figure.add_subplot(rows, columns, number + 1)
        axes.set_title(textwrap.fill(training.name, _TITLE), loc="left", fontsize=9.5)
        _draw(axes, training)
    drawn = {line.get_label() for axes in figure.axes for line in axes.lines}
    shown = [side for side in _LINES if side in drawn]
    # Below the panels: inside of one it would cover a curve that rises, and each has a colour of its own.
    marks = [Line2D([], [], color=GREY if side == "train" else INK, linestyle=_LINES[side]) for side in shown]
    if marks:
        figure.legend(marks, shown, loc="outside lower left", ncols=2)
    return figure


def later_limits(values: Sequence["pd.Series[float]"]) -> tuple[float, float] | None:
    """Return the least and the greatest of finite values without the first epochs; None if there are none.

    Parameters
    ----------
    values : sequence of Series
        One value per epoch each.
    """
    later = [series.iloc[max(1, int(EARLY * len(series))) :] for series in values]
    # Of a single epoch there is nothing else.
    numbers = pd.concat(later if any(map(len, later)) else list(values)).to_numpy(dtype=np.float64)
    numbers = numbers[np.isfinite(numbers)]
    return (float(numbers.min()), float(numbers.max())) if numbers.size else None


def _draw(axes: Axes, training: Training) -> None:
    history = training.history
    lines = {side: history[f"{side}_loss"] for side in _LINES if f"{side}_loss" in history}
    limits = later_limits(list(lines.values())) if len(history) and lines else None
    if limits is None:
        reason = training.fault or "the history has no loss"
        axes.text(0.5, 0.5, reason, transform=axes.transAxes, color=VERMILLION, ha="center", wrap=True)
        axes.set(xticks=[], yticks=[])
        return
    few = len(history) < 25
    for side, values in lines.items():
        axes.plot(
            history["epoch"], values.where(np.isfinite(values)),
            color=training.style.colour if side == "train" or len(lines) == 1 else INK,
            linestyle=_LINES[side],
            marker="o" if few else None, markersize=3, label=side,
        )  # fmt: skip
    pad = _PAD * (limits[1] - limits[0] or abs(limits[0]) or 1)
    bottom, top = limits[0] - pad, limits[1] + pad
    axes.set_ylim(bottom, top)
    _say_first(axes, [float(values.iloc[0]) for values in lines.values()], bottom, top)
    for share, words in training.marks.items():
        epoch = share * float(history["step"].max()) / float(history["step"].iloc[0])
        axes.axvline(epoch, color=GREY, linewidth=0.8, linestyle=":")
        axes.annotate(
            words, (epoch, 1), xycoords=("data", "axes fraction"), xytext=(1, -2),
            textcoords="offset points", rotation=90, va="top", fontsize=7, color=GREY,
        )  # fmt: skip
    axes.set_xlim(0.5, float(history["epoch"].max()) + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axes.set_xlabel("epoch")
    axes.set_ylabel(training.words, fontsize=8)
    axes.grid(axis="y", color="#E4E4E4", linewidth=0.6)
    if training.fault:
        axes.annotate("failed", (0.02, 0.03), xycoords="axes fraction", color=VERMILLION)


def _say_first(axes: Axes, first: Sequence[float], bottom: float, top: float) -> None:
    beyond = [value for value in first if np.isfinite(value) and not bottom <= value <= top]
    if not beyond:
        return
    furthest = max(beyond, key=lambda value: max(value - top, bottom - value))
    above = furthest > top
    axes.annotate(
        f"{'↑' if above else '↓'} epoch 1: {furthest:.3g}", (0.14, 0.97 if above else 0.03),
        xycoords="axes fraction", va="top" if above else "bottom", fontsize=7.5, color=GREY,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
    )  # fmt: skip
