"""The settings of the networks of the GAN of Laisney, Lalou & Marmet. No torch here."""

from typing import Annotated, ClassVar, Literal

from galforge.core.settings import setting
from galforge.networks.base_settings import AsInteger, NetworkSettings


class LaisneyGANSettings(NetworkSettings):
    """The settings of the networks of the GAN of Laisney, Lalou & Marmet."""

    stamp_sizes: ClassVar[tuple[int, ...] | None] = (28,)
    stamp_channels: ClassVar[tuple[int, ...] | None] = (1, 3)

    latent_size: int = setting(
        "components of a latent", source="6,272 in the published code of Laisney, Lalou & Marmet", ge=1
    )
    filters: int = setting(
        "filters of the generator; the discriminator's go with them",
        source="128 in the published code of Laisney, Lalou & Marmet",
        ge=4,
    )
    kernel_size: Annotated[Literal[1, 3], AsInteger] = setting(
        "side of the filters after the generator's enlargements",
        unit="px",
        source="1 in the published code of Laisney, Lalou & Marmet",
    )
