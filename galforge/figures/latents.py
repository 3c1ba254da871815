"""What a model's latents hold, as in the figures of Danilov (2020) and of Laisney, Lalou & Marmet."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from galforge.evaluation.latents import OVER_REGULARIZED, UNDER_REGULARIZED, count_bands
from galforge.figures.labelled_sheet import labelled_sheet
from galforge.figures.labels import in_order, label, short_label
from galforge.figures.style import (
    GREY,
    INK,
    PALE,
    ModelStyle,
    new_figure,
    styled,
)

DRAWN = 64  # latents in the grid of histograms, the strongest ones: all latents of the papers' models
CORRELATED = 16  # latents in the map of correlations
_COLUMNS = 8
_TALLEST = 0.9  # density at which the histograms end; N(0, 1) reaches 0.4


def band_axes(width: float, height: float, title: str) -> tuple[Figure, Axes]:
    """Return a figure, sides in inches, and its axes with the plausible band of latent SNRs across them."""
    figure = new_figure(width, height, title)
    axes = figure.add_subplot()
    axes.axhspan(OVER_REGULARIZED, UNDER_REGULARIZED, color=PALE, alpha=0.35, linewidth=0)
    for end in (OVER_REGULARIZED, UNDER_REGULARIZED):
        axes.axhline(end, color=GREY, linewidth=1, linestyle=(0, (4, 2)))
    return figure, axes


def logarithmic_snr(axes: Axes, values: Sequence[float]) -> None:
    """Make y logarithmic, in plain numbers, over the values and both ends of the plausible band."""
    low = min([*values, OVER_REGULARIZED]) / 1.6
    high = max([*values, UNDER_REGULARIZED]) * 1.6
    axes.set_yscale("log")
    axes.set_ylim(low, high)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set_ylabel("latent SNR (Eq. 6)")


@styled()
def latent_snr_figure(table: pd.DataFrame, style: ModelStyle, title: str) -> Figure:
    """Return the sorted signal-to-noise ratios with the lines at 20 and 200: Figs. 5 and 9 of Danilov (2020).

    Parameters
    ----------
    table : DataFrame
        From :func:`galforge.evaluation.latents.summarize_latents`: strongest first.
    style : ModelStyle
    title : str
    """
    figure, axes = band_axes(7.2, 3.2, title)
    places = np.arange(1, len(table) + 1)
    axes.plot(places, table["snr"], style.marker, color=style.colour, markersize=4.5)
    positive = table["snr"][table["snr"] > 0]
    logarithmic_snr(axes, positive.tolist())
    axes.set_xlabel("latents, the strongest first")
    axes.set_xlim(0.5, len(table) + 0.5)
    low, high = axes.get_ylim()
    edges = np.sqrt([low * OVER_REGULARIZED, OVER_REGULARIZED * UNDER_REGULARIZED, UNDER_REGULARIZED * high])
    for (band, count), y in zip(count_bands(table).items(), edges, strict=True):
        axes.text(
            len(table) + 0.3, y, f"{count} {band}", ha="right", va="center", fontsize=8.5,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 1.5},
        )  # fmt: skip
    return figure


@styled()
def latent_histograms(
    mean: NDArray[np.floating], table: pd.DataFrame, style: ModelStyle, title: str
) -> Figure:
    """Return the distribution of each latent's means beside N(0, 1): Figs. 13 to 15 of Danilov (2020).

    Parameters
    ----------
    mean : ndarray, shape (N, L)
    table : DataFrame
        From :func:`galforge.evaluation.latents.summarize_latents`; its first :data:`DRAWN` are drawn.
    style : ModelStyle
    title : str

    Notes
    -----
    Bars of latents that hardly vary may reach beyond the top: what matters is their width.
    """
    chosen = table.iloc[:DRAWN]
    columns = min(_COLUMNS, len(chosen))
    rows = -(-len(chosen) // columns)
    figure = new_figure(max(1.15 * columns, 4.6), 0.85 * rows + 0.75, title)
    # One scale for all, so that a collapsed or wide latent looks like one; end bins hold what lies beyond.
    reach = max(3.5, min(8.0, float(np.abs(mean[:, chosen["latent"]]).max())))
    bins = np.linspace(-reach, reach, 33)
    x = np.linspace(-reach, reach, 129)
    normal = np.exp(-0.5 * x**2) / np.sqrt(2 * np.pi)
    top = 0.45
    for place, row in enumerate(chosen.itertuples(), start=1):
        axes = figure.add_subplot(rows, columns, place)
        values = np.clip(mean[:, row.latent], -reach, reach)
        heights, _, _ = axes.hist(values, bins=bins.tolist(), density=True, color=style.colour, alpha=0.55)
        top = max(top, float(np.max(heights)))
        axes.plot(x, normal, color=INK, linewidth=1)
        axes.set_xlim(-reach, reach)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_xticks([-3, 0, 3], ["−3", "0", "3"] if place > len(chosen) - columns else ["", "", ""])
        axes.set_title(f"z{row.latent}", fontsize=8, weight="normal", pad=1)
    for axes in figure.axes:
        axes.set_ylim(0, min(top, _TALLEST))
    return figure


def traversal_figure(
    images: NDArray[np.floating], latents: Sequence[str], steps: Sequence[float], title: str
) -> Figure:
    """Return stamps along single latents through the average galaxy: Figs. 3 and 7 of Danilov (2020).

    Parameters
    ----------
    images : ndarray, shape (K, J, C, H, W)
        One row per latent, one column per step.
    latents : sequence of str
        What is written beside each row.
    steps : sequence of float
        In standard deviations of the latent over the galaxies; the average galaxy at 0.
    title : str
    """
    columns = ["average" if step == 0 else f"{step:+g} σ".replace("-", "−") for step in steps]
    return labelled_sheet(images, title, columns, latents)


@styled()
def correlation_map(correlations: pd.DataFrame, table: pd.DataFrame, title: str) -> Figure:
    """Return the rank correlation of the strongest latents with each parameter.

    Parameters
    ----------
    correlations : DataFrame
        From :func:`galforge.evaluation.latents.correlate`.
    table : DataFrame
        From :func:`galforge.evaluation.latents.summarize_latents`.
    title : str
    """
    latents = table["latent"].tolist()[:CORRELATED]
    names = in_order(correlations["parameter"].unique())
    # First what statmorph measured, below it what the catalogue says.
    names = sorted(names, key=lambda name: not name.startswith("measured_"))
    square = correlations.set_index(["parameter", "latent"])["correlation"].unstack().loc[names, latents]  # noqa: PD010
    figure = new_figure(max(0.42 * len(latents) + 3.4, 6.0), 0.24 * len(names) + 1.1, title)
    axes = figure.add_subplot()
    shown = axes.imshow(square.to_numpy(), cmap="RdBu_r", vmin=-1, vmax=1, aspect="auto")
    axes.set_facecolor(PALE)
    axes.set_xticks(range(len(latents)), [f"z{latent}" for latent in latents])
    axes.set_yticks(range(len(names)), [label(name) for name in names])
    axes.tick_params(length=0)
    axes.set_xlabel("latents, the strongest first")
    for spine in axes.spines.values():
        spine.set_visible(False)
    measured = sum(name.startswith("measured_") for name in names)
    if 0 < measured < len(names):
        axes.axhline(measured - 0.5, color="white", linewidth=3)
    # Not every eye can tell the colours apart.
    for (row, column), value in np.ndenumerate(square.to_numpy()):
        if abs(value) >= 0.3:
            axes.text(
                column, row, f"{value:+.1f}".replace("-", "−"), ha="center", va="center", fontsize=7,
                color="white" if abs(value) > 0.6 else INK,
            )  # fmt: skip
    figure.colorbar(shown, label="Spearman's correlation", aspect=30, pad=0.02)
    return figure


@styled()
def latent_scatter(
    mean: NDArray[np.floating],
    latents: tuple[int, int],
    parameters: Mapping[str, NDArray[np.floating]],
    title: str,
) -> Figure:
    """Return the galaxies in the plane of two latents, coloured by what was measured on them.

    As Fig. 17 of Laisney, Lalou & Marmet, who take the first two latents.

    Parameters
    ----------
    mean : ndarray, shape (N, L)
    latents : pair of int
    parameters : mapping of str to ndarray, shape (N,)
        NaN where not measured; those galaxies are drawn pale.
    title : str
    """
    figure = new_figure(3.1 * len(parameters) + 0.3, 3.3, title)
    x, y = mean[:, latents[0]], mean[:, latents[1]]
    for place, (name, values) in enumerate(parameters.items(), start=1):
        axes = figure.add_subplot(1, len(parameters), place)
        known = np.isfinite(values)
        axes.plot(x[~known], y[~known], ".", color=PALE, markersize=2.5, zorder=1)
        axes.set(xlabel=f"z{latents[0]}", ylabel=f"z{latents[1]}" if place == 1 else "")
        if not known.any():
            axes.set_title(f"{short_label(name)}: not measured", loc="left", fontsize=8.5, weight="normal")
            continue
        # A few stray measurements would otherwise take up the whole scale.
        ends = np.percentile(values[known], [2, 98])
        drawn = axes.scatter(
            x[known], y[known], c=values[known], cmap="viridis", vmin=ends[0], vmax=ends[1], s=11, zorder=2
        )
        figure.colorbar(drawn, ax=axes, label=label(name), location="bottom", extend="both", aspect=25)
    return figure


def probe_figure(columns: Mapping[str, NDArray[np.floating]], title: str) -> Figure:
    """Return one galaxy, turned and made noisier, as given and as returned: Fig. 12 of Danilov (2020).

    Parameters
    ----------
    columns : mapping of str to ndarray, shape (2, C, H, W)
        What was done to the stamp; the stamp given to the model and what it made of it.
    title : str
    """
    images = np.stack(list(columns.values()), axis=1)  # (2, K, C, H, W)
    return labelled_sheet(images, title, list(columns), ("given", "reconstructed"))
