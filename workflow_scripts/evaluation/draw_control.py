"""Draw the stamps of a control: a generator that is no model."""

from dataclasses import dataclass
from pathlib import Path

import galsim
import numpy as np

from galforge.core.command_line import argument_parser, parse_settings, run_entry, strict
from galforge.core.errors import InputError
from galforge.core.seeds import derive_seed
from galforge.datasets.stamp_file import Stamps, read_stamps, write_stamps
from galforge.evaluation.controls import OF_STAMPS, chosen_stamps
from galforge.evaluation.parametric_control import parametric_stamps
from galforge.evaluation.reference_split import stamp_names
from galforge.imaging.rendering import Frame
from galforge.survey.manifest import read_manifest
from galforge.survey.observation import ObservationReader
from galforge.survey.reading import open_survey


@strict
@dataclass(frozen=True)
class Settings:
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


def main() -> None:
    """Run the stage."""
    parser = argument_parser(__doc__)
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--survey", type=Path, help="the survey's manifest, for control_parametric")
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    settings = parse_settings(Settings, arguments.settings)

    train = read_stamps(arguments.dataset, "train")
    seed = derive_seed(settings.seed, settings.control)
    reason = ""
    if settings.control in OF_STAMPS:
        rows = chosen_stamps(stamp_names(train.catalog).to_numpy(), settings.count, settings.control)
        images = OF_STAMPS[settings.control](train.image, rows, seed)
    else:
        try:
            images = _parametric(train, arguments.survey, settings, seed)
        except InputError as error:
            # A survey without fits is no reason not to judge the models.
            images, reason = np.zeros((0, *train.image.shape[1:]), dtype=np.float32), str(error)
    attributes = {"dataset": train.attributes["dataset"], "model": settings.control, "reason": reason}
    write_stamps(arguments.output, [Stamps.plain(images)], attributes)


def _parametric(train: Stamps, manifest: Path | None, settings: Settings, seed: int) -> np.ndarray:
    if train.image.shape[1] != 1 or manifest is None:
        raise InputError("the survey has no images in one band to draw fits as")
    galsim.set_omp_threads(1)
    described = read_manifest(manifest)
    observations = ObservationReader(open_survey(described).real_cat, described.files)
    rows = chosen_stamps(train.catalog["identifier"].to_numpy(), len(train), settings.control)
    frame = Frame(train.image.shape[-1], settings.pixel_scale, settings.psf_fwhm)
    return parametric_stamps(observations, train.catalog.iloc[rows], settings.count, frame, seed)


if __name__ == "__main__":
    run_entry(main)
