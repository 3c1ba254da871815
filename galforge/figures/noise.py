"""Noise as measured on stamps, against the noise that the survey's catalogue promises."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter
from numpy.typing import NDArray

from galforge.figures.style import BLUE, GREY, VERMILLION, new_figure, styled

_BINS = 30


@styled()
def noise_figure(
    catalog: pd.DataFrame,
    amplification: tuple[NDArray[np.float64], NDArray[np.float64]],
    edge: Mapping[str, NDArray[np.float64]],
    border: Mapping[str, NDArray[np.float64]],
    title: str,
) -> Figure:
    """Return the border rule against the catalogue as a function of pixel scale, and both rules' ratios.

    Parameters
    ----------
    catalog : DataFrame
        ``pixel_scale`` (arcsec), ``border_noise`` (flux) and ``noise_variance`` (flux^2) of the stamps.
    amplification : pair of ndarray, shape (K,)
        Pixel scales in arcsec, and by what drawing at them multiplies the noise.
    edge, border : mapping of str to ndarray, shape (N,)
        Measured over expected standard deviation, by what was measured on ("drawn stamps", "survey's
        own stamps"): on the outermost two pixels, and by the border rule.
    title : str
    """
    figure = new_figure(10.4, 3.6, title)
    scatter, *histograms = figure.subplots(1, 3, width_ratios=[1.2, 1, 1])
    ratio = catalog["border_noise"] / np.sqrt(catalog["noise_variance"])
    scatter.loglog(
        catalog["pixel_scale"], ratio, ".", color=BLUE, markersize=4, alpha=0.6, label="border rule"
    )
    scatter.loglog(*amplification, color=VERMILLION, label="the catalogue's noise, rescaled")
    scatter.set(xlabel="pixel scale of the stamp [arcsec]", ylabel="noise per pixel / catalogue's")
    for axis in (scatter.xaxis, scatter.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 2, 3, 5)))
        axis.set_major_formatter("{x:g}")
        axis.set_minor_formatter(NullFormatter())
    scatter.legend()
    for axes, ratios, rule in zip(
        histograms, (edge, border), ("edge, two pixels", "border rule: least of 8 x 8 regions"), strict=True
    ):
        _histogram(axes, ratios)
        axes.set_xlabel(f"noise, measured / expected\n({rule})")
    histograms[0].set_ylabel("share of galaxies")
    return figure


def summary(ratios: NDArray[np.float64]) -> str:
    """Return the median of ratios with their 10 to 90 % range."""
    low, middle, high = np.nanpercentile(ratios, [10, 50, 90])
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


def _histogram(axes: Axes, ratios: Mapping[str, NDArray[np.float64]]) -> None:
    everything = np.concatenate(list(ratios.values()))
    low, high = np.nanpercentile(everything, [1, 99])
    bins = np.linspace(min(low, 0.99), max(high, 1.01), _BINS + 1).tolist()
    for (name, values), colour, filled in zip(ratios.items(), (BLUE, GREY), (False, True), strict=True):
        finite = values[np.isfinite(values)]
        axes.hist(
            np.clip(finite, bins[0], bins[-1]),
            bins=bins,
            weights=np.full(finite.size, 1 / max(finite.size, 1)),
            histtype="stepfilled" if filled else "step",
            color=colour,
            alpha=0.4 if filled else 1.0,
            label=f"{name}:\n{summary(finite)}",
        )
    axes.axvline(1, color=VERMILLION, linewidth=1)
    axes.set_ylim(0, 1.45 * axes.get_ylim()[1])
    axes.legend(loc="upper left", fontsize=7.5, frameon=True, edgecolor="none", framealpha=0.9)
