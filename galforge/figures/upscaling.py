"""Figures of networks from places to pixels."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from galforge.figures.style import new_figure, styled


@styled()
def upscaled_figure(
    fitted: NDArray[np.float32],
    drawn: NDArray[np.float32],
    bicubic: NDArray[np.float32],
    truth: NDArray[np.float32],
    decibels: Mapping[str, float],
    title: str,
) -> Figure:
    """Return what was fitted, drawn by the network and by bicubic interpolation, beside the picture itself.

    Parameters
    ----------
    fitted, drawn, bicubic, truth : ndarray of float32, shape (side, side, C)
        In [0, 1], each of its own size.
    decibels : mapping of str to float
        Peak signal-to-noise ratios on the held-out pixels: ``network`` and ``bicubic``.
    title : str
    """
    figure = new_figure(11.2, 3.3, title)
    panels = [
        (fitted, f"given, {len(fitted)} px"),
        (drawn, f"network, {len(drawn)} px: {decibels['network']:.1f} dB"),
        (bicubic, f"bicubic, {len(bicubic)} px: {decibels['bicubic']:.1f} dB"),
        (truth, f"the picture, {len(truth)} px"),
    ]
    for number, (pixels, words) in enumerate(panels):
        axes: Axes = figure.add_subplot(1, len(panels), number + 1)
        # As published, without a stretch: sparse fields are mostly black.
        axes.imshow(pixels if pixels.shape[2] == 3 else pixels[..., 0], cmap="gray", vmin=0, vmax=1)
        axes.set_title(words, fontsize=8.5, weight="normal")
        axes.set_axis_off()
    return figure
