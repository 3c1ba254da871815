"""The settings of a preprocessing, for the configuration and the stages. No Pillow here."""

from typing import Literal

from galforge.core.settings import Section, setting

GREY = "grey, not colour"  # why a picture makes no stamp of three channels


class PreprocessingSettings(Section):
    """How a picture becomes a stamp: cropped, then resized to the dataset's ``stamps.size``."""

    border: int = setting("taken off every edge", unit="px", ge=0)
    side: int | None = setting(
        "side of the central square that is kept, in place of a border", unit="px", ge=1
    )
    channels: Literal[1, 3] = setting("channels of the stamps: 1 makes them grey")
    filter: Literal["box", "bilinear", "bicubic", "lanczos"] = setting("antialiasing filter of the resizing")
