"""From a survey's picture to a square stamp: a crop about the middle, then an antialiased resize."""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from workflow_scripts.command_line import strict

_FILTERS = {
    "box": Image.Resampling.BOX,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
EIGHT_BIT = 255.0


@strict
@dataclass(frozen=True)
class Preprocessing:
    """How a picture becomes a stamp.

    Attributes
    ----------
    border : int
        Pixels taken off every edge.
    side : int or None
        Of the central square that is kept, in pixels; None for all that ``border`` leaves.
    channels : {1, 3}
    filter : str
        Of the resize; each is widened when a picture shrinks, which is what keeps it from aliasing.
    """

    border: int
    side: int | None
    channels: Literal[1, 3]
    filter: Literal["box", "bilinear", "bicubic", "lanczos"]


class Prepared(NamedTuple):
    """A stamp and what it was made from.

    Attributes
    ----------
    image : ndarray of float32, shape (C, size, size)
        In [0, 1].
    offset, scale : float
        ``image * scale + offset`` are the picture's values.
    """

    image: NDArray[np.float32]
    offset: float
    scale: float


def crop_box(width: int, height: int, recipe: Preprocessing) -> tuple[int, int, int, int] | None:
    """Return left, upper, right and lower edge of the square that is kept; None if it does not fit.

    A rectangle loses the excess of its longer side, half at either end.

    Examples
    --------
    >>> crop_box(424, 424, Preprocessing(border=0, side=207, channels=3, filter="bilinear"))
    (108, 108, 315, 315)
    """
    side = min(width, height) - 2 * recipe.border if recipe.side is None else recipe.side
    if side < 1 or side > min(width, height):
        return None
    left, upper = (width - side) // 2, (height - side) // 2
    return left, upper, left + side, upper + side


def crop(pixels: NDArray[Any], recipe: Preprocessing) -> NDArray[Any] | None:
    """Return the part of a picture (H, W, C) that is kept, (side, side, C), or None if it does not fit."""
    box = crop_box(pixels.shape[1], pixels.shape[0], recipe)
    return None if box is None else pixels[box[1] : box[3], box[0] : box[2]]


def prepare(cropped: NDArray[Any], size: int, recipe: Preprocessing) -> Prepared | None:
    """Return a cropped picture as a stamp.

    Parameters
    ----------
    cropped : ndarray, shape (side, side, C)
        uint8 values are divided by 255, so that black stays 0 and brightness can be compared between
        stamps; floating-point values are flux and are scaled by the stamp's own minimum and maximum, as
        stamps of a survey are.
    size : int
        Side of the stamp in pixels.
    recipe : Preprocessing

    Returns
    -------
    Prepared or None
        None if flux is constant: it has no scale.
    """
    resized = resize(cropped, size, recipe.filter)
    image = np.ascontiguousarray(np.moveaxis(resized, -1, 0), dtype=np.float32)
    if cropped.dtype == np.uint8:
        return Prepared(image / np.float32(EIGHT_BIT), 0.0, EIGHT_BIT)
    offset = float(image.min())
    scale = float(image.max()) - offset
    return Prepared((image - np.float32(offset)) / np.float32(scale), offset, scale) if scale > 0 else None


def resize(pixels: NDArray[Any], size: int, name: str) -> NDArray[Any]:
    """Return a square picture (side, side, C) resized to (size, size, C), of the same type of numbers."""
    if pixels.shape[:2] == (size, size):
        return pixels
    channels = pixels.shape[2]
    if pixels.dtype == np.uint8:
        picture = Image.fromarray(pixels[..., 0] if channels == 1 else pixels)
        return np.asarray(picture.resize((size, size), _FILTERS[name])).reshape(size, size, channels)
    planes = [
        np.asarray(Image.fromarray(np.ascontiguousarray(pixels[..., c])).resize((size, size), _FILTERS[name]))
        for c in range(channels)
    ]
    return np.stack(planes, axis=-1)
