"""The settings of a two-stage VAE. No torch here."""

from typing import ClassVar, Literal

from galforge.core.settings import setting
from galforge.models.base_settings import NetworkedSettings
from galforge.models.vae.settings import Divergence, Posterior, Reconstruction


class TwoStageVAESettings(NetworkedSettings):
    """The settings of a two-stage VAE; the networks are those of the first stage."""

    phases: ClassVar[tuple[str, ...]] = ("first", "second")
    takes_conditions: ClassVar[bool] = True

    reconstruction: Reconstruction = setting("error of the first stage's reconstruction")
    divergence: Divergence = setting("divergence of the first stage's posterior from N(0, 1)")
    posterior: Posterior = setting("draws of the first stage's latents in training", default=Posterior())
    second_latent_size: int = setting(
        "dimension of u, the second stage's latent",
        source="that of the first stage's in Dai & Wipf (2019)",
        ge=1,
    )
    second_hidden_size: int = setting(
        "units of each dense layer on either side of the second stage",
        source="1,024 in Dai & Wipf (2019)",
        ge=1,
    )
    second_layers: int = setting(
        "dense layers on either side of the second stage",
        source="3 in Dai & Wipf (2019)",
        ge=1,
        le=8,
        default=3,
    )
    second_input: Literal["draws", "means"] = setting(
        "what the second stage learns of the first one's posteriors; on means its samples are latents that "
        "the first decoder has never seen",
        source="draws: Dai & Wipf (2019); means: a failure as that of Goupil (2020), Fig. 7",
        default="draws",
    )
    second_share: float = setting(
        "share of all steps that the second stage gets",
        source="2/3 in Dai & Wipf (2019): 400 and 800 epochs",
        gt=0,
        lt=1,
    )

    def loss_words(self) -> str:
        """Return what the validation's ``loss`` is, with its unit."""
        return f"{self.reconstruction.words()} + [nats / latent]"
