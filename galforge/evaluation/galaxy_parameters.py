"""What is known about each galaxy of a dataset besides its latents: catalogue and measured morphology."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from galforge.evaluation.latents import ellipticity_components
from galforge.evaluation.usable import usable_matrix

# Columns of the catalogue that say something about the galaxy or its light; those that are absent, or the
# same for all, are skipped.
CATALOG_PARAMETERS = (
    "mag_auto",
    "flux_radius",
    "zphot",
    "sersic_half_light_radius",
    "sersic_index",
    "sersic_axis_ratio",
    "bulge_fraction",
    "pixel_scale",
    "snr",
    "width",
    "non_uniformity",
)


def galaxy_parameters(
    catalog: pd.DataFrame, morphology: pd.DataFrame, measured: Sequence[str]
) -> pd.DataFrame:
    """Return one row per galaxy of the dataset, NaN where a value is not known.

    Parameters
    ----------
    catalog : DataFrame of N rows
        The dataset's, with ``identifier``.
    morphology : DataFrame
        By statmorph, for a part of these galaxies: ``identifier``, ``status``, ``flag_sersic`` and one
        column per parameter. Only trustworthy values are taken
        (:func:`galforge.evaluation.usable.usable_matrix`).
    measured : sequence of str
        Columns of ``morphology``.

    Returns
    -------
    DataFrame of N rows
        The measured parameters, then those of :data:`CATALOG_PARAMETERS` that are there, then
        ``ellipticity_1`` and ``ellipticity_2`` of the survey's Sersic fit.
    """
    values = pd.DataFrame(
        usable_matrix(morphology, measured), columns=list(measured), index=morphology["identifier"]
    )
    values = values[~values.index.duplicated()]
    columns = {f"measured_{name}": catalog["identifier"].map(values[name]) for name in measured}
    for name in CATALOG_PARAMETERS:
        if name in catalog and (catalog[name] != catalog[name].iloc[0]).any():
            columns[name] = catalog[name].astype(float)
    if {"sersic_axis_ratio", "position_angle"} <= set(catalog):
        components = ellipticity_components(
            catalog["sersic_axis_ratio"].to_numpy(dtype=np.float64),
            catalog["position_angle"].to_numpy(dtype=np.float64),
        )
        for number, values in enumerate(components, start=1):
            columns[f"ellipticity_{number}"] = pd.Series(values, index=catalog.index)
    return pd.DataFrame(columns, index=catalog.index)
