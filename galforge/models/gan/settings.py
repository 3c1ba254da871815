"""The settings of a GAN. No torch here."""

from typing import Literal

from galforge.core.settings import setting
from galforge.models.base_settings import AdversarialSettings


class GANSettings(AdversarialSettings):
    """The settings of a GAN; its networks give logits."""

    output: Literal["tanh", "sigmoid"] = setting(
        "what the generator ends with, and with it the range of the stamps that both networks work in: "
        "[-1, 1] with tanh, [0, 1] with sigmoid"
    )
    fake: Literal["generator", "noise"] = setting(
        "what the discriminator learns to reject: generated stamps, or uniform noise in their place; it then "
        "learns to tell galaxies from noise, and any smooth dark picture passes",
        source="noise: the published code of Laisney, Lalou & Marmet",
    )
    smoothing: float = setting(
        "the discriminator's targets are uniform in [1 - smoothing, 1] and [0, smoothing]",
        source="0.15 in the published code of Laisney, Lalou & Marmet, whose targets are swapped, 0 for real",
        ge=0,
        lt=0.5,
    )
    instance_noise: float = setting(
        "standard deviation, at the start, of the normal noise on all that the discriminator is shown; it "
        "falls to 0 in proportion to the steps. Where real and generated stamps hardly overlap, the "
        "discriminator is otherwise right too soon",
        unit="the stamps' range",
        source="Sønderby et al. (2017); Arjovsky & Bottou (2017)",
        ge=0,
    )

    def loss_words(self) -> str:
        """Return what the validation's ``loss`` is, with its unit."""
        return "generator's loss [nats]"
