"""From a survey's picture to a square stamp: a central crop, then an antialiased resize."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from galforge.pictures.decoding import picture_size
from galforge.pictures.preprocessing_settings import PreprocessingSettings

# An image of 8 bits, or an array of flux, float32 (H, W, C).
Picture = Image.Image | NDArray[Any]

_FILTERS = {
    "box": Image.Resampling.BOX,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
EIGHT_BIT = 255.0


class Prepared(NamedTuple):
    """A stamp and the way back to the picture's values.

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


def crop_box(
    width: int, height: int, preprocessing: PreprocessingSettings
) -> tuple[int, int, int, int] | None:
    """Return left, upper, right and lower edge of the square that is kept; None if it does not fit.

    A rectangle loses the excess of its longer side, half at each end.

    Examples
    --------
    >>> crop_box(424, 424, PreprocessingSettings(border=0, side=207, channels=3, filter="bilinear"))
    (108, 108, 315, 315)
    """
    side = min(width, height) - 2 * preprocessing.border if preprocessing.side is None else preprocessing.side
    if side < 1 or side > min(width, height):
        return None
    left, upper = (width - side) // 2, (height - side) // 2
    return left, upper, left + side, upper + side


def crop(picture: Picture, preprocessing: PreprocessingSettings) -> Picture | None:
    """Return the square part of a picture that is kept, or None if it does not fit."""
    box = crop_box(*picture_size(picture), preprocessing)
    if box is None:
        return None
    return (
        picture.crop(box) if isinstance(picture, Image.Image) else picture[box[1] : box[3], box[0] : box[2]]
    )


def prepare(cropped: Picture, size: int, preprocessing: PreprocessingSettings) -> Prepared | None:
    """Return a cropped picture as a stamp.

    Parameters
    ----------
    cropped : Image or ndarray of float32, shape (side, side, C)
        Values of 8 bits are divided by 255, so that black stays 0 and brightness can be compared between
        stamps; floating-point values are flux and are scaled by the stamp's own minimum and maximum, as
        stamps of a survey are.
    size : int
        Side of the stamp in pixels.
    preprocessing : PreprocessingSettings

    Returns
    -------
    Prepared or None
        None if the flux is constant: it has no scale.
    """
    resized = resize(cropped, size, preprocessing.filter)
    image = np.ascontiguousarray(resized.transpose(2, 0, 1), dtype=np.float32)
    if isinstance(cropped, Image.Image):
        return Prepared(image / np.float32(EIGHT_BIT), 0.0, EIGHT_BIT)
    offset = float(image.min())
    scale = float(image.max()) - offset
    return Prepared((image - np.float32(offset)) / np.float32(scale), offset, scale) if scale > 0 else None


def resize(picture: Picture, size: int, name: str) -> NDArray[Any]:
    """Return a square picture as an array (size, size, C) of the same data type."""
    if isinstance(picture, Image.Image):
        if picture.size != (size, size):
            picture = picture.resize((size, size), _FILTERS[name])
        return np.asarray(picture).reshape(size, size, -1)
    if picture.shape[:2] == (size, size):
        return picture
    planes = [
        np.asarray(Image.fromarray(np.ascontiguousarray(plane)).resize((size, size), _FILTERS[name]))
        for plane in np.moveaxis(picture, -1, 0)
    ]
    return np.stack(planes, axis=-1)
