"""Pictures turned into stamps, a block at a time: images and a table of what became of each picture."""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from galforge.core.command_line import strict
from galforge.datasets.stamp_file import Stamps
from galforge.pictures.decoding import decode_picture, picture_size
from galforge.pictures.hashing import perceptual_hash, pixel_digest
from galforge.pictures.preprocessing import Prepared, Preprocessing, crop, prepare
from galforge.pictures.store import PictureStore


@strict
@dataclass(frozen=True)
class Preparation:
    """How stamps are made from pictures.

    Attributes
    ----------
    size : int
        Side in pixels.
    preprocessing : Preprocessing
    image_size : tuple of int or None
        Width and height that every picture of the survey has; None where they may differ.
    """

    size: int
    preprocessing: Preprocessing
    image_size: tuple[int, int] | None


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
) -> Stamps:
    """Return the stamps of a catalogue's pictures.

    Parameters
    ----------
    store : PictureStore
    catalog : DataFrame of N rows
        With ``file``, and ``fault`` where a picture is known to be of no use.
    preparation : Preparation
    advance : callable
        Called after each picture.

    Returns
    -------
    Stamps
        Zeros where there is no stamp. ``image * scale + offset`` are the pictures' values; the catalogue also
        has ``pixel_digest``, ``perceptual_hash`` and ``render_status``.
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
    return Stamps(image, offset, scale, table, np.full(len(catalog), ""))
