"""Fashion-MNIST: four files in the IDX format, with pictures of clothes in ten classes."""

from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from galforge.core.errors import InputError
from galforge.core.hdf5_files import writing_hdf5
from galforge.pictures.fashion_sources import HASHES
from galforge.pictures.idx import read_idx

PARTS: Final = {"train": "train", "test": "t10k"}  # what begins the names of their files

CLASSES: Final = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip


class Pictures(NamedTuple):
    """N pictures, those of the training part first.

    Attributes
    ----------
    images : ndarray of uint8, shape (N, H, W)
    labels : ndarray of uint8, shape (N,)
        Places in :data:`CLASSES`.
    parts : ndarray of str, shape (N,)
        ``"train"`` or ``"test"``, as published.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    parts: NDArray[np.str_]


def read_pictures(folder: Path) -> Pictures:
    """Return the pictures of the four files in a folder, compressed or not.

    Raises
    ------
    InputError
        If a file is missing or no such file, or pictures and labels do not belong together.
    """
    read = [_read_part(folder, part) for part in PARTS]
    sides = {images.shape[1:] for images, _ in read}
    if len(sides) > 1:
        raise InputError(f"{folder}: its training and its test pictures differ in size")
    return Pictures(
        np.concatenate([images for images, _ in read]),
        np.concatenate([labels for _, labels in read]),
        np.repeat(list(PARTS), [len(images) for images, _ in read]),
    )


def _read_part(folder: Path, part: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    paths = [_found(folder, f"{PARTS[part]}-{what}-ubyte") for what in ("images-idx3", "labels-idx1")]
    images, labels = (read_idx(path) for path in paths)
    if images.ndim != 3 or labels.shape != images.shape[:1]:
        raise InputError(
            f"{paths[0]}: has shape {images.shape}, its labels {labels.shape}; allowed: (N, H, W), as many "
            "labels"
        )
    if len(labels) and labels.max() >= len(CLASSES):
        raise InputError(f"{paths[1]}: has the label {labels.max()}; allowed: 0 to {len(CLASSES) - 1}")
    return images, labels


def _found(folder: Path, name: str) -> Path:
    for path in (folder / f"{name}.gz", folder / name):
        if path.is_file():
            return path
    raise InputError(f"{folder}: has no {name}.gz; allowed: a folder with {', '.join(HASHES)}")


def write_pictures(path: Path, pictures: Pictures) -> None:
    """Write pictures as the HDF5 file of images that a survey of pictures can be made from."""
    articles = np.array(CLASSES, dtype="S")[pictures.labels]
    with writing_hdf5(path) as (file, _):
        chunks = (min(len(pictures.images), 1024), *pictures.images.shape[1:])
        file.create_dataset("images", data=pictures.images, chunks=chunks, compression="gzip")
        file.create_dataset("label", data=pictures.labels)
        file.create_dataset("article", data=articles)
        file.create_dataset("part", data=pictures.parts.astype("S5"))
