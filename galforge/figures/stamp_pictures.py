"""Stamps as pictures: the one stretch that is used everywhere, and mosaics of many stamps."""

import numpy as np
from numpy.typing import NDArray

SOFTENING = 0.2  # in units of the stamp's range: linear well below, logarithmic well above
NOT_FINITE = (0.84, 0.37, 0.0)  # vermillion: a pixel that is NaN or infinite must not look like sky
GAP = 4  # px between two stamps of a mosaic


def stretch(values: NDArray[np.floating]) -> NDArray[np.float64]:
    r"""Return brightness in [0, 1] for values in [0, 1].

    .. math:: \operatorname{arcsinh}(x / s) / \operatorname{arcsinh}(1 / s), \quad s = 0.2

    The function is fixed, not fitted to each picture, so that equal values look equal in real,
    generated and reconstructed stamps. Values outside [0, 1] are clipped, NaN stays NaN.

    References
    ----------
    Lupton, Gunn and Szalay (1999), AJ 118, 1406: the inverse hyperbolic sine for images.
    """
    clipped = np.clip(np.asarray(values, dtype=np.float64), 0.0, 1.0)
    return np.asarray(np.arcsinh(clipped / SOFTENING) / np.arcsinh(1.0 / SOFTENING))


def stamp_pictures(images: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return stamps as RGB pictures.

    Parameters
    ----------
    images : ndarray, shape (N, C, H, W)
        Values in [0, 1]. Three channels are shown as red, green and blue as they are, because a
        survey's colour pictures are stretched already; otherwise the mean over the channels is
        shown in grey with :func:`stretch`.

    Returns
    -------
    ndarray of float64, shape (N, H, W, 3)
        Pixels that are not finite have the colour :data:`NOT_FINITE`.
    """
    images = np.asarray(images, dtype=np.float64)
    bad = ~np.isfinite(images).all(axis=1)  # (N, H, W)
    if images.shape[1] == 3:
        pictures = np.clip(np.moveaxis(images, 1, -1), 0.0, 1.0)
    else:
        pictures = np.repeat(stretch(images.mean(axis=1))[..., None], 3, axis=-1)
    pictures[bad] = NOT_FINITE
    return np.asarray(pictures)


def mosaic(pictures: NDArray[np.floating], columns: int) -> NDArray[np.float64]:
    """Return one picture that holds many, row by row, with white between them.

    Parameters
    ----------
    pictures : ndarray, shape (N, H, W, 3)
    columns : int
        Pictures per row.

    Returns
    -------
    ndarray of float64, shape (rows * (H + GAP) - GAP, columns * (W + GAP) - GAP, 3)
    """
    count, height, width, _ = pictures.shape
    rows = -(-count // columns)
    sheet = np.ones((rows * (height + GAP) - GAP, columns * (width + GAP) - GAP, 3))
    for index, picture in enumerate(pictures):
        top, left = index // columns * (height + GAP), index % columns * (width + GAP)
        sheet[top : top + height, left : left + width] = picture
    return sheet


def enlargement(size: int, target: int = 128) -> int:
    """Return how many figure pixels per side one stamp pixel takes, a whole number."""
    return max(1, target // size)
