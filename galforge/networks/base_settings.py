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


class NetworkSettings(StrictSection):
    """The settings of a pair of networks.

    Attributes
    ----------
    stamp_sizes : tuple of int, optional
        Sides, px, of the stamps that the networks take; None where any will do.
    stamp_channels : tuple of int, optional
        Channels of these stamps.
    """

    stamp_sizes: ClassVar[tuple[int, ...] | None] = None
    stamp_channels: ClassVar[tuple[int, ...] | None] = None

    latent_size: int = setting("components of a latent", ge=1)
