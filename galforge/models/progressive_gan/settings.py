"""The settings of a progressively grown Wasserstein GAN. No torch here."""

import math

from galforge.core.settings import setting
from galforge.models.base_settings import AdversarialSettings
from galforge.networks.progressive.settings import SMALLEST


class ProgressiveGANSettings(AdversarialSettings):
    """The settings of a progressively grown Wasserstein GAN."""

    growth_share: float = setting(
        "share of the steps in which the networks grow to their full size",
        source="0.4, after the losses of Dia et al. (2019)",
        gt=0,
        lt=1,
    )
    penalty: float = setting(
        "weight of the gradient penalty", source="10 in Gulrajani et al. (2017), Karras et al. (2018)", ge=0
    )
    drift: float = setting(
        "weight of the critic's squared output for real stamps", source="0.001 in Karras et al. (2018)", ge=0
    )

    def loss_words(self) -> str:
        """Return what the validation's ``loss`` is, with its unit."""
        return "critic's distance [its units]"

    def marks(self, image_shape: tuple[int, int, int]) -> dict[float, str]:
        """Return when each size that the networks grow to is there as a whole."""
        levels = int(math.log2(image_shape[1] // SMALLEST))
        return {
            self.growth_share * level / levels: f"{SMALLEST * 2**level} px" for level in range(1, levels + 1)
        }
