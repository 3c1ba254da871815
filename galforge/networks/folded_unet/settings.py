"""The settings of a U-Net on folded stamps. No torch here."""

from typing import Annotated, ClassVar

from pydantic import Field

from galforge.core.settings import setting
from galforge.networks.base_settings import DenoiserSettings

LARGEST_CHANNELS = 1024


class FoldedUNetSettings(DenoiserSettings):
    """The settings of a U-Net on folded stamps."""

    stamp_sizes: ClassVar[tuple[int, ...] | None] = (28, 32, 64, 128)
    stamp_channels: ClassVar[tuple[int, ...] | None] = (1, 3)

    fold: int = setting(
        "side of the blocks of pixels that become channels (pixel unshuffle) before the U-Net, and pixels "
        "again after it; 1 folds nothing",
        unit="px",
        source="ours",
        ge=1,
        le=16,
    )
    thin_channels: int = setting(
        "channels of the convolutions at the stamp's full resolution on either side of the fold, without "
        "which the blocks show in the samples' power spectra; 0 for none",
        source="ours",
        ge=0,
        le=64,
    )
    channels: tuple[Annotated[int, Field(ge=4, le=LARGEST_CHANNELS)], ...] = setting(
        "channels at each level of the U-Net, the finest first; each level has half of the side of the one "
        "before it",
        source="[128, 256, 256, 256] at 64 px in Karras et al. (2022)",
        min_length=1,
        max_length=6,
        strict=False,  # a list in JSON
    )
    blocks: int = setting(
        "residual blocks of a level, on the way down and again on the way up",
        source="4 in Karras et al. (2022)",
        ge=1,
        le=8,
    )
    attention: tuple[Annotated[int, Field(ge=0, le=5)], ...] = setting(
        "levels whose blocks are each followed by self-attention, 0 for the finest",
        source="at 16 x 16 in Karras et al. (2022)",
        strict=False,  # a list in JSON
    )
    dropout: float = setting(
        "share of the values inside a residual block that is dropped while training",
        source="0.05 to 0.25 in Karras et al. (2022)",
        ge=0,
        lt=1,
    )

    def refusal(self, side: int) -> str:
        """Return which sides the fold and the levels take, if not this one."""
        least = self.fold * 2 ** (len(self.channels) - 1)
        if side % self.fold == 0 and side >= least:
            return ""
        return f"sides that network_settings.fold ({self.fold}) divides, of {least} px or more"
