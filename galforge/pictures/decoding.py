"""From the bytes of a file to the pixels of a picture; a fault of the file becomes a status."""

import gzip
import io
import math
import warnings
import zlib
from typing import Any, NamedTuple

import numpy as np
from astropy.io import fits
from astropy.utils.exceptions import AstropyWarning
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from galforge.pictures.file_names import MOST_BYTES
from galforge.pictures.fits_header import UNCALIBRATED, Calibration, calibration_of
from galforge.pictures.preprocessing_settings import DEFAULT_LIMIT_MEGAPIXELS, GREY

GREY_MODES = ("1", "L", "LA", "I", "I;16", "I;16B", "F")
TOO_LARGE = "too large"
_FITS_START = b"SIMPLE  ="
_GZIP_START = b"\x1f\x8b"
_FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "BMP", "GIF")
_MOST_PLANES = 3  # of a FITS image


class Decoded(NamedTuple):
    """A picture, or why there is none.

    Attributes
    ----------
    picture : Image, ndarray of float32 with shape (H, W, C), or None
        Pillow's image for a picture of 8 bits, grey or RGB; an array for one that holds flux (FITS, 16
        bits); C is 1 or 3.
    status : str
        ``"ok"`` or the reason.
    calibration : Calibration
        What the header of a FITS file says.
    """

    picture: Image.Image | NDArray[np.float32] | None
    status: str
    calibration: Calibration = UNCALIBRATED

    @property
    def pixels(self) -> NDArray[np.uint8] | NDArray[np.float32] | None:
        """The picture as an array, (H, W, C), uint8 or float32."""
        if not isinstance(self.picture, Image.Image):
            return self.picture
        pixels: NDArray[np.uint8] = np.asarray(self.picture)
        return pixels if pixels.ndim == 3 else pixels[..., None]


def decode_picture(
    content: bytes | NDArray[Any],
    channels: int,
    size: tuple[int, int] | None = None,
    limit_megapixels: float = DEFAULT_LIMIT_MEGAPIXELS,
) -> Decoded:
    """Return the pixels of a picture.

    Parameters
    ----------
    content : bytes or ndarray, shape (H, W) or (H, W, C)
        Bytes of a file, or pixels: 8 bits, or flux.
    channels : int
        3: a grey picture is refused, also one with three equal channels. 1: colours are averaged, with
        the weights of ITU-R 601 that Pillow uses.
    size : tuple of int, optional
        The width and height that the picture must have.
    limit_megapixels : float
        A file whose header declares more pixels is not decoded.
    """
    decoded = _decoded(content, channels, 1e6 * limit_megapixels)
    picture = decoded.picture
    if picture is None:
        return decoded
    width, height = picture_size(picture)
    if size is not None and (width, height) != tuple(size):
        return Decoded(None, f"{width} x {height} px, not {size[0]} x {size[1]}")
    if channels == 3 and _is_grey(picture):
        return Decoded(None, GREY)
    if channels == 1 and isinstance(picture, np.ndarray) and picture.shape[2] == 3:
        return decoded._replace(picture=picture.mean(axis=2, keepdims=True))
    return decoded


def picture_size(picture: Image.Image | NDArray[Any]) -> tuple[int, int]:
    """Return width and height of a picture, Pillow's or an array (H, W, C)."""
    if isinstance(picture, Image.Image):
        return picture.size
    return picture.shape[1], picture.shape[0]


def _decoded(content: bytes | NDArray[Any], channels: int, most_pixels: float) -> Decoded:
    if isinstance(content, np.ndarray):
        return _decode_array(content, channels)
    if content[:2] == _GZIP_START:
        try:
            content = gzip.GzipFile(fileobj=io.BytesIO(content)).read(MOST_BYTES + 1)
        except (OSError, EOFError, zlib.error):
            return Decoded(None, "truncated or damaged")
        if len(content) > MOST_BYTES:
            return Decoded(None, TOO_LARGE)
    if content[:9] == _FITS_START:
        return _decode_fits(content, most_pixels)
    return _decode_raster(content, channels, most_pixels)


def _decode_array(pixels: NDArray[Any], channels: int) -> Decoded:
    plane = pixels[..., 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels
    if pixels.dtype == np.uint8:
        picture = Image.fromarray(np.ascontiguousarray(plane))
        return Decoded(picture.convert("L") if channels == 1 else picture, "ok")
    flux = np.asarray(plane if plane.ndim == 3 else plane[..., None], dtype=np.float32)
    return Decoded(flux, "ok") if np.isfinite(flux).all() else Decoded(None, "not finite")


def _decode_raster(content: bytes, channels: int, most_pixels: float) -> Decoded:
    try:
        picture: Image.Image = Image.open(io.BytesIO(content), formats=_FORMATS)
        if picture.width * picture.height > most_pixels:
            return Decoded(None, TOO_LARGE)
        # A JPEG in an MPO comes with smaller copies of itself.
        if picture.format != "MPO" and (count := getattr(picture, "n_frames", 1)) > 1:
            return Decoded(None, f"{count} images in one file")
        picture.load()
    except Image.DecompressionBombError:
        return Decoded(None, TOO_LARGE)
    except UnidentifiedImageError:
        return Decoded(None, "not an image")
    except Exception:  # whatever the readers of Pillow and astropy raise over a broken file
        return Decoded(None, "truncated or damaged")
    if picture.mode.startswith(("I", "F")):
        return _decode_array(np.asarray(picture), channels)
    if picture.has_transparency_data:
        picture = _over_black(picture)
    if picture.mode in GREY_MODES or channels == 1:
        return Decoded(picture if picture.mode == "L" else picture.convert("L"), "ok")
    return Decoded(picture if picture.mode == "RGB" else picture.convert("RGB"), "ok")


def _over_black(picture: Image.Image) -> Image.Image:
    """Return a picture without its transparency: what shines through is black, as the sky is."""
    black = Image.new("RGBA", picture.size, (0, 0, 0, 255))
    return Image.alpha_composite(black, picture.convert("RGBA")).convert(
        "L" if picture.mode in GREY_MODES else "RGB"
    )


def _decode_fits(content: bytes, most_pixels: float) -> Decoded:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", AstropyWarning)  # the status says what matters
            with fits.open(io.BytesIO(content)) as file:
                if any(math.prod(unit.shape) > _MOST_PLANES * most_pixels for unit in file if unit.is_image):
                    return Decoded(None, TOO_LARGE)
                unit = next((unit for unit in file if unit.is_image and unit.data is not None), None)
                data = None if unit is None else unit.data
                calibration = UNCALIBRATED if unit is None else calibration_of(unit.header, file[0].header)
    except Exception:  # whatever the readers of Pillow and astropy raise over a broken file
        return Decoded(None, "truncated or damaged")
    if data is None or data.ndim not in (2, 3) or (data.ndim == 3 and data.shape[0] not in (1, 3)):
        shape = "" if data is None else f": {' x '.join(map(str, data.shape))}"
        return Decoded(None, f"not an image of one or three planes{shape}")
    # FITS has planes first and rows upwards; the rows of a picture run downwards.
    planes = data[None] if data.ndim == 2 else data
    pixels = np.ascontiguousarray(np.moveaxis(planes, 0, -1)[::-1], dtype=np.float32)
    return Decoded(pixels, "ok", calibration) if np.isfinite(pixels).all() else Decoded(None, "not finite")


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
