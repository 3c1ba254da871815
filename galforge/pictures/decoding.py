"""From the bytes of a file to the pixels of a picture; a fault of the file becomes a status."""

import io
import math
import warnings
from typing import Any, NamedTuple

import numpy as np
from astropy.io import fits
from astropy.utils.exceptions import AstropyWarning
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

GREY_MODES = ("1", "L", "LA", "I", "I;16", "I;16B", "F")
_FITS_START = b"SIMPLE  ="
MOST_PIXELS = 1 << 25  # of a picture, by its header: 5,800 x 5,800; each takes up to ten bytes
MOST_VALUES = 3 * MOST_PIXELS  # of a FITS image, by its header
_FORMATS = ("JPEG", "PNG")


class Decoded(NamedTuple):
    """A picture, or why there is none.

    Attributes
    ----------
    picture : Image, ndarray of float32 with shape (H, W, C), or None
        Pillow's image for a picture of 8 bits, grey or RGB; an array for one that holds flux (FITS, 16
        bits); C is 1 or 3.
    status : str
        ``"ok"`` or the reason.
    """

    picture: Image.Image | NDArray[np.float32] | None
    status: str

    @property
    def pixels(self) -> NDArray[np.uint8] | NDArray[np.float32] | None:
        """The picture as an array, (H, W, C), uint8 or float32."""
        if not isinstance(self.picture, Image.Image):
            return self.picture
        pixels: NDArray[np.uint8] = np.asarray(self.picture)
        return pixels if pixels.ndim == 3 else pixels[..., None]


def decode_picture(content: bytes, channels: int, size: tuple[int, int] | None = None) -> Decoded:
    """Return the pixels of a JPEG, PNG or FITS file.

    Parameters
    ----------
    content : bytes
        Bytes of the file.
    channels : int
        3: a grey picture is refused, also one with three equal channels. 1: colours are averaged, with
        the weights of ITU-R 601 that Pillow uses.
    size : tuple of int, optional
        The width and height that the picture must have.
    """
    decoded = _decode_fits(content) if content[:9] == _FITS_START else _decode_raster(content, channels)
    picture = decoded.picture
    if picture is None:
        return decoded
    width, height = picture_size(picture)
    if size is not None and (width, height) != tuple(size):
        return Decoded(None, f"{width} x {height} px, not {size[0]} x {size[1]}")
    if channels == 3 and _is_grey(picture):
        return Decoded(None, "grey, not colour")
    if channels == 1 and isinstance(picture, np.ndarray) and picture.shape[2] == 3:
        return Decoded(picture.mean(axis=2, keepdims=True), "ok")
    return decoded


def picture_size(picture: Image.Image | NDArray[Any]) -> tuple[int, int]:
    """Return width and height of a picture, Pillow's or an array (H, W, C)."""
    if isinstance(picture, Image.Image):
        return picture.size
    return picture.shape[1], picture.shape[0]


def _decode_raster(content: bytes, channels: int) -> Decoded:
    try:
        picture = Image.open(io.BytesIO(content), formats=_FORMATS)
        if picture.width * picture.height > MOST_PIXELS:
            return Decoded(None, "too large")
        picture.load()
    except Image.DecompressionBombError:
        return Decoded(None, "too large")
    except UnidentifiedImageError:
        return Decoded(None, "not an image")
    except (OSError, SyntaxError, ValueError, EOFError):
        # Pillow raises SyntaxError for a broken PNG.
        return Decoded(None, "truncated or damaged")
    if picture.mode in ("I", "I;16", "I;16B", "F"):
        return Decoded(np.asarray(picture, dtype=np.float32)[..., None], "ok")
    if picture.mode in GREY_MODES or channels == 1:
        return Decoded(picture if picture.mode == "L" else picture.convert("L"), "ok")
    return Decoded(picture if picture.mode == "RGB" else picture.convert("RGB"), "ok")


def _decode_fits(content: bytes) -> Decoded:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", AstropyWarning)  # the status says what matters
            with fits.open(io.BytesIO(content)) as file:
                if any(math.prod(unit.shape) > MOST_VALUES for unit in file if unit.is_image):
                    return Decoded(None, "too large")
                data = next((unit.data for unit in file if unit.is_image and unit.data is not None), None)
    except (OSError, ValueError, TypeError):
        return Decoded(None, "truncated or damaged")
    if data is None or data.ndim not in (2, 3) or (data.ndim == 3 and data.shape[0] not in (1, 3)):
        return Decoded(None, "not an image of one or three planes")
    # FITS has planes first and rows upwards; the rows of a picture run downwards.
    planes = data[None] if data.ndim == 2 else data
    pixels = np.ascontiguousarray(np.moveaxis(planes, 0, -1)[::-1], dtype=np.float32)
    return Decoded(pixels, "ok") if np.isfinite(pixels).all() else Decoded(None, "not finite")


def _is_grey(picture: Image.Image | NDArray[Any]) -> bool:
    if isinstance(picture, Image.Image):
        if picture.mode == "L":
            return True
        # A few pixels decide nearly always; only a picture that passes them is inspected whole.
        width, height = picture.size
        few = (picture.getpixel((x, height // 2)) for x in range(0, width, max(1, width // 16)))
        equal = all(isinstance(pixel, tuple) and pixel == (pixel[0],) * 3 for pixel in few)
        return equal and _equal_planes(np.asarray(picture))
    return picture.shape[2] == 1 or _equal_planes(picture)


def _equal_planes(pixels: NDArray[Any]) -> bool:
    return bool((pixels == pixels[..., :1]).all())
