"""The settings of the first convolutional network of Laisney, Lalou & Marmet. No torch here."""

from galforge.core.settings import setting
from galforge.networks.base_settings import NetworkSettings


class LaisneyCNN3ConvSettings(NetworkSettings):
    """The settings of the first convolutional network of Laisney, Lalou & Marmet."""

    latent_size: int = setting(
        "components of a latent", source="12 in the other network of Laisney, Lalou & Marmet", ge=1
    )
    dropout: float = setting("share of the input that is dropped while training", ge=0, lt=1)
