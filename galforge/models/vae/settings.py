"""The settings of a variational autoencoder. No torch here."""

from typing import ClassVar, Final, Literal, Self

from pydantic import model_validator

from galforge.core.settings import refuse, setting
from galforge.models.base_settings import NetworkedSettings
from galforge.models.flow_settings import FlowSettings
from galforge.networks.base_settings import StrictSection

# The largest variance of a posterior, as its logarithm (its width is 20 times the prior's); a guard of ours.
# A decoder that begins with batch normalization sees the latents of a batch relative to each other only, so
# a network that nothing holds to the prior (Eq. 8 above its bound) can learn at first to blow up a few
# stamps' latents and show the average galaxy for all the others. With some seeds it then went on until the
# variance overflowed. Stopped here, and far above what a posterior is in any training that goes well, it
# comes back.
LARGEST_LOG_VARIANCE: Final = 6.0


class Reconstruction(StrictSection):
    """How the error of a reconstruction is computed, R in the loss R + w D."""

    loss: Literal["bernoulli", "l1", "mse", "gaussian"] = setting(
        "bernoulli: binary cross-entropy; l1, mse: absolute and squared difference; gaussian: likelihood of "
        "a normal distribution whose width gamma is learned with the network",
        source="bernoulli: Danilov (2020), Eq. 3; gaussian: Dai & Wipf (2019)",
    )
    pixel_range: float = setting(
        "what 1 stands for in the differences: 255 where a paper computed the error on 8-bit values", gt=0
    )
    output: Literal["sigmoid", "linear"] = setting(
        "what the decoder ends with; after linear, negative light is cut off and each sample is divided by "
        "its maximum",
        source="linear: Goupil (2020)",
    )

    @model_validator(mode="after")
    def _has_a_cross_entropy(self) -> Self:
        if self.loss == "bernoulli" and self.output != "sigmoid":
            # There is no cross-entropy of what is not cut off at 0 and 1.
            refuse("sigmoid", key="output", value=self.output)
        return self

    def words(self) -> str:
        """Return what a loss with this error is, with its unit."""
        if self.loss in ("bernoulli", "gaussian"):
            return "loss [nats / px]"
        unit = "range" if self.pixel_range == 1 else f"range / {self.pixel_range:g}"
        return f"loss [{unit} / px]" if self.loss == "l1" else f"loss [({unit})² / px]"


class Divergence(StrictSection):
    """How much the divergence of the posterior from N(0, 1) weighs, w D in the loss R + w D."""

    weight: float = setting("factor on the divergence", source="0.01 and 1 in Danilov (2020)", ge=0)
    per: Literal["pixel", "image", "batch"] = setting(
        "what is weighted: the mean over the batch divided by the pixels, that mean, or the batch's sum",
        source="pixel: Danilov (2020); image: Goupil (2020); batch: Laisney, Lalou & Marmet",
    )
    bound: float | None = setting(
        "most that the divergence of an image counts",
        unit="nats",
        source="4 to 64 in Danilov (2020), Eq. 8",
        gt=0,
    )


class Posterior(StrictSection):
    """How latents are drawn while a variational autoencoder is trained."""

    noise: Literal["normal", "uniform"] = setting(
        "what is drawn for mean + deviation * noise: N(0, 1), or numbers between 0 and 1",
        source="uniform: the published code of Laisney, Lalou & Marmet",
        default="normal",
    )
    largest_log_variance: float | None = setting(
        "log variances above it count as it, with their gradient as it was; a guard of ours against a "
        "divergence that Danilov (2020) reports; null: none",
        default=LARGEST_LOG_VARIANCE,
    )


class VAESettings(NetworkedSettings):
    """The settings of a variational autoencoder."""

    phases: ClassVar[tuple[str, ...]] = ("model", "flow")
    takes_conditions: ClassVar[bool] = True

    reconstruction: Reconstruction = setting("error of the reconstruction")
    divergence: Divergence = setting("divergence of the latents' posterior from N(0, 1)")
    posterior: Posterior = setting("draws of latents in training", default=Posterior())
    sampler: Literal["prior", "gaussian", "flow"] = setting(
        "what latents of new stamps are drawn from: N(0, 1), the normal distribution with the mean and "
        "covariance of the training stamps' latents, or a normalizing flow that is trained on these latents",
        source="prior: all papers; gaussian: Ghosh et al. (2020); flow: Lanusse et al. (2021)",
    )
    flow: FlowSettings | None = setting("the flow of the sampler of that name", default=None)

    @model_validator(mode="after")
    def _has_its_flow(self) -> Self:
        if self.sampler == "flow" and self.flow is None:
            refuse("a mapping that describes the flow, where sampler is flow", key="flow", value=None)
        return self

    def loss_words(self) -> str:
        """Return what the validation's ``loss`` is, with its unit."""
        return self.reconstruction.words()
