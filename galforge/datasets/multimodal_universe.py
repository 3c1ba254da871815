"""Datasets and samples in the image layout of the Multimodal Universe, as HDF5 or Parquet.

An HDF5 file has at its root, of N galaxies in C bands,

- ``object_id`` (N,), the survey's identifier, or the row where there is none,
- ``image_array`` float32 (N, C, H, W), in flux where the stamps have one, with the attribute ``units``,
- ``image_band`` bytes (N, C),
- ``image_ivar`` float32 (N, C, H, W), 1 over the noise squared, 0 where it is not known; left out where it is
  known of no stamp, or there is no noise,
- ``image_mask`` bool (N, C, H, W), true where a pixel is good, which is where it is finite,
- ``image_psf_fwhm`` float32 (N, C), arcsec; 0 of light without PSF, NaN where it is not known,
- ``image_scale`` float32 (N, C), arcsec per pixel, NaN where it is not known,
- ``image_noise_std`` float32 (N, C), of a pixel, in the unit of the image, NaN where it is not known,
- each column of the catalogue, and ``split``.

A Parquet file has a row per galaxy: ``object_id`` as text, the columns, and ``image``, a struct of a list per
part, named ``band``, ``flux``, ``ivar``, ``mask``, ``psf_fwhm``, ``scale`` and ``noise_std``.

References
----------
The Multimodal Universe Collaboration (2024), arXiv:2412.02527. Names and meanings are those of
https://github.com/MultimodalUniverse/MultimodalUniverse at commit 2dcff3d: scripts/hsc/build_parent_sample.py
for HDF5, scripts/hsc/hsc.py for what a reader makes of it; ``noise_std`` and ``units`` are in DESIGN.md.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import h5py
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.core.errors import InputError
from galforge.core.files import replacing
from galforge.core.hdf5_files import writing_hdf5
from galforge.datasets.columns import describe_column
from galforge.datasets.galaxy_files import pyarrow_for
from galforge.datasets.normalization import FLUX
from galforge.datasets.observing_conditions import read_psf_bank
from galforge.datasets.stamp_file import image_shape, read_attributes, read_catalog
from galforge.datasets.stamp_parts import opened_stamps, storable, whole_part
from galforge.datasets.stamp_rows import read_images
from galforge.imaging.adaptive_moments import adaptive_moments

LAYOUT: Final = "Multimodal Universe, arXiv:2412.02527"
BLOCK: Final = 512  # stamps in memory at a time
_FWHM: Final = 2 * np.sqrt(2 * np.log(2))  # of a Gaussian, in standard deviations
_KEPT: Final = (
    "dataset", "model", "survey", "credit", "simulated", "stamps_are", "warning", "zero_point", "reason"
)  # fmt: skip
_PARTS: Final = ("band", "array", "ivar", "mask", "psf_fwhm", "scale", "noise_std")

Block = dict[str, NDArray[Any]]
"""Rows of all parts of a file, by the names that they have in HDF5."""


@dataclass(frozen=True)
class Source:
    """A stamp file, with what is known of each of its stamps.

    Attributes
    ----------
    path : Path
    bands : sequence of str
        One per channel.
    attributes : dict
        Of the root.
    catalog : DataFrame of N rows
    offset, scale : ndarray of float64, shape (N,)
        ``image * scale + offset`` is what is exported.
    noise : ndarray of float64, shape (N,)
        Standard deviation of a pixel, in the unit of what is exported; NaN where it is not known.
    psf_fwhm, pixel_scale : ndarray of float64, shape (N,)
        arcsec; NaN where it is not known.
    """

    path: Path
    bands: Sequence[str]
    attributes: dict[str, Any]
    catalog: pd.DataFrame
    offset: NDArray[np.float64]
    scale: NDArray[np.float64]
    noise: NDArray[np.float64]
    psf_fwhm: NDArray[np.float64]
    pixel_scale: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.catalog)

    @property
    def units(self) -> str:
        """The unit of the exported images."""
        if self.attributes.get("normalization") == FLUX:
            return str(self.attributes["flux_unit"]) if "flux_unit" in self.attributes else "flux"
        own = "model" in self.attributes and (self.offset == 0).all() and (self.scale == 1).all()
        return "each image in [0, 1] by itself" if own else "flux of the survey"

    @property
    def facts(self) -> dict[str, Any]:
        """What the file says of all its galaxies."""
        facts: dict[str, Any] = {"layout": LAYOUT, "units": self.units, "bands": list(self.bands)}
        for name, value in self.attributes.items():
            if name in _KEPT:
                # The numbers of HDF5 are not those of JSON.
                facts[name] = value.item() if hasattr(value, "item") else value
        return {**facts, "source_digest": self.attributes["digest"]}


def opened_source(path: Path, bands: Sequence[str]) -> Source:
    """Return a stamp file as it is to be exported.

    Raises
    ------
    InputError
        If it is not a stamp file or is damaged, or ``bands`` are not as many as its channels.
    """
    channels = image_shape(path)[0]
    if len(bands) != channels:
        raise InputError(
            f"--band names {len(bands)} ({' '.join(bands)}); allowed: {channels}, one per channel of {path}"
        )
    attributes, catalog = read_attributes(path), read_catalog(path)
    with opened_stamps(path) as file:
        offset, scale = (whole_part(file, name) for name in ("offset", "scale"))
        noise = _noise_of(file, catalog)
        has_psfs = "psf/image" in file
    unknown = np.full(len(catalog), np.nan)
    pixel_scale = catalog.get("pixel_scale", unknown + attributes.get("pixel_scale", np.nan))
    if has_psfs:
        psf_fwhm = _widths_of_psfs(path) * attributes["pixel_scale"]
    elif not attributes.get("has_psf", True):
        psf_fwhm = np.zeros(len(catalog))
    else:
        psf_fwhm = catalog.get("psf_fwhm", unknown)
    lengths = np.asarray(psf_fwhm), np.asarray(pixel_scale)
    return Source(path, tuple(bands), attributes, catalog, offset, scale, noise, *lengths)


def _noise_of(file: h5py.File, catalog: pd.DataFrame) -> NDArray[np.float64]:
    if "noise/standard_deviation" in file:
        return np.asarray(whole_part(file, "noise/standard_deviation"))
    # Of samples in the unit of their images, of a dataset in flux: each is what is exported.
    for column in ("noise_level", "border_noise"):
        if column in catalog:
            return np.asarray(catalog[column], dtype=np.float64)
    return np.full(len(catalog), np.nan)


def _widths_of_psfs(path: Path) -> NDArray[np.float64]:
    """Return the FWHM in pixels of the PSF of each stamp, from adaptive moments as those of HSC are."""
    psfs, index = read_psf_bank(path)
    fitted = [adaptive_moments(psf)[0] for psf in psfs]
    widths = [np.nan if each is None else _FWHM * each.moments_sigma for each in fitted]
    return np.array(widths)[index]


def blocks(source: Source) -> Iterator[Block]:
    """Yield the galaxies of a file in order, :data:`BLOCK` at a time: one block at least, maybe empty."""
    for start in range(0, max(len(source), 1), BLOCK):
        rows = np.arange(start, min(start + BLOCK, len(source)))
        yield {**_images(source, rows), **_columns(source, rows)}


def _images(source: Source, rows: NDArray[np.intp]) -> Block:
    stored = read_images(source.path, rows, stored=True)
    expanded = (rows, None, None, None)
    array = np.asarray(stored * source.scale[expanded] + source.offset[expanded], dtype=np.float32)
    per_band = np.ones(len(source.bands), dtype=np.float32)
    numbers = {"psf_fwhm": source.psf_fwhm, "scale": source.pixel_scale, "noise_std": source.noise}
    parts: Block = {
        "image_band": np.tile(np.array([band.encode() for band in source.bands]), (len(rows), 1)),
        "image_array": array,
        "image_mask": np.isfinite(array),
    }
    if (source.noise > 0).any():
        with np.errstate(divide="ignore"):
            inverse = np.nan_to_num(source.noise[rows] ** -2.0, nan=0.0, posinf=0.0)
        parts["image_ivar"] = np.broadcast_to(inverse[:, None, None, None], array.shape).astype(np.float32)
    for name, values in numbers.items():
        parts[f"image_{name}"] = (values[rows, None] * per_band).astype(np.float32)
    return parts


def _columns(source: Source, rows: NDArray[np.intp]) -> Block:
    identifiers = source.catalog.get("identifier", pd.Series(np.arange(len(source)))).to_numpy()
    columns = {"object_id": storable(identifiers[rows])}
    for name in source.catalog:
        # A label of somebody's own table may have a name of the layout.
        taken = name in ("object_id", "image") or name.startswith("image_") or name in _PARTS
        columns[f"catalog_{name}" if taken else name] = storable(source.catalog[name].to_numpy()[rows])
    return columns


def write_hdf5(path: Path, source: Source) -> None:
    """Write a file of the layout, whole or not at all."""
    with writing_hdf5(path) as (file, stream):
        for number, block in enumerate(blocks(source)):
            for name, values in block.items():
                if number == 0:
                    _create(file, name, values, len(source))
                start = number * BLOCK
                file[name][start : start + len(values)] = values
            stream.check()
        for name, dataset in file.items():
            if name in source.catalog and name != "split":
                column = describe_column(name, source.attributes.get("labels", ()))
                dataset.attrs.update({"unit": column.unit, "description": column.description})
        file["image_array"].attrs["units"] = source.units
        for name, value in source.facts.items():
            file.attrs[name] = json.dumps(value) if isinstance(value, list) else value


def _create(file: h5py.File, name: str, values: NDArray[Any], count: int) -> None:
    dtype = h5py.string_dtype() if values.dtype == object else values.dtype
    # Maps of one number each, or nearly so, take no room.
    packed = {"compression": "gzip"} if name in ("image_ivar", "image_mask") and count else {}
    file.create_dataset(name, shape=(count, *values.shape[1:]), dtype=dtype, **packed)


def write_parquet(path: Path, source: Source) -> None:
    """Write a file of the layout, whole or not at all; facts are JSON in the metadata of the schema."""
    arrow = pyarrow_for(path)
    from pyarrow import parquet

    facts = {"galforge": json.dumps(source.facts, sort_keys=True)}
    with replacing(path) as temporary:
        writer = None
        for block in blocks(source):
            table = _as_table(arrow, block).replace_schema_metadata(facts)
            writer = writer or parquet.ParquetWriter(temporary, table.schema)
            writer.write_table(table)
        assert writer is not None
        writer.close()


def _as_table(arrow: Any, block: Block) -> Any:
    """Return a block as an Arrow table; lists are of variable length, since not all readers know others."""
    names = {name: "flux" if name == "array" else name for name in _PARTS}
    parts = {name: block[f"image_{part}"] for part, name in names.items() if f"image_{part}" in block}
    parts["band"] = np.char.decode(parts["band"])
    nested = [_nested(arrow, values) for values in parts.values()]
    image = arrow.StructArray.from_arrays(nested, names=list(parts))
    columns = {name: arrow.array(values) for name, values in block.items() if not name.startswith("image_")}
    columns["object_id"] = arrow.array([str(each) for each in block["object_id"]], type=arrow.string())
    return arrow.table({"object_id": columns.pop("object_id"), "image": image, **columns})


def _nested(arrow: Any, values: NDArray[Any]) -> Any:
    if values.ndim == 1:
        return arrow.array(values)
    inner = _nested(arrow, values.reshape(-1, *values.shape[2:]))
    return arrow.ListArray.from_arrays(np.arange(len(values) + 1, dtype=np.int32) * values.shape[1], inner)
