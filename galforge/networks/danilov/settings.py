"""The settings of the encoder and decoder of Danilov (2020). No torch here."""

from typing import ClassVar, Literal

from galforge.core.settings import setting
from galforge.networks.base_settings import NetworkSettings


class DanilovSettings(NetworkSettings):
    """The settings of the encoder and decoder of Danilov (2020)."""

    stamp_sizes: ClassVar[tuple[int, ...] | None] = (64,)
    stamp_channels: ClassVar[tuple[int, ...] | None] = (1, 3)

    latent_size: int = setting("components of a latent", source="64 in Danilov (2020)", ge=1)
    batch_normalization: bool = setting(
        "between the inner convolutions",
        source="Danilov (2020), section 3.5, where training takes 4 to 5 days without, 8 hours with",
        default=True,
    )
    initialization: Literal["he", "constant"] = setting(
        "how the convolutions' weights start: He normal (the last Xavier normal), or all with one value",
        source="constant: Danilov (2020), section 3.9, where it explodes",
        default="he",
    )
