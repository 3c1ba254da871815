"""The settings of the encoder and decoder of Danilov (2020). No torch here."""

from typing import ClassVar

from galforge.core.settings import setting
from galforge.networks.base_settings import NetworkSettings


class DanilovSettings(NetworkSettings):
    """The settings of the encoder and decoder of Danilov (2020)."""

    stamp_sizes: ClassVar[tuple[int, ...] | None] = (64,)
    stamp_channels: ClassVar[tuple[int, ...] | None] = (1, 3)

    latent_size: int = setting("components of a latent", source="64 in Danilov (2020)", ge=1)
