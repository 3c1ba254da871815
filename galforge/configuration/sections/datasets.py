"""The sections ``preprocessing`` and ``datasets``: how stamps are made from a survey, and which are kept."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from galforge.configuration.sections.common import Parameter
from galforge.core.settings import EachOnce, Section, refuse, setting
from galforge.datasets.columns import STATMORPH
from galforge.datasets.limits import Limits
from galforge.datasets.split import Split
from galforge.imaging.point_spread import Psf
from galforge.pictures.preprocessing_settings import PreprocessingSettings
from galforge.training.augmentation_settings import Augmentation


class _Described(Section):
    description: str = setting("what it is, and whose")


# Of these bases the last has its keys first.
class Preprocessing(PreprocessingSettings, _Described):
    """How a picture becomes a stamp: cropped, then resized to the dataset's ``stamps.size``."""


class _Stamps(Section):
    size: int = setting("side of a stamp", unit="px", ge=16, le=512)
    shards: int = setting(
        "jobs that the work is cut into; the dataset is the same for any number", ge=1, le=10000
    )
    maximum_failed_fraction: float = setting("galaxies that may fail before the run stops", ge=0, le=1)


class FitStamps(_Stamps):
    """Each galaxy is rescaled to fill its stamp, never cropped."""

    mode: Literal["fit"] = setting("rescale each galaxy to fill its stamp", source="Danilov (2020), Eq. 1")
    psf: Psf = setting("what the galaxy is convolved with")


class FixedStamps(_Stamps):
    """One pixel scale for all galaxies, for work with fluxes and sizes."""

    mode: Literal["fixed"] = setting("one pixel scale for all galaxies")
    pixel_scale: float = setting(
        "pixel scale of the stamps; Lanusse et al. have 128 px at 0.03",
        unit="arcsec",
        source="Lanusse et al. (2021)",
        ge=0.01,
        le=1,
    )
    psf: Psf = setting("what the galaxy is convolved with")
    truth: bool = setting(
        "also keep the galaxies' light without PSF and noise; simulated surveys in flux only",
        default=False,
    )


def _a_range(value: list[float]) -> list[float]:
    if value not in ([0, 1], [-1, 1]):
        refuse("[0, 1], [-1, 1]")
    return value


class PictureStamps(_Stamps):
    """Stamps cut from pictures."""

    mode: Literal["picture"] = setting("crop and resize a picture")
    preprocessing: str = setting("one of the section preprocessing")
    value_range: Annotated[
        list[float], AfterValidator(_a_range), WithJsonSchema({"enum": [[0, 1], [-1, 1]]})
    ] = setting("range of the pixels in the file; models always see [0, 1]")


Stamps = Annotated[FitStamps | FixedStamps | PictureStamps, Field(discriminator="mode")]


class Selection(Section):
    """Which stamps are kept."""

    minimum_count: int = setting("fewer stamps stop the run before training", ge=10)
    limits: dict[str, Limits] = setting("column of the catalogue to the values that are kept, in this order")


class Dataset(Section):
    """Stamps made from one survey."""

    description: str = setting("for the report and the data card")
    survey: str = setting("one of the section surveys")
    stamps: Stamps = setting("how they are made")
    normalization: Literal["range", "flux"] = setting(
        "range: each stamp scaled to [0, 1] by its own minimum and maximum; flux: all in one unit, the noise "
        "of a pixel, with their PSFs and noise beside them (stamps.mode fixed only)",
        default="range",
    )
    morphology: Annotated[list[Parameter], EachOnce] = setting(
        "what statmorph measures of every stamp, for models to be asked for: columns of the catalogue whose "
        f"names begin with {STATMORPH}",
        default=[],
    )
    selection: Selection = setting("which are kept")
    split: Split = setting("which are for validation and test")
    augmentation: Augmentation = setting("none by default", default=None)
