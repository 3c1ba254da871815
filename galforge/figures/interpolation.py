"""Walks from one galaxy to another through a model's latents."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from galforge.figures.stamp_grid import stamp_grid


def interpolation_rows(
    originals: NDArray[np.floating], walks: NDArray[np.floating], steps: int, title: str
) -> Figure:
    """Return one row per pair: one original, the stamps decoded on the walk, the other original.

    Parameters
    ----------
    originals : ndarray, shape (2 P, C, H, W)
        Values in [0, 1]; pair p is 2 p and 2 p + 1.
    walks : ndarray, shape (P * steps, C, H, W)
        Pair after pair, from the reconstruction of the first to that of the second.
    steps : int
    title : str
    """
    rows = walks.reshape(-1, steps, *walks.shape[1:])  # (P, steps, C, H, W)
    ends = originals.reshape(-1, 2, *originals.shape[1:])  # (P, 2, C, H, W)
    sheet = np.concatenate([ends[:, :1], rows, ends[:, 1:]], axis=1)  # (P, steps + 2, C, H, W)
    return stamp_grid(sheet.reshape(-1, *walks.shape[1:]), title, steps + 2)
