"""The latents of several models side by side."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from galforge.figures.latents import logarithmic_snr, mark_bands
from galforge.figures.stamp_pictures import enlargement, mosaic, stamp_pictures
from galforge.figures.style import (
    GREY,
    ModelStyle,
    add_title,
    new_figure,
    pixel_axes,
    pixel_figure,
    pixel_title,
    styled,
)

ROWS = 4  # galaxies in the figure of reconstructions; the paper has one
_MARGIN, _TITLE = 16, 66  # px


@styled()
def snr_curves(tables: Mapping[str, pd.DataFrame], styles: Mapping[str, ModelStyle], title: str) -> Figure:
    """Return the sorted latent signal-to-noise ratios of every model.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Model to :func:`galforge.evaluation.latents.summarize_latents`; at least one.
    styles : mapping of str to ModelStyle
    title : str
    """
    figure = new_figure(8.6, 3.9)
    add_title(figure, title)
    axes = figure.add_subplot()
    mark_bands(axes)
    for model, table in tables.items():
        # Models have 2 to 64 latents: the share of them lets their curves be compared.
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
        One row a model: ``model``, ``bound`` in nats, ``snr_min``, ``snr_median``, ``snr_max``.
    styles : mapping of str to ModelStyle
    title : str
    """
    figure = new_figure(7.2, 3.4)
    add_title(figure, title)
    axes = figure.add_subplot()
    mark_bands(axes)
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


@styled()
def bound_reconstructions(
    original: NDArray[np.floating], columns: Mapping[str, NDArray[np.floating]], title: str
) -> Figure:
    """Return stamps and what models of rising bound make of them: Fig. 10 of Danilov (2020).

    Parameters
    ----------
    original : ndarray, shape (N, C, H, W)
        At least one; the first :data:`ROWS` are drawn.
    columns : mapping of str to ndarray, shape (N, C, H, W)
        What is written over the column, and the reconstructions.
    title : str
    """
    parts: Sequence[NDArray[np.floating]] = [original[:ROWS], *(part[:ROWS] for part in columns.values())]
    images = np.stack(parts, axis=1)  # (R, K + 1, C, H, W)
    factor = enlargement(images.shape[-1])
    sheet = mosaic(stamp_pictures(images.reshape(-1, *images.shape[2:])), images.shape[1])
    # Narrow when there are few columns: the title still has to fit.
    height, width = sheet.shape[0] * factor, sheet.shape[1] * factor
    figure = pixel_figure(max(width, 560) + 2 * _MARGIN, _TITLE + height + _MARGIN)
    axes = pixel_axes(figure, _MARGIN, _TITLE, width, height)
    axes.imshow(sheet, aspect="auto")
    pixel_title(figure, _MARGIN, title)
    for column, name in enumerate(("original", *columns)):
        place = (column + 0.5) / images.shape[1]
        axes.text(place, 1 + 8 / height, name, transform=axes.transAxes, ha="center")
    return figure
