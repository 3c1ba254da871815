"""The galaxies of a survey and their catalogue, for surveys of any source."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import galsim
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.core.errors import InputError
from galforge.survey.exclusion import LEVELS, good_fits, good_stamps, without_doubt
from galforge.survey.joining import IDENTIFIER, JoinedTable, whole_numbers
from galforge.survey.layout import fits_table, selection_table
from galforge.survey.manifest import SurveyManifest

# Array and entry of each parameter of the bulge + disc fit, as in galsim/galaxy_sample.py: the disc fills
# the first eight entries of bulgefit, the bulge the last eight; hlr and flux begin with the Sersic fit.
BULGE_AND_DISC = {
    "bulge_flux": ("flux", 1),
    "bulge_half_light_radius": ("hlr", 1),
    "bulge_axis_ratio": ("bulgefit", 11),
    "bulge_position_angle": ("bulgefit", 15),
    "disc_flux": ("flux", 2),
    "disc_half_light_radius": ("hlr", 2),
    "disc_axis_ratio": ("bulgefit", 3),
    "disc_position_angle": ("bulgefit", 7),
}
# What is raised, here and in GalSim, where a column has another type or shape than that of COSMOS.
_COLUMN_FAULTS = (ValueError, TypeError, LookupError, AttributeError)
COLOURS = ("hsc_g", "hsc_r", "hsc_i", "hsc_z", "hsc_y")  # BlendingToolKit's


@dataclass(frozen=True)
class Survey:
    """An open survey of observed galaxies.

    Attributes
    ----------
    real_cat : galsim.RealGalaxyCatalog
        Images, PSFs and noise, by the rows of the catalogue.
    identifiers : ndarray of int, shape (N,)
        ``IDENT`` of each row.
    fits : JoinedTable or None
        The table of fits and further columns, where the survey has one.
    found : dict of Path to ndarray of bool, shape (N,)
        For each table that was joined to the catalogue, which galaxies have a row in it.
    rows : ndarray of int, shape (K,)
        The rows that pass the exclusion level.
    """

    real_cat: galsim.RealGalaxyCatalog
    identifiers: NDArray[np.int64]
    fits: JoinedTable | None
    found: dict[Path, NDArray[np.bool_]]
    rows: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    def check_same(self, catalog: pd.DataFrame) -> None:
        """Refuse to take one galaxy for another where the survey has changed since its rows were noted.

        Parameters
        ----------
        catalog : DataFrame
            With ``identifier`` and ``survey_row``, as a dataset has them.

        Raises
        ------
        InputError
            If a row of the survey does not hold the galaxy with that identifier.
        """
        rows, wanted = catalog["survey_row"].to_numpy(), catalog["identifier"].to_numpy()
        inside = (rows >= 0) & (rows < len(self.identifiers))
        same = inside & (self.identifiers[np.where(inside, rows, 0)] == wanted)
        if not same.all():
            first = int(np.argmin(same))
            raise InputError(
                f"{self.real_cat.file_name}: row {rows[first]} is no longer galaxy {wanted[first]}: the "
                "survey has changed since its stamps were drawn; remove its survey.json to draw them again"
            )


def open_survey(manifest: SurveyManifest) -> Survey:
    """Return the survey's galaxies that pass its exclusion level, its tables joined by ``IDENT``.

    Parameters
    ----------
    manifest : SurveyManifest

    Raises
    ------
    InputError
        If it cannot be opened; the message names the folder or file and what is missing.
    """
    try:
        return _opened(manifest)
    except (*_COLUMN_FAULTS, OSError, galsim.GalSimError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{manifest.path}: cannot be opened as a COSMOS-format survey ({reason})") from error


def _opened(manifest: SurveyManifest) -> Survey:
    # Not galsim.COSMOSCatalog: it joins tables by row, wants a table of fits even where it is not read, and
    # finds it by replacing every ".fits" in the path, the folder's too.
    # Preloading would open every image file at once: too many for a large survey.
    real = galsim.RealGalaxyCatalog(manifest.catalog, dir=str(manifest.path), preload=False)
    identifiers = whole_numbers(IDENTIFIER, np.asarray(real.cat.field(IDENTIFIER)))
    catalog = manifest.path / manifest.catalog
    reads = LEVELS[manifest.exclusion_level]

    paths = [fits_table(catalog)] * (bool(reads.fits) or fits_table(catalog).is_file())
    paths += [selection_table(catalog)] * bool(reads.selection)
    tables = {path: JoinedTable(path, catalog, identifiers) for path in paths}
    fits, selection = (tables.get(path(catalog)) for path in (fits_table, selection_table))
    passing = np.ones(len(identifiers), dtype=bool)
    if selection is not None:
        flux = np.asarray(real.stamp_flux, dtype=np.float64)
        passing &= good_stamps(selection, flux, bright_sample=real.sample == "23.5")
    if fits is not None and reads.fits:
        passing &= good_fits(fits) if selection is None else without_doubt(fits, selection)
    found = {path: table.found for path, table in tables.items()}
    return Survey(real, identifiers, fits, found, np.flatnonzero(passing))


def survey_catalog(survey: Survey) -> pd.DataFrame:
    """Return the catalogue columns that go into a dataset, one row per galaxy, in the survey's order.

    A column that the survey lacks is left out: the one-table layout of BlendingToolKit has no Sersic
    fits, other catalogues no position or magnitude. Names and units are in ``datasets.columns``.

    Raises
    ------
    InputError
        If a column has the wrong type or shape.
    """
    try:
        columns = _catalog_columns(survey) | (_fit_columns(survey.fits) if survey.fits else {})
        return pd.DataFrame({name: _native(values[survey.rows]) for name, values in columns.items()})
    except _COLUMN_FAULTS as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{survey.real_cat.file_name}: a column does not fit ({reason})") from error


def _catalog_columns(survey: Survey) -> dict[str, NDArray[Any]]:
    """Return the columns of the survey's catalogue, by all of its rows."""
    real = survey.real_cat
    names = {name.lower() for name in real.cat.columns.names}
    columns: dict[str, NDArray[Any]] = {
        "identifier": survey.identifiers,
        "survey_row": np.arange(len(survey.identifiers), dtype=np.int64),
    }
    for name, column in (("ra", "RA"), ("dec", "DEC"), ("mag_auto", "MAG")):
        if column.lower() in names:
            columns[name] = np.asarray(real.cat.field(column), dtype=np.float64)
    if "weight" in names:
        columns["weight"] = np.asarray(real.weight, dtype=np.float64)
    columns["noise_variance"] = np.asarray(real.variance, dtype=np.float64)
    columns["survey_pixel_scale"] = np.asarray(real.pixel_scale, dtype=np.float64)
    if "stamp_flux" in names:
        columns["stamp_flux"] = np.asarray(real.stamp_flux, dtype=np.float64)
    return columns


def _fit_columns(fits: JoinedTable) -> dict[str, NDArray[Any]]:
    """Return the columns of a survey's table of fits, by all rows of its catalogue."""
    columns: dict[str, NDArray[Any]] = {
        name: fits.column(name) for name in ("flux_radius", "zphot", *COLOURS) if name in fits
    }
    if "sersicfit" in fits:
        # COSMOS: amplitude, half-light radius along the major axis (px), n, q, boxiness, x, y, angle.
        fit = fits.column("sersicfit")
        columns["sersic_semi_major_axis"] = fit[:, 1]
        columns["sersic_index"] = fit[:, 2]
        columns["sersic_axis_ratio"] = fit[:, 3]
        columns["position_angle"] = fit[:, 7]
    if "hlr" in fits:
        columns["sersic_half_light_radius"] = fits.column("hlr")[:, 0]
    if "flux" in fits:
        columns["sersic_flux"] = fits.column("flux")[:, 0]
    if "use_bulgefit" in fits:
        columns |= _bulge_columns(fits)
    if "fit_status" in fits:
        status = _whole_where_found("fit_status", fits)
        columns["bulge_fit_status"], columns["sersic_fit_status"] = status[:, 0], status[:, 4]
    return columns


def _bulge_columns(fits: JoinedTable) -> dict[str, NDArray[Any]]:
    preferred = _whole_where_found("use_bulgefit", fits)
    columns: dict[str, NDArray[Any]] = {"use_bulge_fit": preferred}
    if "flux" in fits:
        bulge, disc = fits.column("flux")[:, 1:3].T
        total = bulge + disc
        fraction = np.divide(bulge, total, out=np.zeros(len(total)), where=total > 0)
        columns["bulge_fraction"] = np.where(preferred == 1, fraction, np.where(fits.found, 0.0, np.nan))
    return columns | {
        name: np.where(preferred == 1, fits.column(array)[:, entry], np.nan)
        for name, (array, entry) in BULGE_AND_DISC.items()
        if array in fits
    }


def _whole_where_found(name: str, fits: JoinedTable) -> NDArray[Any]:
    """Return a column of whole numbers; with NaN, so as other numbers, where galaxies have no row."""
    values = fits.column(name)
    whole = whole_numbers(name, values[fits.found])
    return whole if fits.found.all() else values


def _native(values: NDArray[Any]) -> NDArray[Any]:
    # FITS is big-endian; pandas and HDF5 readers want the machine's order.
    return values.astype(values.dtype.newbyteorder("="))
