"""The settings of a progressively grown Wasserstein GAN. No torch here."""

from galforge.core.settings import setting
from galforge.models.base_settings import AdversarialSettings


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
