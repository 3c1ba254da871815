"""Galaxies that a model drew, as files that other programs read: HDF5, FITS or Parquet."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from galforge.core.errors import InputError
from galforge.core.files import replacing
from galforge.datasets.catalogued import shown_images
from galforge.datasets.columns import describe_column
from galforge.datasets.stamp_file import Stamps, write_stamps
from galforge.datasets.stamp_parts import storable

Write = Callable[[Path, Stamps], None]

# Header cards of a FITS file, by the attribute that each one states.
_CARDS: Final = {
    "model": ("MODEL", "who made the galaxies"),
    "pixel_scale": ("PIXSCALE", "arcsec, width of a pixel"),
    "zero_point": ("ZEROPNT", "magnitude of flux 1"),
    "flux_unit": ("BUNIT", "of a pixel"),
    "flux_scale": ("SURVNOIS", "median noise of a pixel in the training stamps"),
}


def writer_of(path: Path) -> Write:
    """Return the function that writes such a file.

    Raises
    ------
    InputError
        If its name ends in nothing that is known, or a package is missing.
    """
    writers = {".h5": write_hdf5, ".hdf5": write_hdf5, ".fits": write_fits, ".parquet": write_parquet}
    if path.suffix not in writers:
        raise InputError(f"{path}: ends in {path.suffix!r}; allowed: {', '.join(writers)}")
    if path.suffix == ".parquet":
        pyarrow_for(path)
    return writers[path.suffix]


def write_hdf5(path: Path, stamps: Stamps) -> None:
    """Write galaxies as a stamp file."""
    write_stamps(path, [stamps], stamps.attributes)


def write_fits(path: Path, stamps: Stamps) -> None:
    """Write galaxies as a FITS file: a cube of images in the primary HDU, then the table ``GALAXIES``.

    One channel gives (N, H, W), more give (N, C, H, W). The header says what the images are, and that of a
    model in flux has pixel scale, zero point and unit.
    """
    from astropy.io import fits
    from astropy.table import Table

    cube = fits.PrimaryHDU(_cube(stamps))
    for name, (card, comment) in _CARDS.items():
        if name in stamps.attributes:
            cube.header[card] = (stamps.attributes[name], comment)
    for name in ("stamps_are", "warning"):
        if name in stamps.attributes:
            cube.header["COMMENT"] = stamps.attributes[name]
    columns = {name: _column(stamps, name) for name in stamps.catalog}
    table = fits.BinTableHDU(Table(columns), name="GALAXIES")
    for name in columns:
        # Not through astropy's units, which do not know all of a survey's.
        table.columns[name].unit = _unit(stamps, name) or None
    with replacing(path) as temporary:
        fits.HDUList([cube, table]).writeto(temporary)


def write_parquet(path: Path, stamps: Stamps) -> None:
    """Write galaxies as a Parquet file: one row per galaxy, with its image as a tensor of fixed shape.

    Attributes are JSON in the metadata of the schema, under the key ``galforge``.
    """
    arrow = pyarrow_for(path)
    from pyarrow import parquet

    images = np.ascontiguousarray(_cube(stamps))
    kind = arrow.fixed_shape_tensor(arrow.float32(), images.shape[1:])
    flat = arrow.FixedSizeListArray.from_arrays(images.reshape(-1), int(np.prod(images.shape[1:])))
    columns = {"image": arrow.ExtensionArray.from_storage(kind, flat)}
    columns |= {name: arrow.array(_column(stamps, name)) for name in stamps.catalog}
    facts = json.dumps(dict(stamps.attributes), sort_keys=True)
    table = arrow.table(columns).replace_schema_metadata({"galforge": facts})
    with replacing(path) as temporary:
        parquet.write_table(table, temporary)


def _cube(stamps: Stamps) -> NDArray[np.float32]:
    images = shown_images(stamps)
    return images[:, 0] if images.shape[1] == 1 else images


def _column(stamps: Stamps, name: str) -> NDArray[Any]:
    values = storable(stamps.catalog[name].to_numpy())
    return values.astype(str) if values.dtype == object else values


def _unit(stamps: Stamps, name: str) -> str:
    unit = describe_column(name, stamps.attributes.get("labels", ())).unit
    # A stamp file says "flux" for the unit of flux that its attributes name.
    return str(stamps.attributes.get("flux_unit", "")) if unit == "flux" else unit


def pyarrow_for(path: Path) -> Any:
    """Return pyarrow, which is an extra.

    Raises
    ------
    InputError
        If it is missing, with the file that needs it.
    """
    try:
        import pyarrow
    except ImportError:
        raise InputError(
            f"{path}: Parquet needs pyarrow, which is not installed; pip install 'galforge[parquet]'"
        ) from None
    return pyarrow
