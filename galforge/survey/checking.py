"""Check of a directory that should hold a survey in the COSMOS format; what is missing is named."""

import contextlib
from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
from astropy.io import fits

from galforge.core.errors import InputError
from galforge.survey.exclusion import LEVELS
from galforge.survey.joining import IDENTIFIER
from galforge.survey.layout import fits_table, selection_table
from galforge.survey.local import ExclusionLevel

# What drawing a galaxy takes. Positions, magnitudes and all else become columns where they are there.
CATALOG_COLUMNS = (
    IDENTIFIER, "GAL_FILENAME", "PSF_FILENAME", "GAL_HDU", "PSF_HDU", "PIXEL_SCALE", "NOISE_VARIANCE",
)  # fmt: skip


def survey_files(directory: Path, catalog: str, exclusion_level: ExclusionLevel) -> list[Path]:
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
        Catalogue, fits where there are any, selection where the level needs it, then images and PSFs.

    Raises
    ------
    InputError
        If a file or a column is missing; the message names the first.
    """
    if not directory.is_dir():
        raise InputError(f"{directory}: there is no such survey directory")
    main = directory / catalog
    _check_table(main, CATALOG_COLUMNS)
    tables = [main, *_tables_beside(main, exclusion_level)]

    with fits.open(main) as units:
        rows = units[1].data
        file_columns = ["GAL_FILENAME", "PSF_FILENAME"]
        # Not every survey names a noise file; where it does, the noise beyond a stamp is drawn from it.
        file_columns += [name for name in units[1].columns.names if name.upper() == "NOISE_FILENAME"]
        names = np.unique(np.char.strip(np.concatenate([rows[column] for column in file_columns])))
    images = [directory / str(name) for name in names]
    for name, path in zip(names, images, strict=True):
        if path.name != name:
            raise InputError(f"{main}: names the file {str(name)!r}, which is not beside it")
        if not path.is_file():
            raise InputError(f"{path}: is missing; {catalog} names it")
    return [*tables, *images]


def _tables_beside(catalog: Path, level: ExclusionLevel) -> list[Path]:
    """Return the tables that are joined to a catalogue, after checking that the level has what it reads."""
    found: dict[Path, Collection[str]] = {catalog: _check_table(catalog)}
    joined = [fits_table(catalog)] + [selection_table(catalog)] * bool(LEVELS[level].selection)
    for path in joined:
        if path.is_file():
            found[path] = _check_table(path)
    if fault := _first_missing(catalog, level, found):
        raise InputError(
            f"{fault}, which exclusion_level: {level} reads; "
            f"use exclusion_level: {' or '.join(_possible_levels(catalog))}"
        )
    return [path for path in joined if path in found]


def _possible_levels(catalog: Path) -> list[str]:
    found: dict[Path, Collection[str]] = {}
    for path in (catalog, fits_table(catalog), selection_table(catalog)):
        with contextlib.suppress(InputError):
            found[path] = _check_table(path)
    return [level for level in LEVELS if not _first_missing(catalog, level, found)]


def _first_missing(catalog: Path, level: ExclusionLevel, found: Mapping[Path, Collection[str]]) -> str:
    """Return the first table or column that a level reads and that was not found; nothing if all were."""
    for path, columns in _read_at(catalog, level).items():
        if path not in found:
            return f"{path}: is missing from the survey"
        for name in columns:
            if name.lower() not in found[path]:
                return f"{path}: has no column {name}"
    return ""


def _read_at(catalog: Path, level: ExclusionLevel) -> dict[Path, tuple[str, ...]]:
    """Return the columns that an exclusion level reads, of the catalogue and the tables beside it."""
    reads = LEVELS[level]
    return {
        path: (*columns, *((IDENTIFIER,) if path != catalog else ()))
        for path, columns in (
            (catalog, reads.catalog),
            (fits_table(catalog), reads.fits),
            (selection_table(catalog), reads.selection),
        )
        if columns
    }


def _check_table(path: Path, columns: tuple[str, ...] = ()) -> set[str]:
    """Return the columns of a whole table, in lower case."""
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
            raise InputError(f"{path}: has no column {column}, without which no galaxy can be drawn")
    if path.stat().st_size < end:
        raise InputError(f"{path}: is cut short, it has {path.stat().st_size:,} of {end:,} bytes")
    if rows == 0:
        raise InputError(f"{path}: has no rows")
    return present
