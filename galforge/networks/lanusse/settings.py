"""The settings of the encoder and decoder of Lanusse et al. (2020). No torch here."""

from typing import ClassVar

from galforge.core.settings import setting
from galforge.networks.base_settings import NetworkSettings

MOST_CHANNELS = 4096


class LanusseSettings(NetworkSettings):
    """The settings of the residual encoder and decoder of Lanusse et al. (2020)."""

    # A power of two, which halves down to a single pixel.
    stamp_sizes: ClassVar[tuple[int, ...] | None] = (32, 64, 128, 256)

    latent_size: int = setting("components of a latent", source="16 in Lanusse et al. (2020)", ge=1, le=1024)
    channels: int = setting(
        "channels at the full size of a stamp; each halving of the size doubles them",
        source="16 in Lanusse et al. (2020)",
        ge=1,
        le=MOST_CHANNELS,
    )
    maximum_channels: int = setting(
        "most channels", source="512 in Lanusse et al. (2020)", ge=1, le=MOST_CHANNELS
    )
    residual_layers: int = setting(
        "convolutions beside each change of size, whose sum with their input goes on",
        source="2 in Lanusse et al. (2020)",
        ge=0,
        le=16,
    )
    dropout: float = setting(
        "share of the residual convolutions' values that is dropped while training",
        source="0.1 in Lanusse et al. (2020)",
        ge=0,
        lt=1,
    )
    uses_psf: bool = setting(
        "whether the encoder is given the PSF of a stamp beside the stamp",
        source="true in Lanusse et al. (2020)",
    )
