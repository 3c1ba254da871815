"""The settings of the classifier of Goupil (2020). No torch here."""

from typing import Annotated

from pydantic import Field

from galforge.core.settings import setting
from galforge.networks.base_settings import RecognizerSettings

Filters = Annotated[int, Field(ge=1, le=4096)]


class GoupilClassifierSettings(RecognizerSettings):
    """The settings of the classifier of Goupil (2020)."""

    filters: list[Filters] = setting(
        "of each convolution", source="16, 32, 64, 128 in Goupil (2020)", min_length=1, max_length=8
    )
    kernel: int = setting("side of a filter", unit="px", source="4 in Goupil (2020)", ge=1, le=15)
    dense: int = setting("units of the hidden dense layer", source="64 in Goupil (2020)", ge=1)
