"""The settings of a VAE of galaxies without PSF and noise. No torch here."""

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from galforge.core.settings import refuse, setting
from galforge.models.base_settings import NetworkedSettings
from galforge.models.flow_settings import FlowSettings

_LANUSSE = "Lanusse et al. (2021)"


class DeconvolvingVAESettings(NetworkedSettings):
    """The settings of a VAE whose decoder gives light as it would be without PSF and noise."""

    phases: ClassVar[tuple[str, ...]] = ("model", "flow")
    takes_conditions: ClassVar[bool] = True
    in_flux: ClassVar[bool] = True

    likelihood: Literal["pixel", "fourier"] = setting(
        "normal distribution of the residuals: white noise in pixels, or in Fourier space with the power "
        "spectrum of the dataset's noise",
        source=_LANUSSE,
    )
    relative_error: float = setting(
        "fraction of the light that is added in quadrature to a pixel's noise, so that the brightest "
        "galaxies, of which no model gets every pixel right to the noise, do not decide alone",
        source=f"0 in {_LANUSSE}; others are ours",
        ge=0,
        le=1,
    )
    stretch: float | None = setting(
        "pixel x0 beyond which the encoder is given logarithms: arcsinh(x / x0) in place of x",
        unit="noise",
        source=f"null in {_LANUSSE}; the stretch is ours",
        gt=0,
    )
    apodisation: int = setting(
        "width of the border towards which residuals are tapered to nothing, in Fourier space, and in which "
        "light is penalised",
        unit="px",
        source=f"8 in {_LANUSSE}",
        ge=0,
    )
    border_penalty: float = setting(
        "factor on the mean square of the light in that border",
        unit="nats per unit of noise, squared",
        source=f"1 in {_LANUSSE}, in units of flux of which the noise is 0.03",
        ge=0,
    )
    total_variation: float = setting(
        "factor on the sum of absolute differences between neighbouring pixels of the light",
        unit="nats per unit of noise",
        source=f"0.01 in {_LANUSSE}, in units of flux of which the noise is 0.03",
        ge=0,
    )
    free_bits: float = setting(
        "divergence from N(0, 1) that costs nothing, in the mean over the batch",
        unit="nats per latent",
        source=f"4 in {_LANUSSE}",
        ge=0,
    )
    divergence_weight: float = setting("factor on the divergence above that", source=f"1 in {_LANUSSE}", ge=0)
    warmup_steps: int = setting(
        "in which that factor rises linearly from 0", unit="steps", source=f"1,000 in {_LANUSSE}", ge=0
    )
    brightness: Literal["softplus", "sinh"] = setting(
        "what makes light of the decoder's values v: softplus(v), or sinh(softplus(v)), which is exponential "
        "where it is bright",
        source=f"softplus in {_LANUSSE}; sinh is ours",
    )
    flow: FlowSettings = setting("the normalizing flow that latents are drawn from", source=_LANUSSE)

    @model_validator(mode="after")
    def _errors_are_of_pixels(self) -> Self:
        if self.relative_error and self.likelihood == "fourier":
            refuse("0 with the likelihood fourier", key="relative_error", value=self.relative_error)
        return self

    def loss_words(self) -> str:
        """Return what the validation's ``loss`` is, with its unit."""
        return "loss [nats / px] + [nats / latent]"
