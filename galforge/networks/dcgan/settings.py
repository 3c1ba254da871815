"""The settings of the networks of a DCGAN. No torch here."""

from typing import ClassVar

from galforge.core.settings import setting
from galforge.networks.base_settings import NetworkSettings


class DCGANSettings(NetworkSettings):
    """The settings of the networks of a DCGAN."""

    stamp_sizes: ClassVar[tuple[int, ...] | None] = (64, 128)
    stamp_channels: ClassVar[tuple[int, ...] | None] = (1, 3)

    latent_size: int = setting("components of a latent", source="100 in PyTorch's example", ge=1)
    filters: int = setting("filters next to the stamp", source="64 in PyTorch's example", ge=1)
