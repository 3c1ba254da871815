"""Classes of galaxies from latents: the map of the classes, and which are taken for which."""

import textwrap
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from galforge.evaluation.class_map import DIRECTIONS
from galforge.figures.labels import short_label
from galforge.figures.style import INK, model_style, new_figure, styled, words_figure

Numbers = Mapping[str, Any]

_FEW: Final = 8  # classes, up to which a cell of the matrix has room for a count
_LINES: Final = ("-", (0, (4, 1.5)), (0, (1, 1)), (0, (5, 1, 1, 1)))
_BINS: Final = 24
_MANY: Final = 2000  # galaxies, above which marks are small, and pixels in the PDF
_DARK: Final = 0.55  # share, above which text is white
_SHORT: Final = 24  # characters of a class's name


def classes_figure(places: pd.DataFrame, numbers: Numbers) -> Figure:
    """Return, for each column of classes, the map of held-out galaxies and the confusion matrix.

    Parameters
    ----------
    places : DataFrame
        The maps of :func:`galforge.evaluation.latent_classes.learn_classes`, one below another.
    numbers : mapping
        With ``model``, the numbers of each as ``columns``, and ``reason`` where nothing was learnt.
    """
    if numbers["reason"]:
        return words_figure("No latents", str(numbers["reason"]))
    learnt = [column for column in numbers["columns"] if not column["reason"]]
    if not learnt:
        reasons = "; ".join(f"{column['column']}: {column['reason']}" for column in numbers["columns"])
        return words_figure("No classes learnt", _plain(reasons or "none are asked for"))
    return _maps(places, learnt, str(numbers["model"]))


@styled()
def _maps(places: pd.DataFrame, learnt: list[Numbers], model: str) -> Figure:
    heights = [max(3.7, 2.3 + 0.26 * len(column["classes"])) for column in learnt]
    figure = new_figure(9.6, sum(heights) + 0.3, f"{model}: classes of held-out galaxies from latents")
    panels = figure.subplots(len(learnt), 2, squeeze=False, height_ratios=heights, width_ratios=(1.15, 1))
    for (left, right), column in zip(panels, learnt, strict=True):
        _map(left, places[places["column"] == column["column"]], column)
        _matrix(right, column)
    return figure


def _map(axes: Axes, places: pd.DataFrame, column: Numbers) -> None:
    groups = {name: places[places["class"] == name] for name in column["classes"]}
    flat = not places[DIRECTIONS[1]].notna().any()
    handles = _histograms(axes, groups) if flat else _plane(axes, groups)
    axes.set_xlabel("discriminant direction 1 [σ within classes]")
    title = f"{_plain(short_label(column['column']))}: {len(places):,} galaxies"
    axes.set_title(title, loc="left", fontsize=8.5, weight="normal")
    labels = [f"{_shortened(name)} ({len(group):,})" for name, group in groups.items()]
    axes.legend(handles, labels, loc="upper left", bbox_to_anchor=(0, -0.17), ncols=2, borderaxespad=0)


def _plane(axes: Axes, groups: Mapping[str, pd.DataFrame]) -> list[Artist]:
    many = sum(map(len, groups.values())) > _MANY
    handles: list[Artist] = []
    for position, group in enumerate(groups.values()):
        style, x, y = model_style(position), group[DIRECTIONS[0]], group[DIRECTIONS[1]]
        below = 2 - len(group) / (1 + sum(map(len, groups.values())))  # the commonest class hides no other
        handles += axes.plot(
            x, y, style.marker, color=style.colour, markersize=2.6 if many else 4, alpha=0.7,
            markeredgewidth=0, rasterized=many, zorder=below,
        )  # fmt: skip
        if len(group):
            axes.plot(
                x.mean(), y.mean(), style.marker, color=style.colour, markersize=10, markeredgecolor=INK,
                markeredgewidth=1.2, zorder=3,
            )  # fmt: skip
    axes.set_ylabel("discriminant direction 2 [σ within classes]")
    return handles


def _histograms(axes: Axes, groups: Mapping[str, pd.DataFrame]) -> list[Artist]:
    along = np.concatenate([group[DIRECTIONS[0]] for group in groups.values()])
    edges = np.linspace(along.min(), along.max(), _BINS + 1).tolist()
    handles: list[Artist] = []
    for position, group in enumerate(groups.values()):
        axes.hist(
            group[DIRECTIONS[0]], edges, histtype="step", color=model_style(position).colour, linewidth=1.8,
            linestyle=_LINES[position % len(_LINES)],
        )  # fmt: skip
        handles.append(axes.patches[-1])
    axes.set_ylabel("galaxies")
    return handles


def _matrix(axes: Axes, column: Numbers) -> None:
    counts = np.array(column["confusion"])
    sums = counts.sum(axis=1, keepdims=True)
    shares = counts / np.maximum(sums, 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    few = len(counts) <= _FEW
    for (row, place), share in np.ndenumerate(shares):
        if sums[row] and (few or counts[row, place]):
            text = f"{100 * share:.0f} %\n{counts[row, place]:,}" if few else f"{100 * share:.0f}"
            colour = "white" if share > _DARK else INK
            axes.text(place, row, text, ha="center", va="center", fontsize=8 if few else 6.5, color=colour)
    names = [_shortened(name) for name in column["classes"]]
    axes.set_yticks(range(len(names)), names)
    axes.set_xticks(range(len(names)), names, rotation=35, ha="right", rotation_mode="anchor")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set(xlabel="class from latents", ylabel="class" if few else "class (shares in %)")
    accuracy, balanced = (
        f"{column[name]:.2f} ± {column[f'{name}_error']:.2f}" for name in ("accuracy", "balanced_accuracy")
    )
    title = (
        f"accuracy {accuracy} (commonest class: {column['majority']:.2f})\n"
        f"balanced {balanced} (commonest class: {column['balanced_majority']:.2f})"
    )
    axes.set_title(title, loc="left", fontsize=8.5, weight="normal")


def _plain(text: str) -> str:
    return text.replace("$", r"\$")  # which matplotlib would read as a formula


def _shortened(name: str) -> str:
    return _plain(textwrap.shorten(name, _SHORT, placeholder=" …") if len(name) > _SHORT else name)
