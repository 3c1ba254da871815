"""New galaxies of a model as stamps, with what was asked of each."""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.core.errors import InputError
from galforge.datasets.conditions import check_asked, conditions_of, encode_conditions
from galforge.datasets.stamp_file import Stamps
from galforge.models.base import GenerativeModel
from galforge.models.trained import draw_images


def model_stamps(model: GenerativeModel, images: NDArray[np.float32]) -> Stamps:
    """Return images that a model made, (N, C, H, W), as stamps: in flux, if the model is."""
    if not model.in_flux:
        return Stamps.plain(images)
    units = dict(model.record["observed"])
    return Stamps.in_flux(images, units.pop("flux_scale"), **units)


def draw_galaxies(
    model: GenerativeModel,
    count: int,
    seed: int,
    asked: pd.DataFrame | None = None,
    psfs: NDArray[np.float32] | None = None,
    beyond: bool = False,
) -> Stamps:
    """Return new galaxies of a model.

    Parameters
    ----------
    model : GenerativeModel
        As it is loaded.
    count, seed : int
    asked : DataFrame of ``count`` rows, optional
        Columns among the model's conditions; NaN or an empty text leaves a value to the model.
    psfs : ndarray of float32, shape (count, P, P), optional
        What each galaxy of a model in flux is seen through; without them it has no PSF.
    beyond : bool
        Allow values outside the range of the training; the attributes then say so.

    Returns
    -------
    Stamps
        With what was asked as its catalogue; in flux, if the model is. Attributes name the model.

    Raises
    ------
    InputError
        If a column is none of the model's conditions, or a value is outside the range of the training.
    """
    record = model.record
    table = pd.DataFrame(index=range(count)) if asked is None else asked.reset_index(drop=True)
    conditions = conditions_of(record.get("conditions", ()))
    outside = check_asked(conditions, table)
    if outside and not beyond:
        raise InputError(outside)
    condition = encode_conditions(conditions, table) if conditions else None
    images = draw_images(model, count, seed, condition, psfs)
    if len(images) != count:
        # If a model returns another number, nothing tells which galaxy is which; the judge says so.
        table = pd.DataFrame(index=range(len(images)))
    attributes = {name: record[name] for name in ("model", "dataset") if name in record}
    if outside:
        attributes["warning"] = outside
    if len(table.columns):
        attributes["labels"] = list(table)
    if model.in_flux:
        attributes["has_psf"] = psfs is not None
    stamps = model_stamps(model, images)
    return replace(stamps, catalog=table, attributes={**stamps.attributes, **attributes})
