"""What the variants of an experiment come to, and the courses of their trainings."""

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from galforge.figures.labels import label
from galforge.figures.style import GREY, INK, VERMILLION, model_style, new_figure, styled

_SPREAD = 0.12  # of the repeats around a variant's place, in the distance of variants
_DECADE = 10.0  # values that span more get a logarithmic axis
_LABEL = 16  # characters of a line below a variant
_BESIDE = 12  # variants of which panels fit beside each other
_CHARACTER = 0.075  # inches, the width of one in a label


@styled()
def variant_figure(
    trainings: pd.DataFrame,
    variants: pd.DataFrame,
    measures: Sequence[str],
    title: str,
    numbers: Mapping[str, float] | None = None,
    measure: str | None = None,
) -> Figure:
    """Return one panel per measure: each training, mean and deviation of each variant, the floor of a score.

    Parameters
    ----------
    trainings, variants : DataFrame
        Of :func:`galforge.evaluation.trainings.list_trainings` and ``compare_variants``.
    measures : sequence of str
    title : str
    numbers : mapping of str to float, optional
        The paper's, by variant.
    measure : str, optional
        The measure that they are shown beside.
    """
    crowded = len(variants) > _BESIDE
    columns = 1 if crowded else min(2, len(measures))
    rows = -(-len(measures) // columns)
    width = 0.2 * len(variants) + 2.5 if crowded else max(4.5, 0.75 * len(variants) + 1.5)
    width = min(width, 16.0 if crowded else 9.0 / columns + 1.5)
    wrapped = [textwrap.fill(text, _LABEL) for text in variants["variant"].astype(str)]
    longest = max(len(line) for text in wrapped for line in text.split("\n"))
    upright = crowded or longest * _CHARACTER * len(variants) > width
    figure = new_figure(width * columns, (4.4 if upright else 3.2) * rows + 0.4, title)
    for number, name in enumerate(measures):
        axes = figure.add_subplot(rows, columns, number + 1)
        for place, row in enumerate(variants.to_dict("records")):
            group = trainings[trainings["variant"] == row["variant"]]
            _variant(axes, place, row, group, name, _failed(row, crowded))
        if numbers and name == measure:
            there = [(place, numbers[key]) for place, key in enumerate(variants["variant"]) if key in numbers]
            axes.plot(*zip(*there, strict=True), "D", color=GREY, markersize=6, label="paper")
            axes.legend()
        _floor(axes, variants, name)
        names = variants["variant"].astype(str)
        if upright:
            axes.set_xticks(range(len(names)), names, rotation=90, fontsize=7)
        else:
            axes.set_xticks(range(len(names)), wrapped)
        axes.set_xlim(-0.6, len(names) - 0.4)
        axes.set_ylabel(label(name))
        _stretch(axes, trainings[name].to_numpy(dtype=np.float64))
        axes.grid(axis="y", color="#E4E4E4", linewidth=0.6)
    return figure


def _variant(
    axes: Axes, place: int, row: Mapping[str, object], group: pd.DataFrame, name: str, failed: str
) -> None:
    colour = model_style(place).colour
    offsets = _SPREAD * (np.arange(len(group)) - (len(group) - 1) / 2) / max(1, len(group) - 1)
    axes.plot(place + 2 * offsets, group[name], "o", color=colour, markersize=3.5, alpha=0.6)
    mean, deviation = float(str(row[name])), float(str(row[f"{name}_deviation"]))
    if np.isfinite(mean):
        error = deviation if np.isfinite(deviation) else None
        axes.errorbar(
            place, mean, yerr=error, fmt="_", color=INK, markersize=16, capsize=4, linewidth=1.2, zorder=3
        )
    if failed:
        axes.text(
            place, 0.985, failed, ha="center", va="top",
            fontsize=7.5, color=VERMILLION, transform=axes.get_xaxis_transform(),
        )  # fmt: skip


def _failed(row: Mapping[str, object], crowded: bool) -> str:
    """Return how many trainings of a variant failed, in words where there is room; nothing where none did."""
    if not row["failed"]:
        return ""
    return (
        f"{row['failed']}/{row['trainings']}" if crowded else f"{row['failed']} of {row['trainings']}\nfailed"
    )


def _floor(axes: Axes, variants: pd.DataFrame, name: str) -> None:
    if f"{name}_floor" not in variants:
        return
    places, floor = np.arange(len(variants)), variants[f"{name}_floor"].to_numpy(dtype=np.float64)
    axes.hlines(floor, places - 0.5, places + 0.5, color=GREY, linestyle="--", linewidth=1.0, label="floor")
    axes.legend()


def _stretch(axes: Axes, values: np.ndarray) -> None:
    finite = values[np.isfinite(values)]
    if finite.size and finite.min() > 0 and finite.max() > _DECADE * finite.min():
        axes.set_yscale("log")


@styled()
def curve_figure(
    histories: Sequence[tuple[int, pd.DataFrame]],
    variants: Sequence[str],
    measures: Sequence[str],
    title: str,
) -> Figure:
    """Return one panel per measure with the courses of all trainings.

    Parameters
    ----------
    histories : sequence of (int, DataFrame)
        Number of the variant, and ``history.csv`` of each training.
    variants : sequence of str
    measures : sequence of str
        Columns of the histories; one that a history lacks has no line.
    title : str
    """
    columns = min(2, len(measures))
    rows = -(-len(measures) // columns)
    crowded = len(variants) > _BESIDE
    width = max(4.8 * columns, 13.0) if crowded else 4.8 * columns
    fitting = int((width + 0.4) / (_CHARACTER * max(map(len, variants)) + 0.55))  # with mark and gaps
    across = max(1, min(6, len(variants), fitting))
    legend = 0.2 * (-(-len(variants) // across) - 1)  # inches, of the lines after the first
    figure = new_figure(width, 3.0 * rows + 0.9 + legend, title)
    for number, name in enumerate(measures):
        axes = figure.add_subplot(rows, columns, number + 1)
        for variant, history in histories:
            if name in history:
                style = model_style(variant)
                axes.plot(
                    history["epoch"], history[name], color=style.colour, linestyle=style.line, linewidth=1.1,
                    marker=style.marker if len(history) < 8 else None, markersize=3,
                )  # fmt: skip
        drawn = [history[name].to_numpy(dtype=np.float64) for _, history in histories if name in history]
        _stretch(axes, np.concatenate(drawn) if drawn else np.zeros(0))
        axes.set(xlabel="epoch", ylabel=label(name))
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
        axes.grid(axis="y", color="#E4E4E4", linewidth=0.6)
    marks = []
    for variant in range(len(variants)):
        style = model_style(variant)
        marks += figure.axes[0].plot([], [], color=style.colour, linestyle=style.line, marker=style.marker)
    small = {"fontsize": 7} if crowded else {}
    figure.legend(marks, list(variants), loc="outside lower center", ncols=across, **small)
    return figure
