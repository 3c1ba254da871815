"""The section ``lenses``: lensed galaxies, and the networks that look for the sources behind them."""

from typing import Annotated, Final

from pydantic import AfterValidator, Field

from galforge.core.settings import Section, refuse, setting
from galforge.models.placement import Placement

VALIDATION_SHARE: Final = 0.1  # of the training lenses, and of the galaxies behind them

Radius = Annotated[float, Field(gt=0)]


def _ascending(ends: tuple[float, float]) -> tuple[float, float]:
    if ends[0] > ends[1]:
        refuse("least, then largest")
    return ends


class Lenses(Section):
    """Sources of a model, of the survey and of Sersic fits behind isothermal ellipsoids with shear."""

    count: int = setting("lenses that a network is trained on, of each kind of source", ge=20, default=2000)
    held_out: int = setting("lenses of the survey's test galaxies that they are judged on", ge=2, default=200)
    einstein_radius: Annotated[tuple[Radius, Radius], AfterValidator(_ascending)] = setting(
        "least and largest", unit="arcsec", default=(0.6, 1.1)
    )
    least_axis_ratio: float = setting(
        "minor over major axis of a lens's mass, up to 1", gt=0.1, le=1, default=0.6
    )
    largest_shear: float = setting("external shear", ge=0, lt=0.3, default=0.05)
    offset: float = setting("farthest source from the middle of its lens", unit="arcsec", ge=0, default=0.3)
    source_scale: float = setting(
        "sources are so much smaller than the survey's galaxies, at their surface brightness", gt=0, le=1,
        default=0.5,
    )  # fmt: skip
    epochs: int = setting("of the training of each network", ge=1, default=20)
    batch_size: int = setting("lenses per step", ge=2, default=32)
    learning_rate: float = setting("of Adam", gt=0, default=1e-3)


def trained_on(count: int) -> int:
    """Return how many training lenses, the first, are trained on; the others are for validation."""
    return round((1 - VALIDATION_SHARE) * count)


class LensesOfSources(Placement):
    """Settings of the stages that draw lenses and train on them: which lenses, of which kind of sources."""

    lenses: Lenses
    sources: str
    seed: int
