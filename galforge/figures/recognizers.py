"""Figures of networks that recognize: their variants, the course of their trainings, what they answer."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from galforge.figures.style import BLUE, GREY, INK, VERMILLION, model_style, new_figure, styled

LABELS = {"accuracy": "accuracy", "absolute_error": "mean absolute error"}
_MOST_NAMED = 30  # classes whose names fit beside a matrix


@styled()
def variants_figure(
    trainings: pd.DataFrame,
    variants: pd.DataFrame,
    rates: Mapping[str, float],
    measure: str,
    title: str,
) -> Figure:
    """Return the best measure of each training by variant, with mean and standard deviation.

    After Figs 9 and 11 of Goupil (2020): a point per training, a line through the means, error bars of one
    standard deviation; and, hollow, what the paper gives.

    Parameters
    ----------
    trainings, variants : DataFrame
        As :mod:`galforge.recognition.comparison` makes them.
    rates : mapping of str to float
        Fixed learning rates of the variants that differ in them alone; they have a panel of their own.
    measure : str
        What is drawn: ``accuracy`` or ``absolute_error``.
    title : str
    """
    others = [name for name in variants["variant"] if name not in rates]
    panels = [group for group in (list(rates), others) if group]
    figure = new_figure(4.4 * len(panels) + 0.4, 3.6, title)
    for number, names in enumerate(panels):
        axes = figure.add_subplot(1, len(panels), number + 1)
        by_rate = names[0] in rates
        places = {name: rates[name] if by_rate else float(index + 1) for index, name in enumerate(names)}
        _points(axes, trainings, variants, places)
        axes.set_ylabel(f"best {LABELS[measure]} on validation stamps")
        if by_rate:
            axes.set(xscale="log", xlabel="learning rate")
        else:
            axes.set_xticks(list(places.values()), list(places), rotation=20, ha="right")
            axes.set_xlim(0.5, len(names) + 0.5)
        axes.grid(axis="y", color="#E4E4E4", linewidth=0.6)
        if number == 0:
            axes.legend(loc="best")
    return figure


def _points(axes: Axes, trainings: pd.DataFrame, variants: pd.DataFrame, places: Mapping[str, float]) -> None:
    own = trainings[trainings["variant"].isin(places)]
    axes.scatter(own["variant"].map(places), own["best"], s=14, color=BLUE, alpha=0.7, label="trainings")
    table = variants.set_index("variant").loc[list(places)]
    table = table.assign(place=[places[name] for name in table.index]).sort_values("place")
    axes.plot(table["place"], table["best"], color=BLUE, linewidth=1.2)
    axes.errorbar(
        table["place"],
        table["best"],
        yerr=table["best_deviation"].fillna(0),
        fmt="none",
        ecolor=VERMILLION,
        capsize=4,
        label="mean and σ",
    )
    stated = table[table["published"].notna()]
    if len(stated):
        axes.errorbar(
            stated["place"],
            stated["published"],
            yerr=stated["published_deviation"].fillna(0),
            fmt="s",
            color=GREY,
            markerfacecolor="none",
            capsize=4,
            label="published",
        )


@styled()
def curves_figure(curves: Mapping[str, Sequence[pd.DataFrame]], title: str) -> Figure:
    """Return the validation loss of each variant against the steps, the mean and range over its trainings.

    Parameters
    ----------
    curves : mapping of str to sequence of DataFrame
        By variant: ``step`` and ``validation_loss`` of each training.
    title : str
    """
    figure = new_figure(6.4, 3.8, title)
    axes = figure.add_subplot()
    for position, (variant, tables) in enumerate(curves.items()):
        tables = [table for table in tables if len(table)]
        if not tables:
            continue
        steps, losses = _stacked(tables)
        style = model_style(position)
        axes.plot(steps, losses.mean(axis=0), color=style.colour, linestyle=style.line, label=variant)
        if len(losses) > 1:
            low, high = losses.min(axis=0), losses.max(axis=0)
            axes.fill_between(steps, low, high, color=style.colour, alpha=0.15, linewidth=0)
    axes.set(xlabel="steps", ylabel="loss on validation stamps", yscale="log")
    axes.grid(axis="y", color="#E4E4E4", linewidth=0.6)
    if axes.lines:
        # Beside the curves, which those of many variants leave no room for.
        figure.legend(loc="outside right upper", fontsize=7.5)
    return figure


def _stacked(tables: Sequence[pd.DataFrame]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the steps (S,) that all trainings have, and their losses (trainings, S)."""
    common = tables[0]["step"]
    for table in tables[1:]:
        common = common[common.isin(table["step"])]
    losses = [table.set_index("step")["validation_loss"].loc[common].to_numpy() for table in tables]
    return common.to_numpy(dtype=np.float64), np.stack(losses)


@styled()
def confusion_figure(predictions: pd.DataFrame, title: str) -> Figure:
    """Return which class is predicted of test stamps, shares of those of each true class.

    Parameters
    ----------
    predictions : DataFrame
        ``actual`` and ``predicted``, names of classes.
    title : str
    """
    counts = pd.crosstab(predictions["actual"], predictions["predicted"])
    names = _in_order({*counts.index, *counts.columns})
    shares = counts.reindex(index=names, columns=names, fill_value=0)
    shares = shares.div(shares.sum(axis=1).clip(lower=1), axis=0)
    side = min(7.0, 2.6 + 0.34 * len(names))
    figure = new_figure(side + 0.8, side, title)
    axes = figure.add_subplot()
    drawn = axes.imshow(shares.to_numpy(), cmap="Blues", vmin=0, vmax=1)
    if len(names) <= _MOST_NAMED:
        axes.set_xticks(range(len(names)), names, rotation=60, ha="right")
        axes.set_yticks(range(len(names)), names)
    axes.set(xlabel="predicted class", ylabel="true class")
    figure.colorbar(drawn, ax=axes, label="share of the true class", shrink=0.8)
    return figure


def _in_order(names: Iterable[str]) -> list[str]:
    """Return names of classes as numbers run, where all are numbers; else by the alphabet."""
    try:
        return sorted(names, key=float)
    except ValueError:
        return sorted(names)


@styled()
def scores_figure(
    predictions: Mapping[str, pd.DataFrame], samples: Mapping[str, NDArray[np.float64]], title: str
) -> Figure:
    """Return predicted scores of test stamps against the true ones, and those of models' samples.

    Parameters
    ----------
    predictions : mapping of str to DataFrame
        ``actual`` and ``predicted`` by variant.
    samples : mapping of str to ndarray
        Scores of the samples of each model.
    title : str
    """
    shown = {name: table for name, table in predictions.items() if len(table)}
    panels = len(shown) + bool(samples)
    columns = max(1, min(3, panels))
    figure = new_figure(3.1 * columns + 0.4, 3.0 * -(-max(1, panels) // columns) + 0.4, title)
    actual = np.concatenate([table["actual"].to_numpy() for table in shown.values()] or [np.zeros(1)])
    span = actual.min(), actual.max()
    for number, (name, table) in enumerate(shown.items()):
        axes = figure.add_subplot(-(-panels // columns), columns, number + 1)
        axes.plot(span, span, color=GREY, linewidth=0.8)
        axes.scatter(table["actual"], table["predicted"], s=8, color=BLUE, alpha=0.6, linewidth=0)
        axes.set(xlabel="true value", ylabel="predicted value", title=name)
    if samples:
        axes = figure.add_subplot(-(-panels // columns), columns, panels)
        bins = np.linspace(*_range([actual, *samples.values()]), 25).tolist()
        axes.hist(actual, bins, density=True, color=GREY, alpha=0.4, label="true scores of test stamps")
        for position, (name, scores) in enumerate(samples.items()):
            style = model_style(position)
            axes.hist(scores, bins, density=True, histtype="step", color=style.colour, label=name)
        axes.set(xlabel="score", ylabel="density", title="samples of models")
        axes.legend(fontsize=7, labelcolor=INK)
    return figure


def _range(values: Sequence[NDArray[np.float64]]) -> tuple[float, float]:
    together = np.concatenate(values)
    return float(together.min()), float(together.max()) or 1.0
