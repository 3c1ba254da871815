"""A VAE's network is added by one folder and one entry of the configuration, no line elsewhere."""

import shutil
import subprocess
import sys

import yaml

from tests.conftest import PROJECT

SETTINGS = '''
"""The settings of a network of one layer. No torch here."""

from typing import ClassVar

from galforge.core.settings import setting
from galforge.networks.base_settings import NetworkSettings


class PlainSettings(NetworkSettings):
    """The settings of a network of one layer."""

    stamp_channels: ClassVar[tuple[int, ...] | None] = (1,)

    scale: float = setting("of the weights", gt=0)
'''
NETWORK = '''
"""A network of one layer."""

import math

from torch import nn

from galforge.networks.plain.settings import PlainSettings


class Encoder(nn.Module):
    def __init__(self, pixels, settings):
        super().__init__()
        self.mean, self.log_variance = (nn.Linear(pixels, settings.latent_size) for _ in range(2))

    def forward(self, images):
        return self.mean(images.flatten(1)), self.log_variance(images.flatten(1))


def build(image_shape, settings: PlainSettings):
    pixels = math.prod(image_shape)
    decoder = nn.Sequential(nn.Linear(settings.latent_size, pixels), nn.Unflatten(1, image_shape))
    return Encoder(pixels, settings), decoder
'''
ENTRY = {
    "description": "One layer.",
    "paper": "none",
    "family": "vae",
    "settings": {
        "network": "plain",
        "network_settings": {"latent_size": 3, "scale": 0.5},
        "reconstruction": {"loss": "mse", "pixel_range": 1, "output": "sigmoid"},
        "divergence": {"weight": 1.0, "per": "image", "bound": None},
        "sampler": "gaussian",
    },
    "recipe": {"batch_size": 8, "epochs": 1, "optimizer": {"learning_rate": 0.001}},
}
# Validates the configuration without torch, then trains for two steps and draws.
SCRIPT = """
import sys
from pathlib import Path

from galforge.configuration.loading import default_configuration, read_yaml
from galforge.configuration.mappings import merged
from galforge.configuration.runs import model_modules
from galforge.configuration.validation import validate_configuration
from galforge.core.provenance import source_closure

config = merged(default_configuration(Path()), read_yaml(Path("one_more.yaml")))
validate_configuration(config)
assert "torch" not in sys.modules
modules = model_modules(config, "simulated_cosmos", "plain_vae")
closure = source_closure("training.train_model", modules)
code = {path.relative_to(Path().resolve()).as_posix() for path in closure}
assert {"galforge/networks/plain/network.py", "galforge/networks/plain/settings.py"} <= code

import torch
from galforge.models.building import build_model
from galforge.training.data import ResidentStamps
from galforge.training.loop import train
from galforge.training.recipe import Optimizer, Recipe
from galforge.training.state import StateStore

entry = config["models"]["plain_vae"]
model = build_model(entry["family"], entry["settings"], (1, 16, 16))
stamps = ResidentStamps(torch.rand(16, 1, 16, 16))
store = StateStore(Path("state"), "key")
outcome = train(model, stamps, stamps, Recipe(8, 1, Optimizer(1e-3)), 1, store, "test")
assert outcome.status == "ok"
assert model.sample(2, torch.Generator()).shape == (2, 1, 16, 16)
"""


def test_a_folder_and_an_entry_are_all_that_a_network_needs(tmp_path):
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("galforge", "workflow_scripts", "config"):
        shutil.copytree(PROJECT / name, tmp_path / name, ignore=ignored)
    shutil.copy(PROJECT / "config.yaml", tmp_path)
    folder = tmp_path / "galforge" / "networks" / "plain"
    folder.mkdir()
    (folder / "settings.py").write_text(SETTINGS)
    (folder / "network.py").write_text(NETWORK)
    runs = [{"dataset": "simulated_cosmos", "models": ["plain_vae"]}]
    (tmp_path / "one_more.yaml").write_text(yaml.safe_dump({"models": {"plain_vae": ENTRY}, "runs": runs}))
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
