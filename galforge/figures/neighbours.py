"""Generated stamps beside their nearest training stamps."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from galforge.evaluation.alignment import ANGLES
from galforge.evaluation.comparable import comparable
from galforge.evaluation.probing import turned
from galforge.figures.stamp_pictures import GAP, enlargement, mosaic, stamp_pictures
from galforge.figures.style import pixel_axes, pixel_figure, styled

COLUMNS = 8
_MARGIN, _GAP, _LABEL, _TITLE, _WORDS = 16, 8, 34, 28, 18  # px


def turned_like(sample: NDArray[np.floating], nearest: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return a stamp (C, H, W) turned, and mirrored, until its light correlates best with another's.

    Of the rotations and mirror images in which neighbours are sought
    (:func:`galforge.evaluation.alignment.aligned_neighbours`). The search centres, zooms and smooths stamps,
    too; here the pixels that are drawn are compared.
    """
    light = sample.mean(axis=0).ravel()
    orientations = (
        turned(side[None], angle)[0]
        for side in (nearest, nearest[..., ::-1])
        for angle in np.arange(ANGLES) * 360 / ANGLES
    )
    return max(orientations, key=lambda each: float(np.corrcoef(light, each.mean(axis=0).ravel())[0, 1]))


@styled()
def neighbour_pairs(
    sample: NDArray[np.floating],
    nearest: NDArray[np.floating],
    ratio: NDArray[np.float64],
    title: str,
) -> Figure:
    """Return the pairs that look most like copies: samples above, their nearest training stamps below.

    Parameters
    ----------
    sample, nearest : ndarray, shape (N, C, H, W)
        Pairs; where N is more than :data:`COLUMNS`, those of the lowest ratio are drawn.
    ratio : ndarray of float64, shape (N,)
        Distance to the nearest training stamp over that to the second nearest, both aligned.
    title : str
    """
    order = np.argsort(ratio, kind="stable")[:COLUMNS]
    factor = enlargement(sample.shape[-1])
    height, step = sample.shape[-2] * factor, (sample.shape[-1] + GAP) * factor
    width = COLUMNS * step - GAP * factor
    top = _MARGIN + _TITLE
    figure = pixel_figure(_MARGIN + _LABEL + width + _MARGIN, top + 2 * height + _GAP + _WORDS + _MARGIN)
    beside = np.array([turned_like(sample[row], nearest[row]) for row in order]).reshape(
        -1, *nearest.shape[1:]
    )
    for number, (name, images) in enumerate((("generated", sample[order]), ("nearest, turned", beside))):
        pictures = stamp_pictures(images)
        blank = np.ones((COLUMNS - len(order), *pictures.shape[1:]))
        axes = pixel_axes(figure, _MARGIN + _LABEL, top + number * (height + _GAP), width, height)
        axes.imshow(mosaic(np.concatenate([pictures, blank]), COLUMNS), aspect="auto")
        axes.text(-0.008, 0.5, name, transform=axes.transAxes, rotation=90, ha="right", va="center")
        if number == 0:
            axes.set_title(title, loc="left")
            continue
        for column, value in enumerate(ratio[order]):
            middle = (column * step + sample.shape[-1] * factor / 2) / width
            axes.text(
                middle, -0.03, f"{value:.2f}", transform=axes.transAxes, ha="center", va="top", fontsize=8.5
            )
    return figure


def neighbour_figure(
    sample: NDArray[np.float32], features: pd.DataFrame, train: NDArray[np.float32], title: str
) -> Figure:
    """Return the pairs of samples and training stamps that look most like copies.

    Parameters
    ----------
    sample, train : ndarray, shape (N, C, H, W)
    features : DataFrame
        From :func:`galforge.evaluation.feature_space.measure_features`, with ``row`` in ``sample``; stamps
        without features (NaN) are left out.
    title : str
    """
    known = features[np.isfinite(features["copy_distance"])]
    distance, second = (known[f"copy_{name}"].to_numpy(dtype=np.float64) for name in ("distance", "second"))
    ratio = np.divide(distance, second, out=np.zeros(len(known)), where=second > 0)
    rows = known["row"].to_numpy(dtype=np.intp)
    nearest = known["copy_row"].to_numpy(dtype=np.intp)
    return neighbour_pairs(comparable(sample[rows]), train[nearest], ratio, title)
