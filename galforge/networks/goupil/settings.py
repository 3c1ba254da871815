"""The settings of the convolutional networks of Goupil (2020). No torch here."""

from typing import Annotated, ClassVar, Literal

from galforge.core.settings import setting
from galforge.networks.base_settings import AsInteger, NetworkSettings


class GoupilSettings(NetworkSettings):
    """The settings of the convolutional networks of Goupil (2020)."""

    stamp_sizes: ClassVar[tuple[int, ...] | None] = (64, 128)
    stamp_channels: ClassVar[tuple[int, ...] | None] = (1, 3)

    layers: Annotated[Literal[3, 8], AsInteger] = setting(
        "convolutions on either side", source="both in Goupil (2020)"
    )
    latent_size: int = setting("components of a latent", source="20 in Goupil (2020)", ge=1)
    filters: int = setting("filters of the first layer", source="not in Goupil (2020)", ge=1)
