"""The latents of several models side by side."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from galforge.figures.labelled_sheet import labelled_sheet
from galforge.figures.latents import band_axes, logarithmic_snr
from galforge.figures.style import GREY, ModelStyle, styled

ROWS = 4  # galaxies in the figure of reconstructions; the paper has one


@styled()
def snr_curves(tables: Mapping[str, pd.DataFrame], styles: Mapping[str, ModelStyle], title: str) -> Figure:
    """Return the sorted latent signal-to-noise ratios of every model.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Each model's :func:`galforge.evaluation.latents.summarize_latents`; at least one.
    styles : mapping of str to ModelStyle
    title : str
    """
    figure, axes = band_axes(8.6, 3.9, title)
    for model, table in tables.items():
        # Models have 2 to 64 latents: drawn over the share of them, their curves can be compared.
        places = (np.arange(len(table)) + 0.5) / len(table)
        style = styles[model]
        axes.plot(
            places, table["snr"], color=style.colour, linestyle=style.line, marker=style.marker,
            markersize=3.5, markevery=max(1, len(table) // 8), label=f"{model} ({len(table)})",
        )  # fmt: skip
    values = np.concatenate([table["snr"].to_numpy() for table in tables.values()])
    logarithmic_snr(axes, values[np.isfinite(values) & (values > 0)].tolist())
    axes.set_xlim(0, 1)
    axes.set_xlabel("share of the model's latents, the strongest first")
    figure.legend(loc="outside right upper", title="model (latents)")
    return figure


@styled()
def bound_figure(table: pd.DataFrame, styles: Mapping[str, ModelStyle], title: str) -> Figure:
    """Return the span of latent signal-to-noise ratios against the bound lambda: Fig. 11 of Danilov (2020).

    Parameters
    ----------
    table : DataFrame
        One row per model: ``model``, ``bound`` in nats, ``snr_min``, ``snr_median``, ``snr_max``.
    styles : mapping of str to ModelStyle
    title : str
    """
    figure, axes = band_axes(7.2, 3.4, title)
    for row in table.itertuples():
        style = styles[row.model]
        axes.vlines(row.bound, row.snr_min, row.snr_max, color=style.colour, linewidth=5, alpha=0.45)
        axes.plot(row.bound, row.snr_median, style.marker, color=style.colour, markersize=6)
        axes.annotate(
            row.model, (row.bound, row.snr_max), textcoords="offset points", xytext=(3, 5), fontsize=7.5,
            rotation=30, color=GREY,
        )  # fmt: skip
    logarithmic_snr(axes, table[["snr_min", "snr_max"]].to_numpy().ravel().tolist())
    axes.set_ylim(top=axes.get_ylim()[1] * 3)
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set_xlim(table["bound"].min() / 1.4, table["bound"].max() * 1.7)
    axes.set_xlabel("bound on the divergence, λ [nats]")
    return figure


def bound_reconstructions(
    original: NDArray[np.floating], columns: Mapping[str, NDArray[np.floating]], title: str
) -> Figure:
    """Return stamps and what models of rising bound make of them: Fig. 10 of Danilov (2020).

    Parameters
    ----------
    original : ndarray, shape (N, C, H, W)
        At least one; the first :data:`ROWS` are drawn.
    columns : mapping of str to ndarray, shape (N, C, H, W)
        What is written above the column, and the reconstructions.
    title : str
    """
    parts: Sequence[NDArray[np.floating]] = [original[:ROWS], *(part[:ROWS] for part in columns.values())]
    images = np.stack(parts, axis=1)  # (R, K + 1, C, H, W)
    return labelled_sheet(images, title, ("original", *columns), least_width=560)
