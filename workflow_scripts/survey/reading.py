"""Galaxies of a survey: its images, PSFs and catalogue, whatever made it."""

from typing import Any

import galsim
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workflow_scripts.errors import InputError
from workflow_scripts.survey.manifest import SurveyManifest


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
        # Preloading opens every image file at once, which a large survey cannot afford.
        return galsim.COSMOSCatalog(
            manifest.catalog, dir=str(manifest.path), preload=False, exclusion_level=manifest.exclusion_level
        )
    except (OSError, KeyError, ValueError, galsim.GalSimError) as error:
        raise InputError(f"{manifest.path}: cannot be opened as a COSMOS-format survey ({error})") from error


def survey_catalog(survey: galsim.COSMOSCatalog) -> pd.DataFrame:
    """Return the catalogue columns that go into a dataset, one row a galaxy, in the survey's order.

    A column that the survey does not have is left out: the one-table BlendingToolKit layout has no
    Sersic fits. Names and units are in ``datasets.columns``.
    """
    real = survey.real_cat
    table = survey.param_cat
    names = {name.lower(): name for name in table.dtype.names}

    # GalSim keeps both tables whole; orig_index holds the rows that pass the exclusion level.
    kept = survey.orig_index

    def column_of(name: str) -> NDArray[Any]:
        return np.asarray(np.asarray(table[names[name]], dtype=np.float64)[kept])

    columns: dict[str, NDArray[Any]] = {
        "identifier": np.asarray(real.ident)[kept].astype(np.int64),
        "survey_row": np.asarray(kept, dtype=np.int64),
        "ra": np.asarray(real.cat.field("RA"), dtype=np.float64)[kept],
        "dec": np.asarray(real.cat.field("DEC"), dtype=np.float64)[kept],
        "mag_auto": np.asarray(real.mag, dtype=np.float64)[kept],
        "weight": np.asarray(real.weight, dtype=np.float64)[kept],
        "noise_variance": np.asarray(real.variance, dtype=np.float64)[kept],
    }
    for column in ("flux_radius", "zphot"):
        if column in names:
            columns[column] = column_of(column)
    if "sersicfit" in names:
        # COSMOS: amplitude, half-light radius along the major axis (px), n, q, boxiness, x, y, angle.
        fit = column_of("sersicfit")
        columns["sersic_index"] = fit[:, 2]
        columns["sersic_axis_ratio"] = fit[:, 3]
        columns["position_angle"] = fit[:, 7]
    if "hlr" in names:
        columns["sersic_half_light_radius"] = column_of("hlr")[:, 0]
    if "flux" in names:
        columns["sersic_flux"] = column_of("flux")[:, 0]
    if "use_bulgefit" in names:
        columns["use_bulge_fit"] = column_of("use_bulgefit").astype(np.int64)
        if "flux" in names:
            bulge, disc = column_of("flux")[:, 1:3].T
            total = bulge + disc
            fraction = np.divide(bulge, total, out=np.zeros(len(total)), where=total > 0)
            columns["bulge_fraction"] = np.where(columns["use_bulge_fit"] == 1, fraction, 0.0)
    return pd.DataFrame({name: _native(values) for name, values in columns.items()})


def _native(values: NDArray[Any]) -> NDArray[Any]:
    # FITS is big-endian; pandas and HDF5 readers want the machine's order.
    return values.astype(values.dtype.newbyteorder("="))
