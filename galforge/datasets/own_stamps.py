"""Stamps of any origin, as an array or in an HDF5 file, in the form that the judge compares."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from galforge.core.declared import check_declared
from galforge.core.errors import InputError, refusal
from galforge.core.hdf5_files import open_to_read
from galforge.datasets.normalization import each_in_its_range
from galforge.datasets.stamp_file import read_stamps

NAMES = ("image", "images", "stamps", "samples")  # of the part of an HDF5 file that holds them


def own_stamps(
    source: Path | str | NDArray[Any], shape: tuple[int, ...] | None = None
) -> NDArray[np.float32]:
    """Return stamps (N, C, H, W) in [0, 1].

    Parameters
    ----------
    source : Path, str or ndarray
        Images (N, H, W) or (N, C, H, W): an array, a stamp file, or an HDF5 file with them under one of
        :data:`NAMES`. Those of an array or of another's file stay as they are if all values are in [0, 1];
        otherwise each is scaled by its own minimum and maximum, as the stamps of a dataset are.
    shape : tuple of int, optional
        (C, H, W) that they must have.

    Raises
    ------
    InputError
        If they are no images, or have another shape, or no PSF.
    """
    what = "samples" if isinstance(source, np.ndarray) else str(source)
    images = _scaled(source, what) if isinstance(source, np.ndarray) else _read(Path(source))
    if shape is not None and images.shape[1:] != tuple(shape):
        raise InputError(
            f"{what}: images have the shape {images.shape[1:]}; allowed: {tuple(shape)}, the dataset's"
        )
    return images


def _read(path: Path) -> NDArray[np.float32]:
    try:
        with open_to_read(path) as file:
            check_declared(path, file)
            names = [name for name in NAMES if isinstance(file.get(name), h5py.Dataset)]
            if not names:
                raise InputError(f"{path}: has none of {', '.join(NAMES)}")
            if not file.attrs.get("has_psf", True):
                raise InputError(f"{path}: its galaxies have no PSF, and stamps of a survey do")
            # A stamp file has the digests of its parts.
            own = None if "parts" in file.attrs else _scaled(file[names[0]][:], f"{path}: {names[0]}")
    except OSError as error:
        raise InputError(f"{path}: {refusal(error) if error.errno else 'is no HDF5 file'}") from error
    return read_stamps(path).image if own is None else own


def _scaled(values: NDArray[Any], what: str) -> NDArray[np.float32]:
    if values.dtype.kind not in "biuf" or values.ndim not in (3, 4):
        raise InputError(
            f"{what}: is {values.dtype} of shape {values.shape}; allowed: numbers (N, H, W) or (N, C, H, W)"
        )
    images = np.asarray(values if values.ndim == 4 else values[:, None], dtype=np.float32)
    if not ((images < 0) | (images > 1)).any():
        return images
    return each_in_its_range(images, np.zeros(len(images)), np.ones(len(images))).image
