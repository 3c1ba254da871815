"""The light of sources that are to be lensed: a model's galaxies, the survey's, and Sersic fits."""

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.core.seeds import derive_seed
from galforge.datasets.conditions import conditions_of
from galforge.datasets.drawing import draw_galaxies
from galforge.datasets.observing_conditions import flux_scale, has_truth, read_truth
from galforge.datasets.stamp_file import read_attributes, read_catalog
from galforge.datasets.stamp_rows import read_images
from galforge.evaluation.parametric_control import parametric_light, usable_fits
from galforge.lensing.lens_settings import trained_on
from galforge.models.base import GenerativeModel

HELD_OUT: Final = "held_out"  # the survey's test galaxies


def chosen_rows(dataset: Path, kind: str, count: int, seed: int) -> NDArray[np.intp]:
    """Return the rows of galaxies whose light is lensed, or imitated: the same for all kinds of training.

    Where there are fewer galaxies than lenses, each is behind several: of training lenses either among those
    that are trained on or among those for validation (:func:`galforge.lensing.lens_settings.trained_on`).
    """
    catalog = usable_fits(read_catalog(dataset))
    side = "test" if kind == HELD_OUT else "train"
    rows = catalog.index.to_numpy()[(catalog["split"] == side).to_numpy()]
    order = np.random.default_rng(derive_seed(seed, "sources", side)).permutation(rows)
    if count <= len(order) or len(order) < 2:
        return np.resize(order, count) if len(order) else order
    if kind == HELD_OUT:
        return np.resize(order, count)
    kept, lenses = min(trained_on(len(order)), len(order) - 1), trained_on(count)
    return np.concatenate([np.resize(order[:kept], lenses), np.resize(order[kept:], count - lenses)])


def light_of(
    kind: str, dataset: Path, rows: NDArray[np.intp], model: GenerativeModel, seed: int
) -> NDArray[np.float32]:
    """Return the light of sources (N, H, H) in the unit of the dataset's images, on its pixels.

    Of the survey this is each galaxy without PSF and noise where the dataset has that (``stamps.truth``),
    else its stamp as it is. A model is asked for the values that the catalogue has of the galaxies.
    """
    if kind in ("survey", HELD_OUT):
        images = read_truth(dataset, rows) if has_truth(dataset) else read_images(dataset, rows, stored=True)
        return images[:, 0]
    catalog = read_catalog(dataset).iloc[rows].reset_index(drop=True)
    if kind == "sersic":
        scale, size = float(read_attributes(dataset)["pixel_scale"]), model.image_shape[-1]
        return np.asarray(parametric_light(catalog, size, scale) / flux_scale(dataset), dtype=np.float32)
    columns = list(dict.fromkeys(each.column for each in conditions_of(model.record.get("conditions", ()))))
    asked = pd.DataFrame(catalog[columns])
    drawn = draw_galaxies(model, len(rows), derive_seed(seed, "lensed model"), asked, beyond=True)
    return np.asarray(drawn.flux()[:, 0] / flux_scale(dataset), dtype=np.float32)
