"""The sections ``preprocessing`` and ``datasets``: how stamps are made from a survey, and which are kept."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from galforge.core.settings import Section, refuse, setting


class Preprocessing(Section):
    """How a picture becomes a stamp: cropped, then resized to the dataset's ``stamps.size``."""

    description: str = setting("what it is, and whose")
    border: int = setting("taken off every edge", unit="px", ge=0)
    side: int | None = setting("of the central square that is kept, in place of a border", unit="px", ge=1)
    channels: Literal[1, 3] = setting("of the stamps: 1 makes them grey")
    filter: Literal["box", "bilinear", "bicubic", "lanczos"] = setting("antialiasing filter of the resizing")


class OriginalPsf(Section):
    """Each galaxy with the PSF that it was observed with."""

    kind: Literal["original"]


class GaussianPsf(Section):
    """A Gaussian in place of the PSF that a galaxy was observed with."""

    kind: Literal["gaussian"]
    # Narrower, the noise grows: at 0.03" pixels 0.84 times the original's at 0.12", but 1.8 times
    # at 0.10" (the width of HST's own PSF) and 140 times at 0.03" (20 galaxies of BlendingToolKit).
    fwhm: float = setting("full width at half maximum", unit="arcsec", ge=0.12, le=5)


def _not_without_psf(psf: Any) -> Any:
    if isinstance(psf, dict) and str(psf.get("kind")).lower() == "none":
        reason = "none: noise that is deconvolved and not convolved again explodes"
        refuse(f"original, gaussian ({reason})", key="kind", value=psf["kind"])
    return psf


Psf = Annotated[OriginalPsf | GaussianPsf, Field(discriminator="kind"), BeforeValidator(_not_without_psf)]


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
        "of the stamps; Lanusse et al. have 128 px at 0.03",
        unit="arcsec",
        source="Lanusse et al. (2021)",
        ge=0.01,
        le=1,
    )
    psf: Psf = setting("what the galaxy is convolved with")


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
    ] = setting("of the pixels in the file; models always see [0, 1]")


Stamps = Annotated[FitStamps | FixedStamps | PictureStamps, Field(discriminator="mode")]


class Limits(Section):
    """Both ends of a range; null, or left out, for none."""

    minimum: float | None = setting("least value that is kept", default=None)
    maximum: float | None = setting("largest value that is kept", default=None)


class Selection(Section):
    """Which stamps are kept."""

    minimum_count: int = setting("fewer stamps stop the run before training", ge=10)
    limits: dict[str, Limits] = setting("column of the catalogue to the values that are kept, in this order")


class Split(Section):
    """Sides of the split: fractions below 1, or whole numbers of stamps, in the order of a hash."""

    validation: float = setting("fraction or number of stamps", gt=0)
    test: float = setting("fraction or number of stamps", gt=0)
    train: int = setting("number of stamps; the rest by default", ge=1, default=None)


class Augmentation(Section):
    """How training stamps are varied, anew for each batch; colours never are."""

    flips: bool = setting("mirror half of them")
    rotation: Literal["none", "right_angles", "free"] = setting("by which angles they are turned")
    translation: float = setting("largest shift, of the stamp's width", ge=0, le=0.25)


class Dataset(Section):
    """Stamps made from one survey."""

    description: str = setting("for the report and the data card")
    survey: str = setting("one of the section surveys")
    stamps: Stamps = setting("how they are made")
    selection: Selection = setting("which are kept")
    split: Split = setting("which are for validation and test")
    augmentation: Augmentation = setting("none by default", default=None)
