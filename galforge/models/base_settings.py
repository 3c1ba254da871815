"""What the settings of families of models have in common. No torch here."""

from typing import Annotated, Any, ClassVar, Generic, TypeVar

from pydantic import SerializeAsAny, ValidationInfo, WithJsonSchema, field_validator

from galforge.core.settings import refuse, setting
from galforge.networks import registry as networks
from galforge.networks.base_settings import (
    DenoiserSettings,
    NetworkSettings,
    StampNetworkSettings,
    StrictSection,
)

AnyNetwork = TypeVar("AnyNetwork", bound=StampNetworkSettings)


class ModelSettings(StrictSection):
    """The settings of a model.

    Attributes
    ----------
    phases : tuple of str
        The names of the model's phases, so that a recipe can be checked before anything runs.
    stamp_sizes, stamp_channels : tuple of int, optional
        As in :class:`StampNetworkSettings`, where the model itself takes no others than these.
    takes_conditions : bool
        Whether its galaxies can be asked for with conditions: ``build`` then takes their number.
    in_flux : bool
        Whether it learns stamps of a dataset in flux, with the PSF and the noise of each, and gives such.
    walks : bool
        Whether the report shows ways through its latents (:meth:`GenerativeModel.directions`).
    """

    phases: ClassVar[tuple[str, ...]] = ("model",)
    stamp_sizes: ClassVar[tuple[int, ...] | None] = None
    stamp_channels: ClassVar[tuple[int, ...] | None] = None
    takes_conditions: ClassVar[bool] = False
    in_flux: ClassVar[bool] = False
    walks: ClassVar[bool] = False

    def loss_words(self) -> str:
        """Return what the validation's ``loss`` is, with its unit in brackets: the axis of its curve."""
        return "loss"

    def marks(self, image_shape: tuple[int, int, int]) -> dict[float, str]:
        """Return the shares of a training at which the model changes, and what it then is, in a word."""
        return {}


class ChosenNetworkSettings(ModelSettings, Generic[AnyNetwork]):
    """The settings of a model whose networks are chosen by name, among those of one kind."""

    network: str = setting("the networks: a folder of galforge/networks")
    network_settings: Annotated[SerializeAsAny[AnyNetwork], WithJsonSchema({"type": "object"})] = setting(
        "those of these networks"
    )

    @classmethod
    def takes(cls, network: str) -> bool:
        """Return whether a network that there is is of the model's kind."""
        kind = cls.model_fields["network_settings"].annotation
        assert isinstance(kind, type)
        return issubclass(networks.settings_class(network), kind)

    @classmethod
    def networks(cls) -> tuple[str, ...]:
        """Return the names of the networks that the model can have."""
        return tuple(filter(cls.takes, networks.names()))

    @field_validator("network")
    @classmethod
    def _is_known(cls, network: str) -> str:
        refusal = networks.refusal(network)
        if refusal is not None:
            refuse(refusal)
        if not cls.takes(network):
            refuse(", ".join(cls.networks()))
        return network

    @field_validator("network_settings", mode="plain")
    @classmethod
    def _are_the_networks(cls, values: Any, info: ValidationInfo) -> Any:
        network = info.data.get("network")
        if network is None:
            return values  # the fault is the network's: it is missing or has been refused
        return networks.settings_class(network).model_validate(values)


class NetworkedSettings(ChosenNetworkSettings[NetworkSettings]):
    """The settings of a model of a pair of networks."""


class DenoisingSettings(ChosenNetworkSettings[DenoiserSettings]):
    """The settings of a model of a network that takes noise out of stamps."""


class AdversarialSettings(NetworkedSettings):
    """The settings of two networks that are trained against each other."""

    phases: ClassVar[tuple[str, ...]] = ("discriminator", "generator")
    takes_conditions: ClassVar[bool] = True
    walks: ClassVar[bool] = True

    discriminator_steps: int = setting("steps of the discriminator", unit="per step of the generator", ge=1)
    auxiliary: float | None = setting(
        "factor on the mean squared error of the conditions that the discriminator reads from a stamp: from "
        "real ones in its own loss, from generated ones in the generator's; without conditions no effect",
        source="Odena et al. (2017), for classes",
        gt=0,
        default=None,
    )
