"""What ``probe_latents`` tries: part of the section ``latents``. No torch here."""

from typing import Annotated

from pydantic import Field

from galforge.core.settings import EachOnce, Section, setting


class LatentTrials(Section):
    """Traversals, and stamps that are turned and made noisier."""

    traversed: int = setting("latents drawn from -3 to 3 standard deviations", ge=1, le=64)
    galaxies: int = setting("held-out stamps that are turned and made noisier", ge=1, le=1000)
    angles: Annotated[list[Annotated[float, Field(gt=0, lt=360)]], EachOnce] = setting(
        "by which they are turned", unit="degrees", min_length=1
    )
    snr: Annotated[list[Annotated[float, Field(gt=0)]], EachOnce] = setting(
        "signal-to-noise ratios that white noise is added down to",
        source="Danilov (2020), Eq. 2, Fig. 12",
        min_length=1,
    )
