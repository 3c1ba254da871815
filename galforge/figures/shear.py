"""The bias of a shear measurement for the survey's galaxies, a model's and single-Sersic fits."""

from collections.abc import Mapping
from typing import Final

import pandas as pd
from matplotlib.figure import Figure

from galforge.figures.style import GREY, INK, REAL, ModelStyle, new_figure, styled, words_figure

_OTHERS: Final = {"survey": ("survey", REAL), "parametric": ("single-Sersic fits", INK)}  # name and colour


def shear_figure(table: pd.DataFrame, model: str, style: ModelStyle) -> Figure:
    """Return m, its difference from the survey's, and c of each kind with their errors.

    Parameters
    ----------
    table : DataFrame
        From :func:`galforge.lensing.shear.bias_table`.
    model : str
        What the model is called.
    style : ModelStyle
        The model's.
    """
    if not len(table):
        return words_figure("No shears", "the training ended without a model")
    kinds = {**_OTHERS, "generated": (model, style.colour)}
    if table["m"].isna().all():
        return words_figure("No shears", _not_measured(table, kinds))
    return _panels(table, kinds)


def _not_measured(table: pd.DataFrame, kinds: Mapping[str, tuple[str, str]]) -> str:
    """Return in words why there are no biases."""
    counts = [
        f"{kinds[row['kind']][0]} {row['not_measured']:,} and {row['not_resolved']:,}"
        for row in table.to_dict("records")
    ]
    return (
        "fewer than two galaxies are measured and resolved in all three kinds; "
        f"not measured and not resolved: {', '.join(counts)}"
    )


@styled()
def _panels(table: pd.DataFrame, kinds: Mapping[str, tuple[str, str]]) -> Figure:
    figure = new_figure(9.0, 2.6)
    panels = figure.subplots(1, 3, sharey=True)
    shown = [
        ("m (10⁻²)", ["m"], 1e2),
        ("m less that of the survey (10⁻²)", ["apart"], 1e2),
        ("c1 (dot), c2 (square) (10⁻⁴)", ["c1", "c2"], 1e4),
    ]
    for axes, (label, names, unit) in zip(panels, shown, strict=True):
        for name, marker, shift in zip(names, "os", (0, 0.2), strict=False):
            for place, (_, row) in enumerate(table.iterrows()):
                value, error = unit * row[name], unit * row[f"{name}_error"]
                axes.errorbar(value, place + shift, xerr=error, fmt=marker, color=kinds[row["kind"]][1])
        axes.axvline(0, color=GREY, linewidth=0.8)
        axes.set_xlabel(label)
    panels[0].set_yticks(range(len(table)), [kinds[kind][0] for kind in table["kind"]])
    panels[0].set_ylim(len(table) - 0.5, -0.5)  # the first on top
    return figure
