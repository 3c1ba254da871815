"""Draw the stamps of a control: a generator that is no model."""

from dataclasses import dataclass, replace
from pathlib import Path

import galsim
import numpy as np
import pandas as pd

from galforge.core.command_line import run_entry
from galforge.core.errors import InputError
from galforge.core.seeds import derive_seed
from galforge.core.settings import Section
from galforge.datasets.normalization import FLUX
from galforge.datasets.observing_conditions import read_psfs, read_units
from galforge.datasets.stamp_file import Stamps, read_stamps, write_stamps
from galforge.datasets.stamp_rows import split_rows
from galforge.evaluation.controls import OF_STAMPS, chosen_stamps
from galforge.evaluation.parametric_control import parametric_light, parametric_stamps, usable_fits
from galforge.evaluation.reference_split import stamp_names
from galforge.imaging.rendering import Frame
from galforge.imaging.stamp_psf import through_psf
from galforge.survey.manifest import read_manifest
from galforge.survey.observation import ObservationReader
from galforge.survey.reading import open_survey


@dataclass(frozen=True)
class Files:
    """The dataset, the manifest of its survey for ``control_parametric``, and the stamps that are drawn."""

    dataset: Path
    sample: Path
    survey: Path | None = None


class Settings(Section):
    """Which control, how many stamps, from which seed.

    Attributes
    ----------
    control : str
    count : int
    seed : int
    pixel_scale : float or None
        arcsec, where the dataset's stamps all have the same.
    psf_fwhm : float or None
        arcsec, where the dataset's stamps have a Gaussian PSF.
    """

    control: str
    count: int
    seed: int
    pixel_scale: float | None = None
    psf_fwhm: float | None = None


def main(files: Files, settings: Settings) -> None:
    """Draw the stamps; where the survey does not allow the control, none but the reason."""
    train = read_stamps(files.dataset, "train")
    seed = derive_seed(settings.seed, settings.control)
    reason = ""
    if settings.control in OF_STAMPS:
        rows = chosen_stamps(stamp_names(train.catalog).to_numpy(), settings.count, settings.control)
        sample = Stamps.plain(OF_STAMPS[settings.control](train.image, rows, seed))
    else:
        try:
            sample = draw_fits(train, files, settings, seed)
        except InputError as error:
            # A survey without fits is no reason not to judge the models.
            sample, reason = Stamps.plain(train.image[:0]), str(error)
    attributes = {"dataset": train.attributes["dataset"], "model": settings.control, "reason": reason}
    write_stamps(files.sample, [sample], {**sample.attributes, **attributes})


def draw_fits(train: Stamps, files: Files, settings: Settings, seed: int) -> Stamps:
    """Return the Sersic profiles that were fitted to training stamps, with these galaxies' identifiers."""
    if train.image.shape[1] != 1 or files.survey is None:
        raise InputError("the survey has no images in one band to draw fits as")
    rows = chosen_stamps(train.catalog["identifier"].to_numpy(), len(train), settings.control)
    catalog = train.catalog.iloc[rows]
    if train.attributes.get("normalization") == FLUX:
        return fits_in_flux(files.dataset, usable_fits(catalog)[: settings.count], train.image.shape[-1])
    galsim.set_omp_threads(1)
    described = read_manifest(files.survey)
    survey = open_survey(described)
    survey.check_same(train.catalog)
    observations = ObservationReader(survey.real_cat, described.files)
    fixed = settings.pixel_scale is not None
    frame = Frame(train.image.shape[-1], settings.pixel_scale, settings.psf_fwhm, even_noise=fixed)
    images, identifiers = parametric_stamps(observations, catalog, settings.count, frame, seed)
    return replace(Stamps.plain(images), catalog=pd.DataFrame({"identifier": identifiers}))


def fits_in_flux(dataset: Path, fits: pd.DataFrame, size: int) -> Stamps:
    """Return fits, of these training stamps, in flux: as a model's, through their PSFs and without noise."""
    units = read_units(dataset)
    psfs = read_psfs(dataset, split_rows(dataset, "train")[fits.index])
    scale = float(units.pop("flux_scale"))
    light = parametric_light(fits, size, float(units["pixel_scale"]))
    images = through_psf(light, psfs)[:, None] / np.float32(scale)
    stamps = Stamps.in_flux(images, scale, **units, has_psf=True)
    return replace(stamps, catalog=fits[["identifier"]].reset_index(drop=True))


if __name__ == "__main__":
    run_entry(main)
