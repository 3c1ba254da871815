"""Networks by name: each folder beside this module with ``settings.py`` and ``network.py`` is one."""

from pathlib import Path
from typing import Final

from galforge.core.registry import Registry
from galforge.networks.base_settings import NetworkSettings

NETWORKS: Final = Registry("galforge.networks", Path(__file__).parent, "network", NetworkSettings, "network")

names = NETWORKS.names
settings_class = NETWORKS.settings_class
settings = NETWORKS.settings
module = NETWORKS.module
build = NETWORKS.build
refusal = NETWORKS.refusal
