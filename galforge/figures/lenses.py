"""Lensed galaxies, their sources, what networks reconstruct of them, and how well."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from galforge.figures.labelled_sheet import labelled_sheet
from galforge.figures.style import GREY, INK, REAL, ModelStyle, new_figure, styled, words_figure

LENSES: Final = 8
# By who made a reconstruction: what stands above it.
_HEADINGS: Final = {
    "survey": "trained on survey",
    "model": "trained on model",
    "sersic": "trained on Sersic fits",
    "unlensed": "VAE alone",
}


def _names(model: str, style: ModelStyle) -> dict[str, tuple[str, str, str]]:
    """Return the name, the colour and the face of the marker of each reconstruction, by who made it."""
    return {
        "survey": ("trained on the survey's galaxies", REAL, REAL),
        "model": (f"trained on galaxies of {model}", style.colour, style.colour),
        "sersic": ("trained on single-Sersic fits", INK, INK),
        "unlensed": (f"{model}, given the source", style.colour, "none"),
        "mean": ("mean training source", REAL, "none"),
    }


def lensed_sources_figure(
    images: NDArray[np.floating],
    sources: NDArray[np.floating],
    reconstructions: Mapping[str, NDArray[np.floating]],
) -> Figure:
    """Return lensed pictures, each beside its source and the reconstructions of it.

    Parameters
    ----------
    images : ndarray, shape (N, 1, H, H)
        In units of the noise.
    sources : ndarray, shape (N, H, H)
    reconstructions : mapping of str to ndarray, shape (N, H, H)
        All in one unit; each row of the figure has the range of its source, the picture its own.
    """
    if not len(images):
        return words_figure("No lenses", "the training ended without a model")
    shown = [sources, *(reconstructions[name] for name in _HEADINGS)]
    pictures = _stretched(images[:LENSES, 0], images[:LENSES, 0])
    columns = [pictures, *(_stretched(each[:LENSES], sources[:LENSES]) for each in shown)]
    sheet = np.stack(columns, axis=1)[:, :, None]
    return labelled_sheet(
        sheet, "Held-out lenses and their sources", ["lensed", "source", *_HEADINGS.values()]
    )


def _stretched(images: NDArray[np.floating], reference: NDArray[np.floating]) -> NDArray[np.float64]:
    low = np.minimum(reference.min(axis=(1, 2), keepdims=True), 0)
    high = reference.max(axis=(1, 2), keepdims=True)
    return np.asarray(np.clip((images - low) / (high - low), 0, 1), dtype=np.float64)


def lens_score_figure(table: pd.DataFrame, model: str, style: ModelStyle) -> Figure:
    """Return PSNR, structural similarity and flux of the reconstructions with their errors.

    Parameters
    ----------
    table : DataFrame
        From :func:`galforge.lensing.source_scores.score_table`.
    model : str
        What the model is called.
    style : ModelStyle
        The model's.
    """
    if not len(table):
        return words_figure("No scores", "the training ended without a model")
    return _panels(table.set_index("reconstruction"), _names(model, style))


@styled()
def _panels(table: pd.DataFrame, known: Mapping[str, tuple[str, str, str]]) -> Figure:
    names = [name for name in known if name in table.index]
    figure = new_figure(9.0, 2.6)
    panels = figure.subplots(1, 3, sharey=True)
    labels = {
        "psnr": "PSNR (dB)",
        "ssim": "structural similarity",
        "flux": "magnitude, reconstructed minus true",
    }
    for axes, (score, label) in zip(panels, labels.items(), strict=True):
        for place, name in enumerate(names):
            value, error = table.loc[name, score], table.loc[name, f"{score}_error"]
            _, colour, face = known[name]
            axes.errorbar(value, place, xerr=error, fmt="o", color=colour, markerfacecolor=face)
        axes.set_xlabel(label)
    panels[2].axvline(0, color=GREY, linewidth=0.8)
    panels[0].set_yticks(range(len(names)), [known[name][0] for name in names])
    panels[0].set_ylim(len(names) - 0.5, -0.5)  # the first on top
    return figure
