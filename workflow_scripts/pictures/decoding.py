"""From the bytes of a file to the pixels of a picture; what is wrong with a file is a status."""

import io
import warnings
from typing import NamedTuple

import numpy as np
from astropy.io import fits
from astropy.utils.exceptions import AstropyWarning
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

GREY_MODES = ("1", "L", "LA", "I", "I;16", "I;16B", "F")
_FITS_START = b"SIMPLE  ="


class Decoded(NamedTuple):
    """A picture, or why there is none.

    Attributes
    ----------
    pixels : ndarray, shape (H, W, C), or None
        uint8 of a picture for the screen, float32 of one that holds flux (FITS, 16 bits); C is 1 or 3.
    status : str
        ``"ok"`` or the reason.
    """

    pixels: NDArray[np.uint8] | NDArray[np.float32] | None
    status: str


def decode_picture(content: bytes, channels: int, size: tuple[int, int] | None = None) -> Decoded:
    """Return the pixels of a JPEG, PNG or FITS file.

    Parameters
    ----------
    content : bytes
        Of the file.
    channels : int
        3: a grey picture is refused, one of three equal channels too. 1: colours are averaged away, by
        the weights of ITU-R 601 that Pillow uses.
    size : tuple of int, optional
        The width and height that it must have.
    """
    decoded = _decode_fits(content) if content[:9] == _FITS_START else _decode_raster(content, channels)
    if decoded.pixels is None:
        return decoded
    pixels = decoded.pixels
    height, width, found = pixels.shape
    if size is not None and (width, height) != tuple(size):
        return Decoded(None, f"{width} x {height} px, not {size[0]} x {size[1]}")
    if channels == 3 and (found == 1 or _is_grey(pixels)):
        return Decoded(None, "grey, not colour")
    if channels == 1 and found == 3:
        return Decoded(pixels.mean(axis=2, keepdims=True, dtype=np.float32), "ok")
    return decoded


def _decode_raster(content: bytes, channels: int) -> Decoded:
    try:
        with warnings.catch_warnings():
            # A picture of so many pixels that Pillow warns is no cutout.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content))
            picture.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return Decoded(None, "too large")
    except UnidentifiedImageError:
        return Decoded(None, "not an image")
    except (OSError, SyntaxError, ValueError, EOFError):
        # Pillow raises SyntaxError for a broken PNG.
        return Decoded(None, "truncated or damaged")
    if picture.mode in ("I", "I;16", "I;16B", "F"):
        return Decoded(np.asarray(picture, dtype=np.float32)[..., None], "ok")
    if picture.mode in GREY_MODES or channels == 1:
        return Decoded(np.asarray(picture.convert("L"))[..., None], "ok")
    return Decoded(np.asarray(picture if picture.mode == "RGB" else picture.convert("RGB")), "ok")


def _decode_fits(content: bytes) -> Decoded:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", AstropyWarning)  # the status says what matters
            with fits.open(io.BytesIO(content)) as file:
                data = next((unit.data for unit in file if unit.is_image and unit.data is not None), None)
    except (OSError, ValueError, TypeError):
        return Decoded(None, "truncated or damaged")
    if data is None or data.ndim not in (2, 3) or (data.ndim == 3 and data.shape[0] not in (1, 3)):
        return Decoded(None, "not an image of one or three planes")
    # FITS counts planes first and rows upwards; a picture's rows go down.
    planes = data[None] if data.ndim == 2 else data
    pixels = np.ascontiguousarray(np.moveaxis(planes, 0, -1)[::-1], dtype=np.float32)
    return Decoded(pixels, "ok") if np.isfinite(pixels).all() else Decoded(None, "not finite")


def _is_grey(pixels: NDArray[np.generic]) -> bool:
    # A few rows tell nearly always; only a picture that passes them is looked at whole.
    for rows in (pixels[pixels.shape[0] // 2 :][:4], pixels):
        if not ((rows[..., 0] == rows[..., 1]) & (rows[..., 1] == rows[..., 2])).all():
            return False
    return True
