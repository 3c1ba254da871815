"""The settings of the scoring network of the ETH report. No torch here."""

from typing import Annotated, Literal

from pydantic import Field

from galforge.core.settings import setting
from galforge.networks.base_settings import RecognizerSettings

Filters = Annotated[int, Field(ge=1, le=4096)]


class EthScorerSettings(RecognizerSettings):
    """The settings of the scoring network of the ETH report."""

    filters: list[Filters] = setting(
        "of each 5 x 5 convolution", source="32 and 64 in the ETH report", min_length=1, max_length=6
    )
    dense: int = setting("units of the hidden dense layer", source="100 in the ETH report", ge=1)
    start: Literal["xavier", "normal"] = setting(
        "weights and biases before the training: xavier: uniform by fan, biases zero; normal: all from "
        "N(0, 0.01), with which the report's scores become far too large",
        source="ETH report",
    )

    def refusal(self, side: int) -> str:
        """Return which sides are left after the poolings, if not this one."""
        least = 2 ** len(self.filters)
        return "" if side >= least else f"{least} px or more, which {len(self.filters)} poolings by 2 leave"
