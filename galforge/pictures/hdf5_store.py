"""Images and labels in one HDF5 file, as Galaxy10 has them: ``images`` (N, H, W, 3) and ``ans`` (N,)."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.core.declared import check_declared
from galforge.core.errors import InputError
from galforge.core.hdf5_files import open_to_read
from galforge.pictures.file_names import MOST_BYTES
from galforge.pictures.store import Member, PictureStore

PREFERRED = ("images", "image")
_CACHE = 64 * 2**20  # bytes: a chunk holds many images, and is decompressed once
_ALLOWED = "allowed: a dataset `images` of shape (N, H, W), (N, H, W, 1 or 3) or (N, 1 or 3, H, W)"
MOST = 10_000_000  # images


class ImageFile(PictureStore):
    """The images of an HDF5 file, named by their numbers; one-dimensional datasets beside them are labels.

    Raises
    ------
    InputError
        If the file cannot be opened now or by this user, is damaged, or has no dataset of images.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._file = open_to_read(path, rdcc_nbytes=_CACHE)
        except OSError as error:
            raise InputError(f"{path}: cannot be read as HDF5 ({' '.join(str(error).split())})") from error
        try:
            check_declared(path, self._file)
            self._images = _images_of(self._file, path)
        except InputError:
            self._file.close()
            raise
        count = len(self._images)
        width = len(str(count - 1))
        size = self._images.dtype.itemsize * int(np.prod(self._images.shape[1:]))
        # Numbers of equal length are in order as text, too.
        pictures = [Member(f"{number:0{width}d}", size) for number in range(count)]
        beside = [name for name in sorted(self._file) if self._file.get(name) != self._images]
        self._labels = [name for name in beside if self._is_label(name)]
        others = [name for name in beside if name not in self._labels]
        super().__init__(
            path, pictures, [Member(name, 0, "neither images nor their labels") for name in others]
        )

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def read(self, name: str) -> NDArray[Any]:
        """Return an image, (H, W) or (H, W, C)."""
        image: NDArray[Any] = self._images[int(name)]
        if image.ndim == 3 and image.shape[2] not in (1, 3) and image.shape[0] in (1, 3):
            return np.moveaxis(image, 0, -1)
        return image

    def labels(self) -> pd.DataFrame | None:
        """Return the one-dimensional datasets of as many values as there are images."""
        columns = {name: _values(self._file[name]) for name in self._labels}
        return pd.DataFrame(columns) if columns else None

    def _is_label(self, name: str) -> bool:
        found = self._file.get(name)
        return _is_plain(found) and found.shape == self._images.shape[:1] and _is_value(found.dtype)


def _images_of(file: h5py.File, path: Path) -> h5py.Dataset:
    """Return the dataset of images."""
    found = [name for name in file if _is_images(file.get(name))]
    preferred = [name for name in PREFERRED if name in found]
    if len(found) != 1 and not preferred:
        there = ", ".join(f"{name} {getattr(file.get(name), 'shape', 'group')}" for name in file) or "nothing"
        what = "has no images" if not found else "has several datasets that may be images"
        raise InputError(f"{path}: {what} (there is {there}); {_ALLOWED}")
    images = file[preferred[0] if preferred else found[0]]
    size = images.dtype.itemsize * int(np.prod(images.shape[1:]))
    if size > MOST_BYTES or len(images) > MOST:
        raise InputError(
            f"{path}: has {len(images):,} images of {size:,} bytes; allowed: {MOST:,} of {MOST_BYTES:,} bytes"
        )
    return images


def _is_plain(found: Any) -> bool:
    """Return whether something is a dataset whose values lie in this very file."""
    return isinstance(found, h5py.Dataset) and not found.is_virtual and not found.external


def _is_images(found: Any) -> bool:
    if not _is_plain(found) or found.dtype.kind not in "uif" or found.ndim not in (3, 4) or 0 in found.shape:
        return False
    return found.ndim == 3 or found.shape[3] in (1, 3) or found.shape[1] in (1, 3)


def _is_value(kind: np.dtype[Any]) -> bool:
    return kind.kind in "uifb" or h5py.check_string_dtype(kind) is not None


def _values(dataset: h5py.Dataset) -> NDArray[Any]:
    text = h5py.check_string_dtype(dataset.dtype) is not None
    values: NDArray[Any] = dataset.asstr(errors="replace")[:] if text else dataset[:]
    return values if text else values.astype(values.dtype.newbyteorder("="))
