"""What latents say of galaxies, galaxies asked for through them, and latents against the noise of stamps."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from galforge.datasets.normalization import each_in_its_range
from galforge.evaluation.galaxy_grid import DRAWS, STEPS
from galforge.evaluation.latent_structure import inverse
from galforge.figures.labels import in_order, short_label
from galforge.figures.stamp_pictures import enlargement, mosaic, stamp_pictures
from galforge.figures.style import (
    GREY,
    INK,
    PALE,
    ModelStyle,
    new_figure,
    pixel_axes,
    pixel_figure,
    pixel_title,
    styled,
    words_figure,
)

Numbers = Mapping[str, Any]

_NOISY: Final = 6  # latents beside the noise, the strongest
_TITLE, _LEFT, _MARGIN, _LINE = 78, 76, 16, 34  # px, of the grid; below each row of stamps a line of numbers
_LEAST_SHARE: Final = -0.25  # of the variance, at which bars end


def regression_figure(table: pd.DataFrame, numbers: Numbers, style: ModelStyle) -> Figure:
    """Return the share of each feature's variance that follows from the latents, and accuracies of classes.

    Parameters
    ----------
    table : DataFrame
        From :func:`galforge.evaluation.latent_regression.regress`.
    numbers : mapping
        With ``model``, and ``reason`` where nothing was fitted.
    style : ModelStyle
        The model's.
    """
    if numbers["reason"]:
        return words_figure("No latents", str(numbers["reason"]))
    fitted = table[table["reason"].fillna("") == ""]
    if not len(fitted):
        return words_figure(
            "Nothing to be predicted", "the dataset has no feature that varies and is known enough"
        )
    return _regressions(fitted.set_index("feature"), str(numbers["model"]), style)


@styled()
def _regressions(table: pd.DataFrame, model: str, style: ModelStyle) -> Figure:
    shares = table[table["kind"] == "number"]
    shares = shares.loc[in_order(shares.index)]
    classes = table[table["kind"] == "class"]
    heights = [max(len(part), 1) for part in (shares, classes) if len(part)]
    tested = int(table["tested"].max())
    figure = new_figure(
        7.2,
        0.34 * sum(heights) + 0.55 * len(heights) + 0.75,
        f"{model}: features of {tested:,} held-out galaxies",
    )
    panels = iter(figure.subplots(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0])
    if len(shares):
        pairs = (("ridge", "ridge regression", PALE), ("network", "small network", style.colour))
        axes = next(panels)
        _bars(axes, shares, pairs)
        axes.axvline(0, color=GREY, linewidth=1)
        low = min(0.0, float(shares[["ridge", "network"]].min(axis=None)))
        axes.set(xlim=(max(_LEAST_SHARE, low - 0.03), 1), xlabel="R² on galaxies that nothing was fitted to")
    if len(classes):
        pairs = (
            ("majority", "share of the largest class", PALE),
            ("accuracy", "logistic regression", style.colour),
        )
        axes = next(panels)
        _bars(axes, classes, pairs)
        axes.set(xlim=(0, 1), xlabel="share of galaxies in the right class")
    return figure


def _bars(axes: Any, table: pd.DataFrame, pairs: tuple[tuple[str, str, str], ...]) -> None:
    places = np.arange(len(table))
    for offset, (column, name, colour) in zip((-0.19, 0.19), pairs, strict=True):
        errors = table.get(f"{column}_error")
        axes.barh(
            places + offset, table[column], 0.36, color=colour, label=name, xerr=errors,
            error_kw={"ecolor": INK, "elinewidth": 1},
        )  # fmt: skip
    axes.set_yticks(places, [_name(feature) for feature in table.index])
    axes.tick_params(axis="y", length=0)
    axes.invert_yaxis()
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0.1)


def _name(feature: str) -> str:
    for end, function in (("_cosine", "cos 2·"), ("_sine", "sin 2·")):
        if feature.endswith(end):
            return function + short_label(feature.removesuffix(end))
    return short_label(feature)


def galaxy_grid_figure(images: NDArray[np.floating], cells: pd.DataFrame, numbers: Numbers) -> Figure:
    """Return one galaxy of each cell, the same draw in all, with what was asked and what is measured.

    Parameters
    ----------
    images : ndarray, shape (STEPS * STEPS * DRAWS, C, H, W)
    cells : DataFrame
        From :func:`galforge.evaluation.galaxy_grid.grid_table`.
    numbers : mapping
        With ``model`` and ``grid``.
    """
    found = numbers["grid"]
    if found["reason"]:
        return words_figure("No galaxies asked for", str(found["reason"]))
    return _grid(images[::DRAWS], cells, numbers)


@styled()
def _grid(images: NDArray[np.floating], cells: pd.DataFrame, numbers: Numbers) -> Figure:
    factor = enlargement(images.shape[-1])
    # The largest galaxies in flux would leave dots of the others: each is shown in its own range.
    if images.max() > 1 or images.min() < 0:
        images = each_in_its_range(images, np.zeros(len(images)), np.ones(len(images))).image
    rows = [mosaic(part, STEPS) for part in np.split(stamp_pictures(images), STEPS)]
    height, width = rows[0].shape[0] * factor, rows[0].shape[1] * factor
    figure = pixel_figure(_LEFT + width + _MARGIN, _TITLE + STEPS * (height + _LINE) + _MARGIN)
    for row, picture in enumerate(rows):
        axes = pixel_axes(figure, _LEFT, _TITLE + row * (height + _LINE), width, height)
        axes.imshow(picture, aspect="auto")
        of_row = cells[cells["row"] == row]
        axes.text(
            -8 / width, 0.5, f"asked\nq {of_row['asked_axis_ratio'].iloc[0]:.2f}",
            transform=axes.transAxes, ha="right", va="center",
        )  # fmt: skip
        for cell in of_row.itertuples():
            middle = (cell.column + 0.5) / STEPS
            axes.text(
                middle, -5 / height, _measured(cell.size, cell.axis_ratio), transform=axes.transAxes,
                ha="center", va="top", fontsize=8.5,
            )  # fmt: skip
            if row == 0:
                axes.text(
                    middle,
                    1 + 8 / height,
                    f"asked {cell.asked_size:.1f} px",
                    transform=axes.transAxes,
                    ha="center",
                )
    pixel_title(figure, _MARGIN, f"{numbers['model']}: galaxies asked for by size and axis ratio")
    found = numbers["grid"]
    slopes = [_written(found[name]["slope"]) for name in ("size", "axis_ratio")]
    words = f"slope of what is measured: size {slopes[0]}, axis ratio {slopes[1]}"
    figure.text(
        _MARGIN / (_LEFT + width + _MARGIN), 1 - 34 / (figure.get_figheight() * figure.dpi), words, va="top"
    )
    return figure


def _measured(size: float, axis_ratio: float) -> str:
    return f"{size:.1f} px, q {axis_ratio:.2f}" if np.isfinite(size) else "not measured"


def _written(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}".replace("-", "−")


def latent_noise_figure(
    deviation: NDArray[np.floating],
    snr: NDArray[np.floating],
    table: pd.DataFrame,
    style: ModelStyle,
    title: str,
) -> Figure:
    """Return the widths of posteriors against the noise of the stamps, as in the appendix of Danilov (2020).

    Parameters
    ----------
    deviation : ndarray, shape (N, L)
    snr : ndarray, shape (N,)
    table : DataFrame
        From :func:`galforge.evaluation.latent_analysis.analyse_latents`: strongest latents first.
    style : ModelStyle
    title : str
    """
    noise = inverse(snr)
    known = np.isfinite(noise)
    if not known.any():
        return words_figure("No noise to compare with", "the dataset says no SNR of its stamps")
    return _noise_panels(deviation[known], noise[known], table.iloc[:_NOISY], style, title)


@styled()
def _noise_panels(
    deviation: NDArray[np.floating],
    noise: NDArray[np.floating],
    table: pd.DataFrame,
    style: ModelStyle,
    title: str,
) -> Figure:
    columns = min(3, len(table))
    rows = -(-len(table) // columns)
    figure = new_figure(max(4.2, 2.5 * columns), 2.1 * rows + 0.5, title)
    for place, row in enumerate(table.itertuples(), start=1):
        axes = figure.add_subplot(rows, columns, place)
        widths = deviation[:, row.latent]
        axes.plot(
            noise, widths, ".", color=style.colour, markersize=2.5, alpha=0.6, rasterized=len(noise) > 2000
        )
        axes.set_xlim(left=0)
        axes.locator_params(nbins=5)
        low, high = np.percentile(widths, [0.5, 99.5])
        room = 0.08 * (high - low) or 0.05 * abs(high)
        axes.set_ylim(low - room, high + room)
        correlation = _written(row.noise_correlation if np.isfinite(row.noise_correlation) else None)
        axes.set_title(f"z{row.latent}: ρ {correlation}", loc="left", fontsize=8.5, weight="normal")
        if place > len(table) - columns:
            axes.set_xlabel("1 / SNR of the stamp")
        if place % columns == 1 or columns == 1:
            axes.set_ylabel("posterior σ")
    return figure
