"""The signal of a stamp, Eq. 2 of Danilov (2020)."""

import numpy as np
from numpy.typing import NDArray

REDUCED_SIZE = 16  # px, side of the reduced stamp whose maximum is I_1/4


def reduced_maximum(images: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return I_1/4, the maximum of each stamp reduced to 16 x 16.

    The reduction is the mean over blocks, which keeps the surface brightness and adds no overshoot;
    the paper does not name its method, and its published code's bicubic reduction overshoots at
    bright cores. Where the side is not a multiple of 16 the blocks are the nearest whole pixels.

    Parameters
    ----------
    images : ndarray, shape (N, H, W)

    Returns
    -------
    ndarray of float64, shape (N,)
        In the units of the images.
    """
    reduced = np.asarray(images, dtype=np.float64)
    for axis in (1, 2):
        size = reduced.shape[axis]
        if size < REDUCED_SIZE:
            raise ValueError(f"a stamp of {size} px cannot be reduced to {REDUCED_SIZE} px")
        edges = np.linspace(0, size, REDUCED_SIZE + 1).round().astype(int)
        shape = [1, 1, 1]
        shape[axis] = REDUCED_SIZE
        reduced = np.add.reduceat(reduced, edges[:-1], axis=axis) / np.diff(edges).reshape(shape)
    return np.asarray(reduced.max(axis=(1, 2)))
