"""The settings of a preprocessing, for the configuration and the stages. No Pillow here."""

from typing import Literal

from galforge.core.settings import Section, setting

DEFAULT_LIMIT_MEGAPIXELS = 33.0  # 5,700 x 5,700; a pixel takes up to ten bytes
GREY = "grey, not colour"  # why a picture makes no stamp of three channels


class PreprocessingSettings(Section):
    """How a picture becomes a stamp: cropped, then resized to the dataset's ``stamps.size``."""

    border: int = setting("taken off every edge", unit="px", ge=0)
    side: int | None = setting(
        "side of the central square that is kept, in place of a border", unit="px", ge=1
    )
    channels: Literal[1, 3] = setting("channels of the stamps: 1 makes them grey")
    filter: Literal["box", "bilinear", "bicubic", "lanczos"] = setting("antialiasing filter of the resizing")
    limit_megapixels: float = setting(
        "largest picture that is read, by the width and height in its header; a larger one is left out",
        unit="Mpx",
        gt=0,
        le=89,  # what Pillow takes for a bomb
        default=DEFAULT_LIMIT_MEGAPIXELS,
    )
