"""The scores of several models beside the floor and the controls, with their errors."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from galforge.evaluation.variants import RANKED
from galforge.figures.style import (
    GREY,
    INK,
    PALE,
    VERMILLION,
    ModelStyle,
    new_figure,
    styled,
)

# Score, label, whether its axis is logarithmic: for shapes, for features, and a classifier's.
PANELS = (
    ("mean_distance", "mean distance of the morphology [σ]", True),
    ("frechet_network", "Fréchet distance, feature network", True),
    ("classifier_light", "classifier of light, ROC area (0.5: chance)", False),
)

_ROW, _FRAME = 0.24, 1.35  # inches
_CONTROL = ModelStyle(GREY, "s", "-")


@styled()
def score_comparison(scores: pd.DataFrame, styles: Mapping[str, ModelStyle], title: str) -> Figure:
    """Return scores with their errors: one row per model or control, the best on top, one panel per score.

    Parameters
    ----------
    scores : DataFrame
        From :func:`galforge.evaluation.leaderboard.list_scores`. For each score, stamps with the survey's
        noise are drawn with their error, stamps as the model gives them as an open mark; the floor with
        its error is a band. What has no mean distance comes last, with its status and its other scores.
    styles : mapping of str to ModelStyle
        One per model; what is not in it is drawn as a control.
    title : str
    """
    means = scores[(scores["score"] == PANELS[0][0]) & (scores["variant"] == RANKED)]
    means = means.sort_values(["value", "model"])  # what has no value comes last
    names, has_mean = means["model"].tolist(), means["value"].notna().tolist()
    figure = new_figure(10.4, _FRAME + _ROW * len(names), title)
    panels = figure.subplots(1, len(PANELS), sharey=True, squeeze=False)[0]
    for axes, (score, words, logarithmic) in zip(panels, PANELS, strict=True):
        of_score = scores[scores["score"] == score]
        _draw_score(axes, of_score, names, styles)
        if not of_score["value"].notna().any():
            axes.annotate("no value", (0.5, 0.5), xycoords="axes fraction", color=VERMILLION, ha="center")
            axes.set_xticks([])
        elif (
            logarithmic and (of_score["value"].dropna() > 0).all()
        ):  # a distance may be zero, by rounding less
            _logarithmic(axes)
        axes.set_xlabel(words)
        axes.grid(axis="y", color=PALE, linewidth=0.5)
    for place, status in enumerate(means["status"]):
        if not has_mean[place]:
            panels[0].annotate(
                status, (0.02, place), xycoords=("axes fraction", "data"), color=VERMILLION, va="center"
            )
    panels[0].set_yticks(range(len(names)), [name if name in styles else _words(name) for name in names])
    for tick, name in zip(panels[0].get_yticklabels(), names, strict=True):
        tick.set_color(INK if name in styles else GREY)
        tick.set_fontstyle("normal" if name in styles else "italic")
    panels[0].set_ylim(len(names) - 0.4, -0.6)
    return figure


def _logarithmic(axes: Axes) -> None:
    axes.set_xscale("log")
    low, high = axes.get_xlim()
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 50 * low else (1,)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())


def _words(control: str) -> str:
    return control.removeprefix("control_").replace("_", " ")


def _draw_score(axes: Axes, scores: pd.DataFrame, names: list[str], styles: Mapping[str, ModelStyle]) -> None:
    floor = scores[scores["variant"] == "real"]
    for row in floor.dropna(subset="value").itertuples():
        spread = 0.0 if pd.isna(row.error) else row.error
        axes.axvspan(row.value - spread, row.value + spread, color=PALE, linewidth=0)
        axes.axvline(row.value, color=GREY, linewidth=1)
    for place, name in enumerate(names):
        style = styles.get(name, _CONTROL)
        of_model = scores[scores["model"] == name].set_index("variant")
        for variant, face in (("raw", "white"), (RANKED, style.colour)):
            if variant not in of_model.index or not np.isfinite(of_model.loc[variant, "value"]):
                continue
            error = of_model.loc[variant, "error"] if variant == RANKED else np.nan
            axes.errorbar(
                of_model.loc[variant, "value"], place, xerr=None if pd.isna(error) else error,
                fmt=style.marker, color=style.colour, markerfacecolor=face, markersize=5, elinewidth=1.4,
                capsize=2.5,
            )  # fmt: skip
