"""The one file format for stamps: rendered, real, generated and reconstructed.

An HDF5 file with

- ``image`` float32 (N, C, H, W); ``image * scale + offset`` is the flux,
- ``offset`` and ``scale`` float64 (N,),
- ``split`` (N,), one of :data:`SPLITS`,
- ``catalog/<column>`` (N,), each with a ``unit`` and a ``description`` attribute,
- root attributes: ``digest`` of all the above, ``parts`` with the digest of each, and whatever the stage
  that made it wants to say. Two of them mean something here: ``labels``, the catalogue columns that are
  the survey's own, and ``value_range``, where the pixels are stored between other values than 0 and 1: for
  the models of others, since :func:`read_stamps` always gives [0, 1].

A part that is read whole is compared with its digest, images that are read in part have HDF5's checksums.
"""

import contextlib
import hashlib
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.core.hdf5_files import opened_hdf5, writing_hdf5
from galforge.datasets.columns import describe_column

SPLITS = ("train", "validation", "test")
UNIT_RANGE = (0.0, 1.0)

_CHUNK = 64  # stamps a chunk: 1 MiB of 64 x 64 float32


@dataclass(frozen=True)
class Stamps:
    """A block of stamps with their catalogue.

    Attributes
    ----------
    image : ndarray of float32, shape (N, C, H, W)
    offset, scale : ndarray of float64, shape (N,)
        ``image * scale + offset`` is the flux.
    catalog : DataFrame of N rows
        Columns are keys of :data:`galforge.datasets.columns.COLUMNS`.
    split : ndarray of str, shape (N,)
        One of :data:`SPLITS` a stamp; empty strings where no split applies.
    attributes : mapping
        Root attributes: strings, numbers, or JSON values.
    """

    image: NDArray[np.float32]
    offset: NDArray[np.float64]
    scale: NDArray[np.float64]
    catalog: pd.DataFrame
    split: NDArray[np.str_]
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        count = len(self.image)
        if self.image.ndim != 4:
            raise ValueError(f"image has shape {self.image.shape}, not (N, C, H, W)")
        lengths = [len(part) for part in (self.offset, self.scale, self.catalog, self.split)]
        if lengths != [count] * 4:
            raise ValueError(f"{count} images with offset, scale, catalog, split of lengths {lengths}")

    def __len__(self) -> int:
        return len(self.image)

    @classmethod
    def plain(cls, image: NDArray[np.float32], **attributes: Any) -> "Stamps":
        """Return stamps that have no catalogue and no normalization: samples of a model."""
        count = len(image)
        return cls(
            image=image,
            offset=np.zeros(count),
            scale=np.ones(count),
            catalog=pd.DataFrame(index=range(count)),
            split=np.full(count, ""),
            attributes=attributes,
        )

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp] | slice) -> "Stamps":
        """Return the stamps of some rows."""
        return Stamps(
            self.image[rows],
            self.offset[rows],
            self.scale[rows],
            self.catalog[rows] if isinstance(rows, slice) else self.catalog.loc[self.catalog.index[rows]],
            self.split[rows],
            self.attributes,
        )

    def flux(self) -> NDArray[np.float32]:
        """Return the stamps in the units of the survey, shape (N, C, H, W)."""
        expand = (slice(None), None, None, None)
        return np.asarray(self.image * self.scale[expand] + self.offset[expand], dtype=np.float32)


def write_stamps(path: Path, blocks: Iterable[Stamps], attributes: Mapping[str, Any]) -> str:
    """Write stamps block by block, whole or not at all.

    Parameters
    ----------
    path : Path
        The HDF5 file to make.
    blocks : iterable of Stamps
        At least one; an empty block (N = 0) is fine. Cutting the same stamps into other blocks makes
        the same file.
    attributes : mapping
        Root attributes; values that are not strings or numbers are stored as JSON. Stamps in [0, 1] are
        stored between the two values of ``value_range``, if it is there.

    Returns
    -------
    str
        The digest of the content, which is also the root attribute ``digest``.

    Raises
    ------
    KeyError
        If a catalogue column is not described in ``datasets.columns``.
    """
    digests: dict[str, Any] = {}
    low, high = attributes.get("value_range", UNIT_RANGE)
    with writing_hdf5(path) as (file, stream):
        for block in blocks:
            image, offset, scale = remapped(block.image, block.offset, block.scale, UNIT_RANGE, (low, high))
            _append(file, digests, "image", np.ascontiguousarray(image, dtype=np.float32))
            _append(file, digests, "offset", np.asarray(offset, dtype=np.float64))
            _append(file, digests, "scale", np.asarray(scale, dtype=np.float64))
            _append(file, digests, "split", _encoded(block.split))
            for name in block.catalog.columns:
                _append(file, digests, f"catalog/{name}", _encoded(block.catalog[name].to_numpy()))
            stream.check()
        for name in digests:
            if name.startswith("catalog/"):
                column = describe_column(name.removeprefix("catalog/"), attributes.get("labels", ()))
                file[name].attrs["unit"] = column.unit
                file[name].attrs["description"] = column.description
        total = hashlib.sha256()
        for name in sorted(digests):
            total.update(f"{name} {file[name].shape} {digests[name].hexdigest()}\n".encode())
        file.attrs["digest"] = total.hexdigest()
        file.attrs["parts"] = json.dumps({name: digests[name].hexdigest() for name in sorted(digests)})
        for name, value in attributes.items():
            file.attrs[name] = (
                value if isinstance(value, str | int | float) else json.dumps(value, sort_keys=True)
            )
    return total.hexdigest()


def remapped(
    image: NDArray[np.float32],
    offset: NDArray[np.float64],
    scale: NDArray[np.float64],
    before: tuple[float, float],
    after: tuple[float, float],
) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64]]:
    """Return stamps moved from one range of values to another, with the same flux.

    Parameters
    ----------
    image : ndarray of float32, shape (N, C, H, W)
    offset, scale : ndarray of float64, shape (N,)
    before, after : tuple of float
        What the ends of the range are, and what they are to be.
    """
    if tuple(before) == tuple(after):
        return image, offset, scale
    factor = (after[1] - after[0]) / (before[1] - before[0])
    shift = after[0] - before[0] * factor
    moved = (image.astype(np.float64) * factor + shift).astype(np.float32)
    return moved, offset - scale * shift / factor, scale / factor


def in_unit_range(
    file: h5py.File, image: NDArray[np.float32], offset: NDArray[np.float64], scale: NDArray[np.float64]
) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64]]:
    """Return stamps as an open file holds them, moved to [0, 1] from its ``value_range``."""
    low, high = json.loads(file.attrs.get("value_range", "[0, 1]"))
    return remapped(image, offset, scale, (low, high), UNIT_RANGE)


def _unit_images(file: h5py.File, images: NDArray[np.float32]) -> NDArray[np.float32]:
    nothing = np.ones(len(images))
    return in_unit_range(file, images, nothing, nothing)[0]


def _encoded(values: NDArray[Any]) -> NDArray[Any]:
    # Fixed-length bytes would depend on the longest word of a block; object strings do not.
    return values.astype(object) if values.dtype.kind in "UOT" else values


def _append(file: h5py.File, digests: dict[str, Any], name: str, values: NDArray[Any]) -> None:
    text = values.dtype == object
    if name not in digests:
        digests[name] = hashlib.sha256()
        file.create_dataset(
            name,
            shape=(0, *values.shape[1:]),
            maxshape=(None, *values.shape[1:]),
            chunks=(_CHUNK if values.ndim > 1 else 4096, *values.shape[1:]),
            dtype=h5py.string_dtype() if text else values.dtype,
            fletcher32=not text,  # a checksum a chunk: a damaged one cannot be read
        )
    stored = file[name]
    count = len(stored)
    stored.resize(count + len(values), axis=0)
    stored[count:] = values
    digests[name].update(_content(values))


def _content(values: NDArray[Any]) -> bytes:
    """Return what the digest of a part is of: that of all its blocks is that of the whole."""
    return "\x1f".join([*values, ""]).encode() if values.dtype == object else values.tobytes()


def _whole(file: h5py.File, name: str) -> NDArray[Any]:
    """Return a part of an open file after a look at its digest; text as objects."""
    stored = file[name]
    values: NDArray[Any] = stored.asstr()[:] if h5py.check_string_dtype(stored.dtype) else stored[:]
    if hashlib.sha256(_content(values)).hexdigest() != json.loads(file.attrs["parts"])[name]:
        raise ValueError(f"{name} does not have its digest")
    return values


def read_attributes(path: Path) -> dict[str, Any]:
    """Return the root attributes of a stamp file (JSON values as the strings they are stored as)."""
    with _opened(path) as file:
        return dict(file.attrs)


def image_shape(path: Path) -> tuple[int, int, int]:
    """Return (C, H, W) of the stamps of a file."""
    with _opened(path) as file:
        _, channels, height, width = file["image"].shape
        return channels, height, width


def read_stamps(path: Path | str, split: str | None = None) -> Stamps:
    """Return the stamps of a file.

    Parameters
    ----------
    path : Path or str
        A stamp file: a dataset, samples of a model, reconstructions.
    split : str, optional
        Only this side of the split, one of :data:`SPLITS`.

    Raises
    ------
    InputError
        If the file is not a stamp file, or is damaged.
    ValueError
        If ``split`` is not the name of a split.

    Examples
    --------
    >>> stamps = read_stamps("results/dataset/simulated_cosmos.h5", split="test")  # doctest: +SKIP
    >>> stamps.image.shape  # doctest: +SKIP
    (180, 1, 64, 64)
    """
    if split is not None and split not in SPLITS:
        raise ValueError(f"split is {split!r}, not one of {', '.join(SPLITS)}")
    with _opened(path) as file:
        sides = _whole(file, "split").astype(str)
        rows = np.arange(len(sides)) if split is None else np.flatnonzero(sides == split)
        # A stamp file is read front to back: a mask in memory is far faster than HDF5's point selection.
        image, offset, scale = in_unit_range(
            file, *(_whole(file, name)[rows] for name in ("image", "offset", "scale"))
        )
        return Stamps(
            image=image,
            offset=offset,
            scale=scale,
            catalog=_read_catalog(file, rows),
            split=sides[rows],
            attributes=dict(file.attrs),
        )


def split_rows(path: Path | str, split: str) -> NDArray[np.intp]:
    """Return the numbers of the stamps on one side of the split, ascending."""
    with _opened(path) as file:
        return np.flatnonzero(_whole(file, "split").astype(str) == split)


def read_images(path: Path | str, rows: NDArray[np.integer[Any]]) -> NDArray[np.float32]:
    """Return the images of some rows, (len(rows), C, H, W), in the order of ``rows``.

    Little more is in memory at any time than what is returned.
    """
    order = np.argsort(rows, kind="stable")
    ascending = np.asarray(rows)[order]
    with _opened(path) as file:
        stored = file["image"]
        images = np.empty((len(ascending), *stored.shape[1:]), dtype=np.float32)
        # Chunk by chunk: HDF5's own selection of single rows is far slower.
        edges = np.flatnonzero(np.diff(ascending // _CHUNK, prepend=-1, append=-1))
        for first, last in itertools.pairwise(edges):
            low, high = ascending[first], ascending[last - 1] + 1
            images[order[first:last]] = _unit_images(file, stored[low:high][ascending[first:last] - low])
    return images


def image_blocks(path: Path, size: int) -> Iterator[NDArray[np.float32]]:
    """Yield the images of a file in order, (size, C, H, W) and at the end what is left; memory is bounded."""
    with _opened(path) as file:
        for start in range(0, len(file["image"]), size):
            yield _unit_images(file, file["image"][start : start + size])


def gather_stamps(paths: Sequence[Path], rows: Iterable[int]) -> Stamps:
    """Return some stamps, at least one, counted through several files from 0, in the order of ``rows``.

    No more is read than what is asked for: a survey's shards do not fit in memory.

    Raises
    ------
    IndexError
        If a row lies beyond the last file.
    """
    wanted = list(rows)
    parts: dict[int, Stamps] = {}
    first = 0
    for path in paths:
        with _opened(path) as file:
            last = first + len(file["split"])
            for row in {row for row in wanted if first <= row < last}:
                one = slice(row - first, row - first + 1)
                image, offset, scale = in_unit_range(
                    file, *(file[name][one] for name in ("image", "offset", "scale"))
                )
                parts[row] = Stamps(
                    image=image,
                    offset=offset,
                    scale=scale,
                    catalog=_read_catalog(file, np.array([row - first])),
                    split=file["split"].asstr()[one].astype(str),
                )
            first = last
    if missing := [row for row in wanted if row not in parts]:
        raise IndexError(f"row {missing[0]} of {first} stamps")
    found = [parts[row] for row in wanted]
    return Stamps(
        image=np.concatenate([part.image for part in found]),
        offset=np.concatenate([part.offset for part in found]),
        scale=np.concatenate([part.scale for part in found]),
        catalog=pd.concat([part.catalog for part in found], ignore_index=True),
        split=np.concatenate([part.split for part in found]),
    )


def read_catalog(path: Path) -> pd.DataFrame:
    """Return the catalogue of a stamp file, with its ``split`` as a further column."""
    with _opened(path) as file:
        sides = _whole(file, "split").astype(str)
        return _read_catalog(file, np.arange(len(sides))).assign(split=sides)


def _read_catalog(file: h5py.File, rows: NDArray[np.intp]) -> pd.DataFrame:
    columns = {name: _whole(file, f"catalog/{name}")[rows] for name in file.get("catalog", {})}
    return pd.DataFrame(columns, index=range(len(rows)))


def _opened(path: Path | str) -> contextlib.AbstractContextManager[h5py.File]:
    return opened_hdf5(path, "a stamp file", ("image", "offset", "scale", "split"))
