"""Originals, their reconstructions, and what is left."""

import numpy as np
from matplotlib import colormaps
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from galforge.figures.stamp_pictures import NOT_FINITE, enlargement, mosaic, stamp_pictures
from galforge.figures.style import pixel_axes, pixel_figure, styled

COLUMNS = 8
# A few outlying pixels would otherwise set the scale for all; the bar's arrows stand for what lies beyond.
_SHOWN = 99.8  # percent of the residuals' absolute values within the colour bar

_MARGIN, _GAP, _LABEL, _BAR = 16, 8, 34, 122  # px


@styled()
def reconstruction_rows(
    originals: NDArray[np.floating], reconstructions: NDArray[np.floating], title: str
) -> Figure:
    """Return rows of originals, reconstructions and residuals, like Figure 6 of Danilov (2020).

    Parameters
    ----------
    originals, reconstructions : ndarray, shape (N, C, H, W)
        The same galaxies in the same order, N at least 1, values in [0, 1]; the first
        :data:`COLUMNS` are drawn. The residual is reconstruction - original, the mean over channels.
    title : str
    """
    originals, reconstructions = originals[:COLUMNS], reconstructions[:COLUMNS]
    residuals = (reconstructions.astype(np.float64) - originals).mean(axis=1)  # (N, H, W)
    finite = np.abs(residuals[np.isfinite(residuals)])
    limit = max(float(np.percentile(finite, _SHOWN)) if finite.size else 0.0, 1e-3)
    colours = ScalarMappable(Normalize(-limit, limit), colormaps["RdBu_r"].with_extremes(bad=NOT_FINITE))

    rows = {
        "original": stamp_pictures(originals),
        "reconstruction": stamp_pictures(reconstructions),
        "residual": np.asarray(colours.cmap(colours.norm(residuals)))[..., :3],
    }
    factor = enlargement(originals.shape[-1])
    # A row is as wide as COLUMNS stamps even if there are fewer galaxies: the figure keeps its shape.
    stamp_height = originals.shape[-2] * factor
    top = _MARGIN + 28
    width = mosaic(rows["original"], COLUMNS).shape[1] * factor
    figure = pixel_figure(
        _MARGIN + _LABEL + width + _BAR + _MARGIN, top + 3 * stamp_height + 2 * _GAP + _MARGIN
    )
    for number, (name, pictures) in enumerate(rows.items()):
        offset = top + number * (stamp_height + _GAP)
        axes = pixel_axes(figure, _MARGIN + _LABEL, offset, width, stamp_height)
        axes.imshow(mosaic(pictures, COLUMNS), aspect="auto")
        axes.text(-0.008, 0.5, name, transform=axes.transAxes, rotation=90, ha="right", va="center")
        if number == 0:
            axes.set_title(title, loc="left")
    bar_axes = pixel_axes(figure, _MARGIN + _LABEL + width + 14, offset + 6, 14, stamp_height - 12)
    bar_axes.set_axis_on()
    bar = figure.colorbar(colours, cax=bar_axes, extend="both")
    bar.set_label("reconstruction\n− original")
    return figure
