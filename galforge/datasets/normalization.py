"""Stamps in [0, 1], and the way back to flux."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Normalized(NamedTuple):
    """Stamps in [0, 1]: ``image * scale + offset`` is the flux; offset and scale have shape (N,)."""

    image: NDArray[np.float32]
    offset: NDArray[np.float64]
    scale: NDArray[np.float64]


def normalize(flux: NDArray[np.floating]) -> Normalized:
    """Subtract each stamp's minimum, then divide by its maximum (section 4.1 of Danilov 2020).

    Parameters
    ----------
    flux : ndarray, shape (N, C, H, W)
        Stamps that are not constant; the channels share one offset and scale, which keeps colours.

    Returns
    -------
    Normalized
    """
    axes = (1, 2, 3)
    offset = flux.min(axis=axes, keepdims=True).astype(np.float64)
    scale = flux.max(axis=axes, keepdims=True) - offset
    image = np.clip((flux - offset) / scale, 0.0, 1.0).astype(np.float32)
    return Normalized(image, offset[:, 0, 0, 0], scale[:, 0, 0, 0])
