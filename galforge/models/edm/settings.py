"""The settings of a diffusion model. No torch here."""

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from galforge.core.settings import refuse, setting
from galforge.models.base_settings import DenoisingSettings
from galforge.networks.base_settings import StrictSection

_KARRAS = "Karras et al. (2022)"


class NoiseLevels(StrictSection):
    """The noise that stamps are trained with: the logarithm of its standard deviation is normal."""

    mean: float = setting(
        "mean of ln sigma, where the stamps' own standard deviation is 0.5",
        source=f"-1.2 in {_KARRAS}; 0 in Esser et al. (2024), for flow, counted from 0.5",
        ge=-10,
        le=10,
    )
    deviation: float = setting(
        "standard deviation of ln sigma",
        source=f"1.2 in {_KARRAS}; 1 in Esser et al. (2024), for flow",
        gt=0,
        le=5,
    )


class Sampler(StrictSection):
    """Heun's method from the highest noise level to none, Algorithm 1 of Karras et al. (2022)."""

    steps: int = setting(
        "steps, of two evaluations of the network each, one in the last",
        source=f"18 at 32 px, 40 at 64 px in {_KARRAS}",
        ge=1,
        le=1000,
    )
    sigma_min: float = setting("lowest noise level above none", source=f"0.002 in {_KARRAS}", gt=0)
    sigma_max: float = setting("highest noise level", source=f"80 in {_KARRAS}", gt=0)
    rho: float = setting(
        "how closely the levels lie at the low end: sigma ** (1 / rho) falls in even steps",
        source=f"7 in {_KARRAS}, Eq. 5",
        ge=1,
        le=100,
    )

    @model_validator(mode="after")
    def _falls(self) -> Self:
        if self.sigma_min >= self.sigma_max:
            refuse("more than sigma_min", key="sigma_max", value=self.sigma_max)
        return self


class Guidance(StrictSection):
    """Conditions that are exaggerated (classifier-free guidance)."""

    withheld: float = setting(
        "probability that all conditions of a stamp are withheld together in training, beside those that the "
        "run withholds one by one",
        source="0.1 to 0.2 in Ho & Salimans (2022)",
        gt=0,
        lt=1,
    )
    factor: float = setting(
        "on the difference that conditions make to a denoised stamp, in sampling: 1 leaves it; others double "
        "the time",
        source="1 + w in Ho & Salimans (2022)",
        ge=0,
        le=20,
    )


class EDMSettings(DenoisingSettings):
    """The settings of a diffusion model."""

    takes_conditions: ClassVar[bool] = True
    walks: ClassVar[bool] = True

    objective: Literal["edm", "flow"] = setting(
        "what the network learns: a mixture of stamp and noise that changes with the noise level, or "
        "everywhere noise less stamp, the velocity of a straight path between the two (flow matching)",
        source=f"edm: {_KARRAS}, Table 1; flow: Lipman et al. (2023), Liu et al. (2023)",
    )
    noise: NoiseLevels = setting("the noise levels of the training")
    stretch: float | None = setting(
        "pixel x0 beyond which the network sees logarithms: arcsinh(x / x0) in place of x, and its samples "
        "are stretched back; null for none",
        unit="the stamps' range",
        source="ours",
        gt=0,
    )
    whitening: float = setting(
        "power of the stamps' mean power spectrum by which their Fourier modes are divided before the "
        "network sees them: with 0 they are not, with 1 all have the same variance, so that each is learnt "
        "to its own scale; samples are filtered back",
        source="ours",
        ge=0,
        le=1,
    )
    learned_weights: bool = setting(
        "whether the loss at each noise level is divided by what it usually is there, which is learnt with "
        "the network",
        source="Karras et al. (2024), Eq. 14; Kendall et al. (2018)",
    )
    sampler: Sampler = setting("how stamps are drawn")
    rescaled: bool = setting(
        "whether each sample is scaled to span 0 to 1, as each stamp does; otherwise what lies beyond is "
        "cut off",
        source="ours",
    )
    guidance: Guidance | None = setting(
        "what makes conditions count for more than the training taught; without conditions no effect",
        source="Ho & Salimans (2022)",
        default=None,
    )

    def loss_words(self) -> str:
        """Return what the validation's ``loss`` is, with its unit."""
        return "weighted squared error, of stamps scaled to σ = 0.5"
