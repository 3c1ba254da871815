"""What the settings of families of models have in common. No torch here."""

from typing import Annotated, Any, ClassVar

from pydantic import SerializeAsAny, ValidationInfo, WithJsonSchema, field_validator

from galforge.core.settings import refuse, setting
from galforge.networks import registry as networks
from galforge.networks.base_settings import NetworkSettings, StrictSection


class ModelSettings(StrictSection):
    """The settings of a model.

    Attributes
    ----------
    phases : tuple of str
        The names of the model's phases, so that a recipe can be checked before anything runs.
    stamp_sizes, stamp_channels : tuple of int, optional
        As in :class:`NetworkSettings`, where the model itself takes no others than these.
    """

    phases: ClassVar[tuple[str, ...]] = ("model",)
    stamp_sizes: ClassVar[tuple[int, ...] | None] = None
    stamp_channels: ClassVar[tuple[int, ...] | None] = None


class NetworkedSettings(ModelSettings):
    """The settings of a model whose networks are chosen by name."""

    network: str = setting("one of galforge/networks")
    network_settings: Annotated[SerializeAsAny[NetworkSettings], WithJsonSchema({"type": "object"})] = (
        setting("of that network")
    )

    @field_validator("network")
    @classmethod
    def _is_known(cls, network: str) -> str:
        refusal = networks.refusal(network)
        if refusal is not None:
            refuse(refusal)
        return network

    @field_validator("network_settings", mode="plain")
    @classmethod
    def _are_the_networks(cls, values: Any, info: ValidationInfo) -> NetworkSettings:
        network = info.data.get("network")
        if network is None:  # itself refused, which is reported
            refuse("those of a network")
        return networks.settings_class(network).model_validate(values)


class AdversarialSettings(NetworkedSettings):
    """The settings of two networks that are trained against each other."""

    phases: ClassVar[tuple[str, ...]] = ("discriminator", "generator")

    discriminator_steps: int = setting("steps of the discriminator", unit="per step of the generator", ge=1)
