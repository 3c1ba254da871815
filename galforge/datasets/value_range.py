"""The range of values that stamps are stored in, and the way back to [0, 1]."""

import json

import h5py
import numpy as np
from numpy.typing import NDArray

from galforge.datasets.normalization import FLUX, each_in_its_range

UNIT_RANGE = (0.0, 1.0)


def remapped(
    image: NDArray[np.float32],
    offset: NDArray[np.float64],
    scale: NDArray[np.float64],
    before: tuple[float, float],
    after: tuple[float, float],
) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64]]:
    """Return stamps moved from one range of values to another, with the same flux.

    Parameters
    ----------
    image : ndarray of float32, shape (N, C, H, W)
    offset, scale : ndarray of float64, shape (N,)
    before, after : tuple of float
        Both ends of the range, as they are and as they are to be.

    Returns
    -------
    image, offset, scale : ndarray
        Shapes as given.
    """
    if tuple(before) == tuple(after):
        return image, offset, scale
    factor = (after[1] - after[0]) / (before[1] - before[0])
    shift = after[0] - before[0] * factor
    moved = (image.astype(np.float64) * factor + shift).astype(np.float32)
    return moved, offset - scale * shift / factor, scale / factor


def in_unit_range(
    file: h5py.File, image: NDArray[np.float32], offset: NDArray[np.float64], scale: NDArray[np.float64]
) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64]]:
    """Return stamps as an open file holds them, moved to [0, 1].

    Those in flux, each by its own minimum and maximum; others from the file's ``value_range``.
    """
    if file.attrs.get("normalization") == FLUX:
        return each_in_its_range(image, offset, scale)
    low, high = json.loads(file.attrs.get("value_range", "[0, 1]"))
    return remapped(image, offset, scale, (low, high), UNIT_RANGE)
