"""Networks by name: each folder beside this module with ``settings.py`` and ``network.py`` is one."""

from pathlib import Path
from typing import Any, Final

from galforge.core.registry import Registry
from galforge.networks.base_settings import NetworkSettings, StampNetworkSettings

NETWORKS: Final = Registry(
    "galforge.networks", Path(__file__).parent, "network", StampNetworkSettings, "network"
)

names = NETWORKS.names
settings_class = NETWORKS.settings_class
settings = NETWORKS.settings
module = NETWORKS.module
build = NETWORKS.build
refusal = NETWORKS.refusal


def build_wider(
    name: str, settings: NetworkSettings, image_shape: tuple[int, int, int], latents: int = 0, maps: int = 0
) -> Any:
    """Return the pair of networks with further components of a latent and further maps of a stamp.

    Parameters
    ----------
    name : str
    settings : NetworkSettings
    image_shape : tuple of int
        (C, H, W).
    latents, maps : int
        How many are added, for conditions. Use the one of the pair whose input is then wider: the decoder
        or generator with further components, the discriminator with further maps.
    """
    wider = settings.model_copy(update={"latent_size": settings.latent_size + latents})
    channels, height, width = image_shape
    return build(name, wider, (channels + maps, height, width))
