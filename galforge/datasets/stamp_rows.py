"""Rows of stamp files that are too large to read whole: images of a batch, blocks, single stamps."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.datasets.stamp_file import Stamps
from galforge.datasets.stamp_parts import STAMPS_PER_CHUNK, catalog_of, opened_stamps, split_of
from galforge.datasets.value_range import in_unit_range


def split_rows(path: Path | str, split: str) -> NDArray[np.intp]:
    """Return the numbers of the stamps on one side of the split, ascending."""
    with opened_stamps(path) as file:
        return np.flatnonzero(split_of(file) == split)


def read_images(
    path: Path | str, rows: NDArray[np.integer[Any]], *, stored: bool = False
) -> NDArray[np.float32]:
    """Return the images of some rows, (len(rows), C, H, W), in the order of ``rows``.

    Little more is in memory at any time than what is returned.

    Parameters
    ----------
    path : Path or str
    rows : ndarray of int
    stored : bool
        As they are in the file, those of flux in units of its ``flux_scale``; by default in [0, 1].
    """
    with opened_stamps(path) as file:
        convert = _as_they_are if stored else partial(_unit_images, file)
        return part_rows(file["image"], rows, convert)


def part_rows(
    stored: h5py.Dataset,
    rows: NDArray[np.integer[Any]],
    convert: Callable[[NDArray[np.float32]], NDArray[np.float32]],
) -> NDArray[np.float32]:
    """Return some rows of a part of an open file, shape (len(rows), ...), in the order of ``rows``.

    Parameters
    ----------
    stored : h5py.Dataset of float32, shape (N, ...)
    rows : ndarray of int
    convert : callable
        What becomes of each block of rows.
    """
    order = np.argsort(rows, kind="stable")
    ascending = np.asarray(rows)[order]
    images = np.empty((len(ascending), *stored.shape[1:]), dtype=np.float32)
    # Chunk by chunk: HDF5's own selection of single rows is far slower.
    edges = np.flatnonzero(np.diff(ascending // STAMPS_PER_CHUNK, prepend=-1, append=-1))
    for first, last in itertools.pairwise(edges):
        low, high = ascending[first], ascending[last - 1] + 1
        images[order[first:last]] = convert(stored[low:high][ascending[first:last] - low])
    return images


def image_blocks(path: Path, size: int, *, stored: bool = False) -> Iterator[NDArray[np.float32]]:
    """Yield the images of a file in order, (size, C, H, W), the last block shorter; memory is bounded.

    ``stored`` is that of :func:`read_images`.
    """
    with opened_stamps(path) as file:
        convert = _as_they_are if stored else partial(_unit_images, file)
        for start in range(0, len(file["image"]), size):
            yield convert(file["image"][start : start + size])


def gather_stamps(paths: Sequence[Path], rows: Iterable[int]) -> Stamps:
    """Return at least one stamp from several files, counted through them from 0, in the order of ``rows``.

    No more is read than what is asked for: a survey's shards do not fit in memory.

    Raises
    ------
    IndexError
        If a row lies beyond the last file.
    """
    wanted = list(rows)
    stamps: dict[int, Stamps] = {}
    first = 0
    for path in paths:
        with opened_stamps(path) as file:
            last = first + len(file["split"])
            stamps |= {row: _stamp(file, row - first) for row in set(wanted) if first <= row < last}
            first = last
    if missing := [row for row in wanted if row not in stamps]:
        raise IndexError(f"row {missing[0]} of {first} stamps")
    ordered = [stamps[row] for row in wanted]
    return Stamps(
        image=np.concatenate([stamp.image for stamp in ordered]),
        offset=np.concatenate([stamp.offset for stamp in ordered]),
        scale=np.concatenate([stamp.scale for stamp in ordered]),
        catalog=pd.concat([stamp.catalog for stamp in ordered], ignore_index=True),
        split=np.concatenate([stamp.split for stamp in ordered]),
    )


def _stamp(file: h5py.File, row: int) -> Stamps:
    """Return one row of an open file as a block of one stamp."""
    one = slice(row, row + 1)
    image, offset, scale = in_unit_range(file, *(file[name][one] for name in ("image", "offset", "scale")))
    return Stamps(
        image=image,
        offset=offset,
        scale=scale,
        catalog=catalog_of(file, np.array([row])),
        split=file["split"].asstr()[one].astype(str),
    )


def _as_they_are(images: NDArray[np.float32]) -> NDArray[np.float32]:
    return images


def _unit_images(file: h5py.File, images: NDArray[np.float32]) -> NDArray[np.float32]:
    unused = np.ones(len(images))
    return in_unit_range(file, images, unused, unused)[0]
