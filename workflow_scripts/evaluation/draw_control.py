"""Draw the stamps of a control: a generator that is no model."""

from dataclasses import dataclass
from pathlib import Path

import galsim
import numpy as np
from numpy.typing import NDArray

from galforge.core.command_line import run_entry
from galforge.core.errors import InputError
from galforge.core.seeds import derive_seed
from galforge.core.settings import Section
from galforge.datasets.stamp_file import Stamps, read_stamps, write_stamps
from galforge.evaluation.controls import OF_STAMPS, chosen_stamps
from galforge.evaluation.parametric_control import parametric_stamps
from galforge.evaluation.reference_split import stamp_names
from galforge.imaging.rendering import Frame
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
        images = OF_STAMPS[settings.control](train.image, rows, seed)
    else:
        try:
            images = draw_fits(train, files.survey, settings, seed)
        except InputError as error:
            # A survey without fits is no reason not to judge the models.
            images, reason = np.zeros((0, *train.image.shape[1:]), dtype=np.float32), str(error)
    attributes = {"dataset": train.attributes["dataset"], "model": settings.control, "reason": reason}
    write_stamps(files.sample, [Stamps.plain(images)], attributes)


def draw_fits(train: Stamps, manifest: Path | None, settings: Settings, seed: int) -> NDArray[np.float32]:
    """Return stamps of the Sersic profiles that were fitted to the galaxies of training stamps."""
    if train.image.shape[1] != 1 or manifest is None:
        raise InputError("the survey has no images in one band to draw fits as")
    galsim.set_omp_threads(1)
    described = read_manifest(manifest)
    survey = open_survey(described)
    survey.check_same(train.catalog)
    observations = ObservationReader(survey.real_cat, described.files)
    rows = chosen_stamps(train.catalog["identifier"].to_numpy(), len(train), settings.control)
    frame = Frame(train.image.shape[-1], settings.pixel_scale, settings.psf_fwhm)
    return parametric_stamps(observations, train.catalog.iloc[rows], settings.count, frame, seed)


if __name__ == "__main__":
    run_entry(main)
