"""Pictures turned into stamps, a block at a time: images and a table of what became of each picture."""

import zipfile
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.core.settings import Section
from galforge.pictures.decoding import decode_picture, picture_size
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


def prepare_content(content: bytes, preparation: Preparation) -> tuple[Prepared | None, str]:
    """Return the stamp of a file's bytes and ``"ok"``, or None and the reason why there is none."""
    recipe = preparation.preprocessing
    decoded = decode_picture(content, recipe.channels, preparation.image_size)
    if decoded.picture is None:
        return None, decoded.status
    cropped = crop(decoded.picture, recipe)
    if cropped is None:
        width, height = picture_size(decoded.picture)
        return None, f"{width} x {height} px, smaller than the crop"
    prepared = prepare(cropped, preparation.size, recipe)
    return prepared, "ok" if prepared is not None else "constant"


def prepare_file(store: PictureStore, name: str, preparation: Preparation) -> tuple[Prepared | None, str]:
    """Return the stamp of a file of a store, as :func:`prepare_content`."""
    try:
        content = store.read(name)
    except (OSError, KeyError, zipfile.BadZipFile, EOFError):
        return None, "cannot be read"
    return prepare_content(content, preparation)


def prepare_block(
    store: PictureStore, catalog: pd.DataFrame, preparation: Preparation, advance: Callable[[], None]
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
    """
    channels, size = preparation.preprocessing.channels, preparation.size
    image = np.zeros((len(catalog), channels, size, size), dtype=np.float32)
    offset, scale = np.zeros(len(catalog)), np.ones(len(catalog))
    statuses, digests, hashes = [], [], []
    for row, (name, fault) in enumerate(zip(catalog["file"], catalog["fault"], strict=True)):
        prepared, status = (None, fault) if fault else prepare_file(store, name, preparation)
        if prepared is not None:
            image[row], offset[row], scale[row] = prepared
        statuses.append(status)
        digests.append("" if prepared is None else pixel_digest(prepared.image))
        hashes.append("" if prepared is None else perceptual_hash(prepared.image))
        advance()
    table = catalog.drop(columns="fault").assign(
        pixel_digest=np.array(digests, dtype=object),
        perceptual_hash=np.array(hashes, dtype=object),
        render_status=np.array(statuses, dtype=object),
    )
    return PreparedBlock(image, offset, scale, table)
