"""The picture that a network is fitted to, what it is to be drawn like, and how like that a picture is."""

import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from galforge.core.errors import InputError
from galforge.core.files import replacing
from galforge.pictures.decoding import decode_picture
from galforge.pictures.preprocessing import EIGHT_BIT, crop, resize
from galforge.pictures.preprocessing_settings import PreprocessingSettings
from galforge.pictures.store import opened_store
from galforge.survey.manifest import read_manifest
from galforge.upscaling.settings import PictureSource, UpscalerSettings

Pixels = NDArray[np.float32]


class Pair(NamedTuple):
    """A picture at two sizes, each (side, side, C) in [0, 1].

    Attributes
    ----------
    fitted : ndarray of float32
        What the network is given.
    truth : ndarray of float32
        The picture as large as it is, or as it is drawn where that is smaller: pixels that are held out.
    """

    fitted: Pixels
    truth: Pixels


def picture_content(source: PictureSource, manifest: Path | None) -> bytes | NDArray[Any]:
    """Return the bytes of a picture's file, or its pixels.

    Parameters
    ----------
    source : PictureSource
    manifest : Path, optional
        That of the survey, where the picture is one of a survey's.

    Raises
    ------
    InputError
        If the survey has no such picture.
    """
    if source.path is not None:
        return Path(source.path).read_bytes()
    if source.scikit_image is not None:
        import skimage.data

        return (Path(skimage.data.__file__).parent / f"{source.scikit_image}.png").read_bytes()
    assert manifest is not None  # the rule gives it where there is a survey
    survey = read_manifest(manifest)
    with opened_store(survey.location / survey.pictures) as store:
        names = store.names()
        if source.number >= len(names):
            raise InputError(
                f"{manifest}: has {len(names):,} pictures, so there is no number {source.number}"
            )
        return store.read(names[source.number])


def read_pair(content: bytes | NDArray[Any], name: str, settings: UpscalerSettings) -> Pair:
    """Return the central square of a picture at the size that is fitted, and as large as it is.

    Parameters
    ----------
    content : bytes or ndarray
        As :func:`picture_content` returns it.
    name : str
        Names the picture in a message.
    settings : UpscalerSettings

    Raises
    ------
    InputError
        If the file is no picture, grey where there should be colour, or no larger than what is fitted.
    """
    decoded = decode_picture(content, settings.channels)
    if decoded.picture is None:
        raise InputError(f"{name}: {decoded.status}")
    square = crop(
        decoded.picture, PreprocessingSettings(border=0, side=None, channels=settings.channels, filter="box")
    )
    assert square is not None  # without a border the square fits
    pixels = np.asarray(square, dtype=np.float32)
    pixels = pixels.reshape(*pixels.shape[:2], -1)
    pixels = pixels / np.float32(EIGHT_BIT if pixels.max() > 1 else 1)
    side = len(pixels)
    if side <= settings.size:
        raise InputError(
            f"{name}: is {side} px, and what is fitted has {settings.size}; allowed: larger pictures, so "
            "that pixels are held out"
        )
    pair = Pair(resize(pixels, settings.size, "box"), resize(pixels, min(side, settings.drawn_size), "box"))
    if settings.threshold is None:
        return pair
    return Pair(*((part > settings.threshold).astype(np.float32) for part in pair))


def write_picture(path: Path, pixels: Pixels) -> None:
    """Write pixels in [0, 1], (H, W, C), as PNG."""
    values = (EIGHT_BIT * pixels).round().astype(np.uint8)
    with replacing(path) as temporary:
        Image.fromarray(values if values.shape[2] == 3 else values[..., 0]).save(temporary, format="PNG")


def read_drawn(path: Path) -> Pixels:
    """Return what :func:`write_picture` wrote, to a 255th."""
    with Image.open(path) as picture:
        values = np.asarray(picture, dtype=np.float32) / EIGHT_BIT
    return values.reshape(*values.shape[:2], -1).astype(np.float32)


def enlarged(pixels: Pixels, side: int) -> Pixels:
    """Return a picture (S, S, C) at another size by bicubic interpolation, in [0, 1]."""
    return np.asarray(np.clip(resize(pixels, side, "bicubic"), 0, 1), dtype=np.float32)


def signal_to_noise(picture: Pixels, truth: Pixels) -> float:
    """Return the peak signal-to-noise ratio of a picture in [0, 1], dB: -10 log10 of its mean squared error.

    Infinite where there is no error.
    """
    error = float(np.mean(np.square(picture.astype(np.float64) - truth)))
    return -10 * math.log10(error) if error > 0 else math.inf
