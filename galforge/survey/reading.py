"""The galaxies of a survey and their catalogue, for surveys of any source."""

from typing import Any

import galsim
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.core.errors import InputError
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


def open_survey(manifest: SurveyManifest) -> galsim.COSMOSCatalog:
    """Return the survey's galaxies that pass its exclusion level.

    Parameters
    ----------
    manifest : SurveyManifest

    Raises
    ------
    InputError
        If GalSim cannot open it; the message names the folder and what is missing.
    """
    try:
        # Preloading would open every image file at once: too many for a large survey.
        return galsim.COSMOSCatalog(
            manifest.catalog, dir=str(manifest.path), preload=False, exclusion_level=manifest.exclusion_level
        )
    except (*_COLUMN_FAULTS, OSError, galsim.GalSimError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{manifest.path}: cannot be opened as a COSMOS-format survey ({reason})") from error


def survey_catalog(survey: galsim.COSMOSCatalog) -> pd.DataFrame:
    """Return the catalogue columns that go into a dataset, one row per galaxy, in the survey's order.

    A column that the survey lacks is left out: the one-table layout of BlendingToolKit has no Sersic
    fits. Names and units are in ``datasets.columns``.

    Raises
    ------
    InputError
        If a column has the wrong type or shape.
    """
    try:
        return _catalog(survey)
    except _COLUMN_FAULTS as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{survey.real_cat.file_name}: a column does not fit ({reason})") from error


def _catalog(survey: galsim.COSMOSCatalog) -> pd.DataFrame:
    real = survey.real_cat
    table = survey.param_cat
    names = {name.lower(): name for name in table.dtype.names}

    # GalSim does not cut the tables; orig_index holds the rows that pass the exclusion level.
    kept = survey.orig_index

    def column_of(name: str) -> NDArray[Any]:
        return np.asarray(np.asarray(table[names[name]], dtype=np.float64)[kept])

    columns: dict[str, NDArray[Any]] = {
        "identifier": _whole_numbers("IDENT", np.asarray(real.ident)[kept]),
        "survey_row": np.asarray(kept, dtype=np.int64),
        "ra": np.asarray(real.cat.field("RA"), dtype=np.float64)[kept],
        "dec": np.asarray(real.cat.field("DEC"), dtype=np.float64)[kept],
        "mag_auto": np.asarray(real.mag, dtype=np.float64)[kept],
        "weight": np.asarray(real.weight, dtype=np.float64)[kept],
        "noise_variance": np.asarray(real.variance, dtype=np.float64)[kept],
        "survey_pixel_scale": np.asarray(real.pixel_scale, dtype=np.float64)[kept],
        "stamp_flux": np.asarray(real.stamp_flux, dtype=np.float64)[kept],
    }
    for column in ("flux_radius", "zphot", *COLOURS):
        if column in names:
            columns[column] = column_of(column)
    if "sersicfit" in names:
        # COSMOS: amplitude, half-light radius along the major axis (px), n, q, boxiness, x, y, angle.
        fit = column_of("sersicfit")
        columns["sersic_semi_major_axis"] = fit[:, 1]
        columns["sersic_index"] = fit[:, 2]
        columns["sersic_axis_ratio"] = fit[:, 3]
        columns["position_angle"] = fit[:, 7]
    if "hlr" in names:
        columns["sersic_half_light_radius"] = column_of("hlr")[:, 0]
    if "flux" in names:
        columns["sersic_flux"] = column_of("flux")[:, 0]
    if "use_bulgefit" in names:
        columns["use_bulge_fit"] = _whole_numbers("use_bulgefit", column_of("use_bulgefit"))
        if "flux" in names:
            bulge, disc = column_of("flux")[:, 1:3].T
            total = bulge + disc
            fraction = np.divide(bulge, total, out=np.zeros(len(total)), where=total > 0)
            columns["bulge_fraction"] = np.where(columns["use_bulge_fit"] == 1, fraction, 0.0)
        columns |= {
            name: np.where(columns["use_bulge_fit"] == 1, column_of(array)[:, entry], np.nan)
            for name, (array, entry) in BULGE_AND_DISC.items()
            if array in names
        }
    if "fit_status" in names:
        status = _whole_numbers("fit_status", column_of("fit_status"))
        columns["bulge_fit_status"], columns["sersic_fit_status"] = status[:, 0], status[:, 4]
    return pd.DataFrame({name: _native(values) for name, values in columns.items()})


def _whole_numbers(name: str, values: NDArray[Any]) -> NDArray[np.int64]:
    if values.dtype.kind == "f" and not (np.abs(values) < 2.0**53).all():
        raise ValueError(f"{name} has values that are not whole numbers")
    return values.astype(np.int64)


def _native(values: NDArray[Any]) -> NDArray[Any]:
    # FITS is big-endian; pandas and HDF5 readers want the machine's order.
    return values.astype(values.dtype.newbyteorder("="))
