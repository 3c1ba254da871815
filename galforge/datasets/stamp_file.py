"""The one file format for stamps: rendered, real, generated and reconstructed.

An HDF5 file with

- ``image`` float32 (N, C, H, W); ``image * scale + offset`` is the flux,
- ``offset`` and ``scale`` float64 (N,),
- ``split`` (N,), one of :data:`SPLITS`,
- ``catalog/<column>`` (N,), each with a ``unit`` and a ``description`` attribute,
- further parts, where the stamps are in one unit of flux; :mod:`galforge.datasets.observing_conditions`
  says which and reads them,
- root attributes: ``digest`` of all the above, ``parts`` with the digest of each, and whatever the stage
  that made the file states. Four of them have a meaning here: ``model``, who made the stamps, which have
  no flux where they have neither offset nor scale; ``labels``, the catalogue columns that are
  the survey's own; ``value_range``, where pixels are stored between other values than 0 and 1, for
  models that are not of this project; and ``normalization``, which is ``flux`` where all pixels are flux over
  ``flux_scale``. :func:`read_stamps` always returns [0, 1].

A part that is read whole is compared with its digest; images that are read in part have HDF5's checksums.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.core.errors import InputError
from galforge.core.hdf5_files import writing_hdf5
from galforge.datasets.columns import describe_column
from galforge.datasets.normalization import FLUX, in_units_of
from galforge.datasets.stamp_parts import (
    append_part,
    catalog_of,
    opened_stamps,
    split_of,
    storable,
    whole_part,
)
from galforge.datasets.value_range import UNIT_RANGE, in_unit_range, remapped

SPLITS = ("train", "validation", "test")

Shared = Mapping[str, NDArray[Any]]
"""Parts of a file that belong to no single stamp, by name."""


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
        One of :data:`SPLITS` per stamp; empty strings where no split applies.
    attributes : mapping
        Root attributes: strings, numbers, or JSON values.
    parts : mapping of str to ndarray, shape (N, ...)
        What else is written of each stamp, by its name in the file. :func:`read_stamps` leaves it out.
    """

    image: NDArray[np.float32]
    offset: NDArray[np.float64]
    scale: NDArray[np.float64]
    catalog: pd.DataFrame
    split: NDArray[np.str_]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    parts: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        count = len(self.image)
        if self.image.ndim != 4:
            raise ValueError(f"image has shape {self.image.shape}, not (N, C, H, W)")
        lengths = [len(part) for part in (self.offset, self.scale, self.catalog, self.split)]
        if lengths != [count] * 4:
            raise ValueError(f"{count} images with offset, scale, catalog, split of lengths {lengths}")
        if others := {name: len(part) for name, part in self.parts.items() if len(part) != count}:
            raise ValueError(f"{count} images with parts of lengths {others}")

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

    @classmethod
    def in_flux(cls, image: NDArray[np.float32], flux_scale: float, **attributes: Any) -> "Stamps":
        """Return stamps in a unit of flux, without a catalogue: samples of a model that makes such stamps.

        Parameters
        ----------
        image : ndarray of float32, shape (N, C, H, W)
            Flux over ``flux_scale``.
        flux_scale : float
            The unit, that of the dataset that the model was trained on.
        **attributes
            What else is known of them, such as ``model``.
        """
        stated = {"normalization": FLUX, "flux_scale": float(flux_scale), **attributes}
        return replace(cls.plain(image, **stated), scale=np.full(len(image), float(flux_scale)))

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp] | slice) -> "Stamps":
        """Return the stamps of some rows."""
        return Stamps(
            self.image[rows],
            self.offset[rows],
            self.scale[rows],
            self.catalog[rows] if isinstance(rows, slice) else self.catalog.loc[self.catalog.index[rows]],
            self.split[rows],
            self.attributes,
            {name: part[rows] for name, part in self.parts.items()},
        )

    @property
    def has_flux(self) -> bool:
        """Whether the stamps' flux is known: that of a model's samples, made of no galaxy's stamp, is not."""
        scaled = (self.offset != 0).any() or (self.scale != 1).any()
        in_flux = self.attributes.get("normalization") == FLUX
        return not len(self) or "model" not in self.attributes or in_flux or bool(scaled)

    def flux(self) -> NDArray[np.float32]:
        """Return the stamps in the units of the survey, shape (N, C, H, W).

        Raises
        ------
        InputError
            If they have none: a model's samples are in [0, 1], each by itself, and a sum over their pixels is
            mostly sky.
        """
        if not self.has_flux:
            raise InputError(
                f"the samples of {self.attributes['model']} have no flux, each is in [0, 1] by itself; use "
                "image, or image * scale + offset with the scale and offset of stamps of the dataset"
            )
        expand = (slice(None), None, None, None)
        return np.asarray(self.image * self.scale[expand] + self.offset[expand], dtype=np.float32)


def write_stamps(
    path: Path,
    blocks: Iterable[Stamps],
    attributes: Mapping[str, Any],
    shared: Shared | Callable[[], Shared] | None = None,
) -> str:
    """Write stamps block by block, whole or not at all.

    Parameters
    ----------
    path : Path
        The HDF5 file to make.
    blocks : iterable of Stamps
        At least one; an empty block (N = 0) is fine. How the stamps are divided into blocks does not
        change the file.
    attributes : mapping
        Root attributes; values that are not strings or numbers are stored as JSON. Stamps in [0, 1] are
        stored between the two values of ``value_range``, if it is there. With ``normalization`` ``flux``,
        stamps that have a flux are stored as flux over ``flux_scale``, whatever they are in.
    shared : mapping of str to ndarray, or callable, optional
        Parts that belong to no single stamp, such as ``psf/image``; called once all blocks are written.

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
    with writing_hdf5(path) as (file, stream):
        for block in blocks:
            image, offset, scale = _as_stored(block, attributes)
            append_part(file, digests, "image", np.ascontiguousarray(image, dtype=np.float32))
            append_part(file, digests, "offset", np.asarray(offset, dtype=np.float64))
            append_part(file, digests, "scale", np.asarray(scale, dtype=np.float64))
            append_part(file, digests, "split", storable(block.split))
            for name in block.catalog.columns:
                append_part(file, digests, f"catalog/{name}", storable(block.catalog[name].to_numpy()))
            for name, part in block.parts.items():
                append_part(file, digests, name, part)
            stream.check()
        for name, part in (shared() if callable(shared) else shared or {}).items():
            append_part(file, digests, name, part)
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
            file.attrs[name] = _storable_attribute(value)
    return total.hexdigest()


def _storable_attribute(value: Any) -> str | int | float:
    return value if isinstance(value, str | int | float) else json.dumps(value, sort_keys=True)


def _as_stored(
    stamps: Stamps, attributes: Mapping[str, Any]
) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64]]:
    """Return image, offset and scale of stamps as a file with these attributes stores them."""
    if attributes.get("normalization") == FLUX:
        return in_units_of(attributes["flux_scale"], stamps.image, stamps.offset, stamps.scale)
    after = tuple(attributes.get("value_range", UNIT_RANGE))
    return remapped(stamps.image, stamps.offset, stamps.scale, UNIT_RANGE, (after[0], after[1]))


def read_attributes(path: Path) -> dict[str, Any]:
    """Return the root attributes of a stamp file (JSON values as the strings they are stored as)."""
    with opened_stamps(path) as file:
        return dict(file.attrs)


def image_shape(path: Path) -> tuple[int, int, int]:
    """Return (C, H, W) of the stamps of a file."""
    with opened_stamps(path) as file:
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
    with opened_stamps(path) as file:
        sides = split_of(file)
        rows = np.arange(len(sides)) if split is None else np.flatnonzero(sides == split)
        # A stamp file is read front to back: a mask in memory is far faster than HDF5's point selection.
        image, offset, scale = in_unit_range(
            file, *(whole_part(file, name)[rows] for name in ("image", "offset", "scale"))
        )
        return Stamps(
            image=image,
            offset=offset,
            scale=scale,
            catalog=catalog_of(file, rows),
            split=sides[rows],
            attributes=dict(file.attrs),
        )


def read_catalog(path: Path) -> pd.DataFrame:
    """Return the catalogue of a stamp file, with its ``split`` as a further column."""
    with opened_stamps(path) as file:
        sides = split_of(file)
        return catalog_of(file, np.arange(len(sides))).assign(split=sides)
