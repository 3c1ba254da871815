"""The sky of a stamp, by its outermost pixels."""

import numpy as np
from numpy.typing import NDArray


def sky_level(images: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the median of the outermost pixels of stamps (N, H, W), shape (N,)."""
    edges = [images[:, 0], images[:, -1], images[:, 1:-1, 0], images[:, 1:-1, -1]]
    return np.asarray(np.median(np.concatenate(edges, axis=1), axis=1), dtype=np.float64)
