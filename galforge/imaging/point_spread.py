"""The PSF that galaxies are drawn with, for the configuration and the stage that draws. No GalSim here."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from galforge.core.settings import Section, refuse, setting


class OriginalPsf(Section):
    """Each galaxy with the PSF that it was observed with."""

    kind: Literal["original"]
    fwhm: ClassVar[None] = None


class GaussianPsf(Section):
    """A Gaussian in place of the PSF that a galaxy was observed with."""

    kind: Literal["gaussian"]
    # Narrower, the noise grows: at 0.03" pixels 0.84 times the original's at 0.12", but 1.8 times
    # at 0.10" (the width of HST's own PSF) and 140 times at 0.03" (20 galaxies of BlendingToolKit).
    fwhm: float = setting("full width at half maximum", unit="arcsec", ge=0.12, le=5)


def _not_without_psf(psf: Any) -> Any:
    if isinstance(psf, dict) and "kind" in psf and str(psf["kind"]).lower() == "none":
        reason = "none: noise that is deconvolved and not convolved again explodes"
        refuse(f"original, gaussian ({reason})", key="kind", value=psf["kind"])
    return psf


Psf = Annotated[OriginalPsf | GaussianPsf, Field(discriminator="kind"), BeforeValidator(_not_without_psf)]
