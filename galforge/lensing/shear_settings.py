"""The section ``shear``: how a shear measurement is tried on real, generated and parametric galaxies."""

from typing import Annotated

from pydantic import Field

from galforge.core.settings import Section, setting

Distortion = Annotated[float, Field(gt=-0.5, lt=0.5)]


class Shear(Section):
    """Known shears of the survey's own galaxies, a model's and single-Sersic fits, measured by galsim.hsm."""

    count: int = setting("galaxies, each of the three kinds", ge=2, default=2000)
    shear: float = setting("g1 that is applied, with both signs", gt=0, le=0.1, default=0.02)
    pixel_scale: float = setting("of the images that are measured", unit="arcsec", gt=0, default=0.2)
    size: int = setting("side of these images", unit="px", ge=16, le=512, default=64)
    psf_fwhm: float = setting(
        "of the Kolmogorov PSF that they are seen through", unit="arcsec", gt=0, default=0.7
    )
    psf_shear: tuple[Distortion, Distortion] = setting("g1 and g2 of the PSF", default=(0.03, -0.01))
    least_resolution: float = setting(
        "galaxies of less are left out: resolution factor of re-Gaussianization, mean over the images of a "
        "galaxy",
        source="Mandelbaum et al. (2018), arXiv:1705.06745",
        ge=0,
        lt=1,
        default=1 / 3,
    )
