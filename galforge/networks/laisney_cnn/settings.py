"""The settings of the convolutional network of Laisney, Lalou & Marmet. No torch here."""

from typing import ClassVar

from galforge.core.settings import setting
from galforge.networks.base_settings import NetworkSettings


class LaisneyCNNSettings(NetworkSettings):
    """The settings of the convolutional network of Laisney, Lalou & Marmet."""

    stamp_sizes: ClassVar[tuple[int, ...] | None] = (64,)
    stamp_channels: ClassVar[tuple[int, ...] | None] = (1, 3)

    latent_size: int = setting("components of a latent", source="12 in Laisney, Lalou & Marmet", ge=1)
    dropout: float = setting("share of the input that is dropped while training", ge=0, lt=1)
