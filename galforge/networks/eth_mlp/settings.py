"""The settings of the fully connected networks of the ETH report. No torch here."""

from galforge.core.settings import setting
from galforge.networks.base_settings import NetworkSettings


class EthMLPSettings(NetworkSettings):
    """The settings of the fully connected networks of the ETH report."""

    hidden_size: int = setting(
        "units of a hidden layer", source="1,000 in the ETH report; 100 in its bad case", ge=1
    )
    latent_size: int = setting(
        "components of a latent", source="60 to 64 in the ETH report; 35 in its bad case", ge=1
    )
