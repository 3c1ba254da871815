"""Check of a directory that should hold a survey in the COSMOS format; what is missing is named."""

from pathlib import Path

import numpy as np
from astropy.io import fits

from galforge.core.errors import InputError

CATALOG_COLUMNS = (
    "IDENT", "RA", "DEC", "MAG", "BAND", "WEIGHT", "GAL_FILENAME", "PSF_FILENAME", "GAL_HDU", "PSF_HDU",
    "PIXEL_SCALE", "NOISE_MEAN", "NOISE_VARIANCE",
)  # fmt: skip

# The columns that GalSim's exclusion levels read from the tables of fits and of the selection.
FITS_COLUMNS: dict[str, tuple[str, ...]] = {
    "none": (),
    "bad_stamp": (),
    "bad_fits": ("fit_status",),
    "marginal": ("fit_status", "hlr", "sersicfit"),
}
_STAMP_COLUMNS = (
    "sn_ellip_gauss", "min_mask_dist_pixels", "average_mask_adjacent_pixel_count",
    "peak_image_pixel_count",
)  # fmt: skip
SELECTION_COLUMNS: dict[str, tuple[str, ...]] = {
    "none": (),
    "bad_fits": (),
    "bad_stamp": _STAMP_COLUMNS,
    "marginal": (*_STAMP_COLUMNS, "dmag"),
}


def survey_files(directory: Path, catalog: str, exclusion_level: str) -> list[Path]:
    """Return the files of a survey, after checking that all are there with the columns that are needed.

    Parameters
    ----------
    directory : Path
    catalog : str
        File name of the catalogue, e.g. ``real_galaxy_catalog_23.5.fits``.
    exclusion_level : str
        ``"none"``, ``"bad_stamp"``, ``"bad_fits"`` or ``"marginal"``, as GalSim has them.

    Returns
    -------
    list of Path
        Catalogue, fits, selection where the level needs it, then images and PSFs.

    Raises
    ------
    InputError
        If a file or a column is missing; the message names the first.
    """
    stem = catalog.removesuffix(".fits")
    needed = {
        directory / catalog: CATALOG_COLUMNS,
        directory / f"{stem}_fits.fits": FITS_COLUMNS[exclusion_level],
    }
    if SELECTION_COLUMNS[exclusion_level]:
        needed[directory / f"{stem}_selection.fits"] = SELECTION_COLUMNS[exclusion_level]
    if not directory.is_dir():
        raise InputError(f"{directory}: there is no such survey directory")
    for path, columns in needed.items():
        _check_table(path, columns)

    with fits.open(directory / catalog) as tables:
        rows = tables[1].data
        file_columns = ["GAL_FILENAME", "PSF_FILENAME"]
        # Not every survey names a noise file; where it does, the noise beyond a stamp is drawn from it.
        file_columns += [name for name in tables[1].columns.names if name.upper() == "NOISE_FILENAME"]
        names = np.unique(np.char.strip(np.concatenate([rows[column] for column in file_columns])))
    images = [directory / str(name) for name in names]
    for name, path in zip(names, images, strict=True):
        if path.name != name:
            raise InputError(f"{directory / catalog}: names the file {str(name)!r}, which is not beside it")
        if not path.is_file():
            raise InputError(f"{path}: is missing; {catalog} names it")
    return [*needed, *images]


def _check_table(path: Path, columns: tuple[str, ...]) -> None:
    if not path.is_file():
        raise InputError(f"{path}: is missing from the survey")
    try:
        with fits.open(path) as tables:
            present = {name.lower() for name in tables[1].columns.names}
            rows, width = tables[1].header["NAXIS2"], tables[1].header["NAXIS1"]
            # Astropy only warns of a short file, and fails at the first missing row, sometimes much later.
            end = tables[1].fileinfo()["datLoc"] + rows * width
    except (OSError, IndexError, KeyError, AttributeError, TypeError) as error:
        raise InputError(f"{path}: is not a FITS table ({error})") from error
    for column in columns:
        if column.lower() not in present:
            raise InputError(f"{path}: has no column {column}")
    if path.stat().st_size < end:
        raise InputError(f"{path}: is cut short, it has {path.stat().st_size:,} of {end:,} bytes")
    if rows == 0:
        raise InputError(f"{path}: has no rows")
