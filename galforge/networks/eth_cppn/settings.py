"""The settings of the composite pattern of the ETH report. No torch here."""

from galforge.core.settings import setting
from galforge.networks.base_settings import NetworkSettings


class EthCPPNSettings(NetworkSettings):
    """The settings of a decoder that says the value of each place by itself, and of its encoder."""

    hidden_size: int = setting("units of a hidden layer of the encoder", ge=1)
    width: int = setting("units of a hidden layer of the pattern", ge=1, le=4096)
    layers: int = setting("hidden layers of the pattern", ge=1, le=32)
