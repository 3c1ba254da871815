"""What the settings of all networks have in common. No torch here."""

from typing import Any, ClassVar, Final

from pydantic import BeforeValidator, ConfigDict

from galforge.core.settings import Section, refuse, setting


class StrictSection(Section):
    """A mapping whose values are taken as they are: 16.0 is no integer, true is no number."""

    model_config = ConfigDict(strict=True)


def _integer(value: Any) -> Any:
    if isinstance(value, bool | float):
        refuse("integer")
    return value


AsInteger: Final = BeforeValidator(_integer)
"""Of a choice of integers, which would otherwise take 3.0 for 3 and true for 1."""


class StampNetworkSettings(StrictSection):
    """The settings of whatever networks a model is made of.

    Attributes
    ----------
    stamp_sizes : tuple of int, optional
        Sides, px, of the stamps that the networks take; None where any will do.
    stamp_channels : tuple of int, optional
        Channels of these stamps.
    """

    stamp_sizes: ClassVar[tuple[int, ...] | None] = None
    stamp_channels: ClassVar[tuple[int, ...] | None] = None

    def refusal(self, side: int) -> str:
        """Return what is allowed where these settings do not take stamps of ``side`` px; empty if they do."""
        return ""


class NetworkSettings(StampNetworkSettings):
    """The settings of a pair of networks with latents between them."""

    latent_size: int = setting("components of a latent", ge=1)


class DenoiserSettings(StampNetworkSettings):
    """The settings of a network from noisy stamps to stamps, given how noisy they are."""


class RecognizerSettings(StampNetworkSettings):
    """The settings of a network from stamps to numbers: classes, or scores."""
