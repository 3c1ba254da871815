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
    ("classifier_light", "told by a classifier of the light (0.5 is chance)", False),
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
        its error is a band.
    styles : mapping of str to ModelStyle
        One per model; what is not in it is drawn as a control.
    title : str
    """
    means = scores[(scores["score"] == PANELS[0][0]) & (scores["variant"] == RANKED)]
    means = means.sort_values(["value", "model"])  # what failed has no value, and comes last
    names = means.loc[means["value"].notna(), "model"].tolist()
    failed = means.loc[means["value"].isna(), "model"].tolist()
    figure = new_figure(10.4, _FRAME + _ROW * len(names + failed), title)
    panels = figure.subplots(1, len(PANELS), sharey=True, squeeze=False)[0]
    for axes, (score, words, logarithmic) in zip(panels, PANELS, strict=True):
        _draw_score(axes, scores[scores["score"] == score], names, styles)
        if logarithmic:
            axes.set_xscale("log")
            low, high = axes.get_xlim()
            axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 50 * low else (1,)))
            axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_xlabel(words)
        axes.grid(axis="y", color=PALE, linewidth=0.5)
    for place in range(len(names), len(names + failed)):
        panels[0].annotate(
            "failed", (0.02, place), xycoords=("axes fraction", "data"), color=VERMILLION, va="center"
        )
    rows = [*names, *failed]
    panels[0].set_yticks(range(len(rows)), [name if name in styles else _words(name) for name in rows])
    for tick, name in zip(panels[0].get_yticklabels(), rows, strict=True):
        tick.set_color(INK if name in styles else GREY)
        tick.set_fontstyle("normal" if name in styles else "italic")
    panels[0].set_ylim(len(rows) - 0.4, -0.6)
    return figure


def _words(control: str) -> str:
    return control.removeprefix("control_").replace("_", " ")


def _draw_score(axes: Axes, scores: pd.DataFrame, names: list[str], styles: Mapping[str, ModelStyle]) -> None:
    floor = scores[scores["variant"] == "real"]
    for row in floor.itertuples():
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
