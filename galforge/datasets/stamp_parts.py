"""The parts of an open stamp file: images, columns and text, each with its digest."""

import contextlib
import hashlib
import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.core.hdf5_files import opened_hdf5

STAMPS_PER_CHUNK = 64  # 1 MiB of 64 x 64 float32
_VALUES_PER_CHUNK = 4096  # of a column
_CATALOG = "catalog/"
_NUMBER = (bool, int, float, np.bool_, np.number)


def opened_stamps(path: Path | str) -> contextlib.AbstractContextManager[h5py.File]:
    """Open a stamp file to read; one that is damaged, or is something else, is an InputError."""
    return opened_hdf5(path, "a stamp file", ("image", "offset", "scale", "split"))


def storable(values: NDArray[Any]) -> NDArray[Any]:
    """Return values as they are stored: numbers, or text as objects, empty where it is missing.

    Truth values of which some are missing are numbers, as all numbers with missing ones.
    """
    if values.dtype.kind in "biuf":
        return values
    objects = values.astype(object)
    missing = pd.isna(objects)
    if not missing.all() and all(isinstance(value, _NUMBER) for value in objects[~missing]):
        return np.where(missing, np.nan, objects).astype(np.float64)
    # Fixed-length bytes would depend on the longest word of a block; object strings do not.
    return np.where(missing, "", objects)


def append_part(file: h5py.File, digests: dict[str, Any], name: str, values: NDArray[Any]) -> None:
    """Append values to a part of a file, which is created where there is none, and to its digest."""
    text = values.dtype == object
    if name not in digests:
        digests[name] = hashlib.sha256()
        file.create_dataset(
            name,
            shape=(0, *values.shape[1:]),
            maxshape=(None, *values.shape[1:]),
            chunks=(STAMPS_PER_CHUNK if values.ndim > 1 else _VALUES_PER_CHUNK, *values.shape[1:]),
            dtype=h5py.string_dtype() if text else values.dtype,
            fletcher32=not text,  # one checksum per chunk: a damaged chunk cannot be read
        )
    stored = file[name]
    if stored.dtype != (h5py.string_dtype() if text else values.dtype):
        raise ValueError(f"{name} has {values.dtype} in one block and {stored.dtype} in an earlier one")
    count = len(stored)
    stored.resize(count + len(values), axis=0)
    stored[count:] = values
    digests[name].update(_digested(values))


def whole_part(file: h5py.File, name: str) -> NDArray[Any]:
    """Return a part of an open file, text as objects.

    Raises
    ------
    ValueError
        If it does not have its digest.
    """
    stored = file[name]
    values: NDArray[Any] = stored.asstr()[:] if h5py.check_string_dtype(stored.dtype) else stored[:]
    if hashlib.sha256(_digested(values)).hexdigest() != json.loads(file.attrs["parts"])[name]:
        raise ValueError(f"{name} does not have its digest")
    return values


def split_of(file: h5py.File) -> NDArray[np.str_]:
    """Return the side of the split of every stamp."""
    return whole_part(file, "split").astype(str)


def catalog_of(file: h5py.File, rows: NDArray[np.intp]) -> pd.DataFrame:
    """Return the catalogue of some rows, counted from 0 anew."""
    # Their digests name them: to HDF5 a column with a slash in its name is a path.
    names = [
        name.removeprefix(_CATALOG) for name in json.loads(file.attrs["parts"]) if name.startswith(_CATALOG)
    ]
    columns = {name: whole_part(file, f"{_CATALOG}{name}")[rows] for name in names}
    return pd.DataFrame(columns, index=range(len(rows)))


def _digested(values: NDArray[Any]) -> bytes:
    """Return the bytes that a digest covers; those of all blocks in turn are those of the whole part."""
    return "\x1f".join([*values, ""]).encode() if values.dtype == object else values.tobytes()
