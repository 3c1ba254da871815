"""The stamps of an explorer in one picture, from which the report's page cuts the one that is asked for."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from galforge.core.files import replacing
from galforge.figures.stamp_pictures import stamp_pictures

LARGEST = 16_383  # px, of a side of a WebP


def explorer_sheet(images: NDArray[np.floating], columns: int) -> NDArray[np.uint8]:
    """Return stamps row by row without gaps, as (rows * h, columns * w, 3).

    Where the sheet would be larger than a WebP may be, each stamp is reduced by a whole factor, to the mean
    of its pixels.

    Parameters
    ----------
    images : ndarray, shape (N, C, H, W)
        Values in [0, 1]. Of none there is one black stamp, so that there always is a picture.
    columns : int
    """
    images = images if len(images) else np.zeros((1, *images.shape[1:]))
    rows = -(-len(images) // columns)
    factor = max(-(-rows * images.shape[2] // LARGEST), -(-columns * images.shape[3] // LARGEST))
    height, width = images.shape[2] // factor, images.shape[3] // factor
    parts = images[:, :, : height * factor, : width * factor]
    parts = parts.reshape(*parts.shape[:2], height, factor, width, factor).mean(axis=(3, 5))
    sheet = np.zeros((rows * columns, height, width, 3), dtype=np.uint8)
    sheet[: len(images)] = np.round(255 * stamp_pictures(parts))
    return sheet.reshape(rows, columns, height, width, 3).swapaxes(1, 2).reshape(-1, columns * width, 3)


def save_sheet(sheet: NDArray[Any], path: Path) -> None:
    """Write a sheet as WebP without loss, whole or not at all."""
    with replacing(path) as temporary:
        Image.fromarray(sheet).save(temporary, format="WEBP", lossless=True, quality=50, method=4)
