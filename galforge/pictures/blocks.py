"""Pictures turned into stamps, a block at a time: images and a table of what became of each picture."""

import math
import zipfile
import zlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.core.settings import Section
from galforge.pictures.decoding import decode_picture, picture_size
from galforge.pictures.fits_header import UNCALIBRATED, Calibration
from galforge.pictures.hashing import perceptual_hash, pixel_digest
from galforge.pictures.preprocessing import Prepared, crop, prepare
from galforge.pictures.preprocessing_settings import PreprocessingSettings
from galforge.pictures.store import PictureStore


class Preparation(Section):
    """How stamps are made from pictures.

    Attributes
    ----------
    size : int
        Side in pixels.
    preprocessing : PreprocessingSettings
    image_size : tuple of int or None
        Width and height that every picture of the survey has; None where they may differ.
    """

    size: int
    preprocessing: PreprocessingSettings
    image_size: tuple[int, int] | None


class PreparedBlock(NamedTuple):
    """The stamps of N pictures.

    Attributes
    ----------
    image : ndarray of float32, shape (N, C, size, size)
        In [0, 1]; zeros where there is no stamp.
    offset, scale : ndarray of float64, shape (N,)
        ``image * scale + offset`` are the pictures' values.
    catalog : DataFrame of N rows
        With ``pixel_digest``, ``perceptual_hash`` and ``render_status``.
    """

    image: NDArray[np.float32]
    offset: NDArray[np.float64]
    scale: NDArray[np.float64]
    catalog: pd.DataFrame


class Outcome(NamedTuple):
    """What became of a picture.

    Attributes
    ----------
    prepared : Prepared or None
    status : str
        ``"ok"``, or why there is no stamp.
    calibration : Calibration
        Of the picture.
    pixel_scale : float
        Of the stamp, arcsec; NaN where the picture does not give its own.
    """

    prepared: Prepared | None
    status: str
    calibration: Calibration = UNCALIBRATED
    pixel_scale: float = math.nan


def prepare_content(content: bytes | NDArray[Any], preparation: Preparation) -> Outcome:
    """Return the stamp of a file's bytes, or of pixels, or the reason why there is none."""
    recipe = preparation.preprocessing
    decoded = decode_picture(content, recipe.channels, preparation.image_size, recipe.limit_megapixels)
    if decoded.picture is None:
        return Outcome(None, decoded.status)
    cropped = crop(decoded.picture, recipe)
    if cropped is None:
        width, height = picture_size(decoded.picture)
        return Outcome(None, f"{width} x {height} px, smaller than the crop")
    prepared = prepare(cropped, preparation.size, recipe)
    if prepared is None:
        return Outcome(None, "constant")
    enlarged = picture_size(cropped)[0] / preparation.size
    return Outcome(prepared, "ok", decoded.calibration, decoded.calibration.pixel_scale * enlarged)


def prepare_file(store: PictureStore, name: str, preparation: Preparation) -> Outcome:
    """Return the stamp of a file of a store, as :func:`prepare_content`."""
    try:
        content = store.read(name)
    except (OSError, LookupError, ValueError, zipfile.BadZipFile, EOFError, RuntimeError, zlib.error):
        # RuntimeError: a member of an archive with a password, or of a compression unknown to Python.
        return Outcome(None, "cannot be read")
    return prepare_content(content, preparation)


def prepare_block(
    store: PictureStore,
    catalog: pd.DataFrame,
    preparation: Preparation,
    advance: Callable[[], None],
    calibrated: bool = False,
) -> PreparedBlock:
    """Return the stamps of a catalogue's pictures.

    Parameters
    ----------
    store : PictureStore
    catalog : DataFrame of N rows
        With ``file``, and ``fault`` where a picture is known to be of no use.
    preparation : Preparation
    advance : callable
        Called after each picture.
    calibrated : bool
        Whether the survey has pictures whose headers may say what a pixel is: columns for that are added.
    """
    channels, size = preparation.preprocessing.channels, preparation.size
    image = np.zeros((len(catalog), channels, size, size), dtype=np.float32)
    offset, scale = np.zeros(len(catalog)), np.ones(len(catalog))
    outcomes = []
    for row, (name, fault) in enumerate(zip(catalog["file"], catalog["fault"], strict=True)):
        outcome = Outcome(None, fault) if fault else prepare_file(store, name, preparation)
        if outcome.prepared is not None:
            image[row], offset[row], scale[row] = outcome.prepared
        outcomes.append(outcome._replace(prepared=None))
        advance()
    return PreparedBlock(image, offset, scale, _table(catalog, image, outcomes, calibrated))


def _table(
    catalog: pd.DataFrame, image: NDArray[np.float32], outcomes: Sequence[Outcome], calibrated: bool
) -> pd.DataFrame:
    """Return a catalogue with what became of each picture."""
    pairs = [(stamp, outcome.status == "ok") for stamp, outcome in zip(image, outcomes, strict=True)]
    table = catalog.drop(columns="fault")
    if calibrated:
        table["survey_pixel_scale"] = [outcome.calibration.pixel_scale for outcome in outcomes]
        table["zero_point"] = [outcome.calibration.zero_point for outcome in outcomes]
        table["psf_fwhm"] = [outcome.calibration.psf_fwhm for outcome in outcomes]
        table["pixel_scale"] = [outcome.pixel_scale for outcome in outcomes]
    return table.assign(
        pixel_digest=np.array([pixel_digest(stamp) if ok else "" for stamp, ok in pairs], dtype=object),
        perceptual_hash=np.array([perceptual_hash(stamp) if ok else "" for stamp, ok in pairs], dtype=object),
        render_status=np.array([outcome.status for outcome in outcomes], dtype=object),
    )
