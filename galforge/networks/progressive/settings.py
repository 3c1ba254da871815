"""The settings of the growing networks of Dia et al. (2019). No torch here."""

from typing import ClassVar, Final, Literal

from galforge.core.settings import setting
from galforge.networks.base_settings import NetworkSettings

SMALLEST: Final = 4  # px, side of the smallest maps, with which the growth begins


class ProgressiveSettings(NetworkSettings):
    """The settings of the growing networks of Dia et al. (2019)."""

    stamp_sizes: ClassVar[tuple[int, ...] | None] = (32, 64, 128)
    stamp_channels: ClassVar[tuple[int, ...] | None] = (1, 3)

    latent_size: int = setting("components of a latent", source="256 in Dia et al. (2019)", ge=1)
    channels: int = setting("channels of the maps of 4 x 4 px", source="256 in Dia et al. (2019)", ge=16)
    resampling: Literal["pixels", "convolutions"] = setting(
        "how maps change their size: pixels are repeated and averaged, or convolutions of 4 x 4 do it, "
        "transposed and with stride 2",
        source="both in Dia et al. (2019), Table 1",
        default="pixels",
    )
