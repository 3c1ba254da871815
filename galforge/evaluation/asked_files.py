"""From files to the galaxies whose conditions are judged: a model's, the survey's and the baseline's."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.core.errors import InputError
from galforge.core.tables import read_table
from galforge.datasets.normalization import FLUX
from galforge.datasets.observing_conditions import (
    flux_scale,
    has_psf,
    has_truth,
    read_psfs,
    read_truth,
    read_units,
)
from galforge.datasets.same_galaxies import check_rows
from galforge.datasets.stamp_file import read_attributes, read_catalog, read_stamps
from galforge.datasets.stamp_rows import read_images
from galforge.evaluation.asked import Galaxies
from galforge.evaluation.asked_judgement import AskedSettings, Judged
from galforge.evaluation.measured_galaxies import Units, common_value, measure_galaxies
from galforge.evaluation.reference_split import split_reference
from galforge.evaluation.variants import BASELINE, MODEL
from galforge.imaging.stamp_psf import through_psf


@dataclass(frozen=True)
class MeasuredFiles:
    """The dataset; samples, raw and noise-matched, and their morphology; that of real stamps; the baseline's.

    The baseline's, those of ``control_parametric``, are there where it is judged.
    """

    dataset: Path
    stamps: tuple[Path, Path]
    morphology: tuple[Path, Path]
    real: Path
    baseline: tuple[Path, ...] = ()
    baseline_morphology: tuple[Path, ...] = ()


def without_noise(dataset: Path) -> bool:
    """Return whether a dataset's galaxies can be seen without noise."""
    return has_truth(dataset) and has_psf(dataset)


def read_judged(files: MeasuredFiles, settings: AskedSettings) -> Judged:
    """Return the model's galaxies, the survey's and the baseline's, measured.

    Raises
    ------
    InputError
        If the files do not describe the same galaxies, or do not say what was asked.
    """
    catalog = read_catalog(files.dataset)
    asked = conditions_of(read_catalog(files.stamps[0]), settings, files.stamps[0])
    own = list(zip(files.stamps, files.morphology, strict=True))
    model, matched = _variants(own, catalog, asked, files.dataset)
    compared, baseline = {MODEL: matched}, None
    fitted = fitted_galaxies(files.baseline[0], catalog, settings) if files.baseline else None
    if fitted is not None:
        beside = list(zip(files.baseline, files.baseline_morphology, strict=True))
        baseline, compared[BASELINE] = _variants(beside, catalog, fitted, files.dataset)
    return Judged(model, measure_survey(files, catalog, settings), baseline, compared)


def _variants(
    variants: list[tuple[Path, Path]], catalog: pd.DataFrame, asked: pd.DataFrame, dataset: Path
) -> tuple[Galaxies, Galaxies]:
    """Return the galaxies of a sample as they were made, and as they are compared with the survey's."""
    raw = measure_sample(*variants[0], catalog, asked)
    return raw, raw if without_noise(dataset) else measure_sample(*variants[1], catalog, asked)


def measure_sample(path: Path, morphology: Path, catalog: pd.DataFrame, asked: pd.DataFrame) -> Galaxies:
    """Return the galaxies of a sample of which the morphology was measured.

    Parameters
    ----------
    path, morphology : Path
        The stamps, and the table of their morphology.
    catalog : DataFrame
        The dataset's.
    asked : DataFrame
        What was asked of the stamps.

    Raises
    ------
    InputError
        If the table is longer than the file of stamps.
    """
    stamps, table = read_stamps(path), read_table(morphology)
    if len(table) > len(stamps):
        raise InputError(f"{morphology}: has {len(table)} rows, {path} has {len(stamps)} stamps")
    rows, units = slice(len(table)), units_of(path, catalog)
    images = stamps.flux() if units.in_flux else stamps.image
    return Galaxies(asked[rows], measure_galaxies(_grey(images[rows]), table, units), units)


def measure_survey(files: MeasuredFiles, catalog: pd.DataFrame, settings: AskedSettings) -> Galaxies:
    """Return held-out galaxies, the reference half first; without noise, where they can be seen so."""
    table = read_table(files.real)
    check_rows(files.real, table, catalog, files.dataset)
    table = pd.concat(split_reference(table, settings.count))
    rows, units = table["row"].to_numpy(), units_of(files.dataset, catalog)
    if without_noise(files.dataset):
        light = _grey(read_truth(files.dataset, rows))
        images = through_psf(light, read_psfs(files.dataset, rows)).astype(np.float64)
    else:
        images = _grey(read_images(files.dataset, rows, stored=units.in_flux))
    if units.in_flux:
        images *= flux_scale(files.dataset)
    asked = conditions_of(catalog.iloc[rows], settings, files.dataset)
    return Galaxies(asked, measure_galaxies(images, table, units), units)


def _grey(images: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the mean of stamps (N, C, H, W) over their channels, (N, H, W)."""
    return np.asarray(images.mean(axis=1, dtype=np.float64))


def units_of(path: Path, catalog: pd.DataFrame) -> Units:
    """Return what is known of the units of a file of stamps, by itself and by the dataset's catalogue."""
    in_flux = read_attributes(path).get("normalization") == FLUX
    stated = read_units(path) if in_flux else {}
    return Units(
        in_flux,
        zero_point=float(stated.get("zero_point", np.nan)),
        pixel_scale=float(stated.get("pixel_scale", common_value(catalog, "pixel_scale"))),
        survey_pixel_scale=common_value(catalog, "survey_pixel_scale"),
    )


def conditions_of(catalog: pd.DataFrame, settings: AskedSettings, path: Path) -> pd.DataFrame:
    """Return the columns of a file's catalogue that galaxies are asked for with.

    Raises
    ------
    InputError
        If one is not there.
    """
    if missing := [name for name in settings.conditions if name not in catalog]:
        raise InputError(
            f"{path}: does not say what was asked ({missing[0]}); remove it to have it made again"
        )
    return catalog[settings.conditions].reset_index(drop=True)


def fitted_galaxies(path: Path, catalog: pd.DataFrame, settings: AskedSettings) -> pd.DataFrame | None:
    """Return what the catalogue says of the galaxies that a control was drawn from; None without any."""
    drawn = read_catalog(path)
    if "identifier" not in drawn or not len(drawn):
        return None
    known = catalog.drop_duplicates("identifier").set_index("identifier")
    return conditions_of(known.loc[drawn["identifier"]].reset_index(), settings, path)
