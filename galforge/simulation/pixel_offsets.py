"""Where the pixels of an image lie relative to a galaxy."""

import numpy as np
from numpy.typing import NDArray


def pixel_offsets(
    shape: tuple[int, int], center: tuple[float, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return x (1, W) and y (H, 1) of the pixels relative to a galaxy, in pixels.

    Parameters
    ----------
    shape : tuple of int
        (H, W).
    center : tuple of float
        The galaxy (x, y) relative to the middle of the image, in pixels.
    """
    y, x = (np.arange(side, dtype=np.float64) - (side - 1) / 2 for side in shape)
    return x[None, :] - center[0], y[:, None] - center[1]
