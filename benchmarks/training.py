"""Training, against a plain loop over a torch DataLoader."""

import tempfile
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from benchmarks.inputs import configured_model
from benchmarks.timing import Comparison, second_epoch_rate
from galforge.core.device import choose_device, memory_format
from galforge.datasets.normalization import normalize
from galforge.models.base import GenerativeModel
from galforge.models.batch import Batch
from galforge.networks.whole_convolutions import CoveringConv2d, PointConvTranspose2d
from galforge.training.data import ResidentStamps
from galforge.training.execution import choose_execution
from galforge.training.loop import train
from galforge.training.recipe import Optimizer, Recipe
from galforge.training.state import StateStore

RATE = 1e-4
STEPS = 12
PAPER_IMAGES = 150 * 15_520  # epochs and stamps of Danilov (2020)


def new_model() -> GenerativeModel:
    """Return the model of the benchmark with the same weights each time."""
    return configured_model("danilov_beta_vae", (1, 64, 64))


def plain(model: GenerativeModel) -> GenerativeModel:
    """Return the model with torch's own convolutions in place of the project's; the same weights."""
    replacements: dict[type[nn.Module], type[nn.Module]] = {
        CoveringConv2d: nn.Conv2d,
        PointConvTranspose2d: nn.ConvTranspose2d,
    }
    for layer in model.modules():
        layer.__class__ = replacements.get(type(layer), type(layer))
    return model


def plain_rate(images: torch.Tensor, batch_size: int, device: torch.device) -> float:
    """Return images per second of the loop that a tutorial would write: eager, float32, DataLoader."""
    model = plain(new_model()).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE, betas=(0.5, 0.999))
    loader = torch.utils.data.DataLoader(
        torch.utils.data.TensorDataset(images.cpu()), batch_size, shuffle=True, drop_last=True
    )
    generator = torch.Generator(device)

    def epoch() -> float:
        for (batch,) in loader:
            optimizer.zero_grad()
            loss = model.training_losses(Batch(batch.to(device)), "model", generator)["loss"]
            loss.backward()  # type: ignore[no-untyped-call]  # torch does not annotate it
            optimizer.step()
            last = loss.item()
        return last

    return second_epoch_rate(epoch, len(loader) * batch_size)


def compare(stamps: NDArray[np.float32], batch_size: int) -> Comparison:
    """Return the comparison in the steady state, the second epoch of each.

    Ours is run as ``auto`` chooses for a training of the paper's length.
    """
    device = choose_device("auto")
    repeats = -(-STEPS * batch_size // len(stamps))
    images = torch.from_numpy(np.tile(normalize(stamps[:, None]).image, (repeats, 1, 1, 1)))
    images = images[: STEPS * batch_size].to(device, memory_format=memory_format(device))
    reference = plain_rate(images, batch_size, device)
    recipe = Recipe(batch_size, 2, Optimizer(RATE, (0.5, 0.999)))
    with tempfile.TemporaryDirectory() as folder:
        model = new_model().to(device, memory_format=memory_format(device))  # type: ignore[call-overload]  # torch annotates no memory_format
        execution = choose_execution(
            "auto", "auto", model, Batch(images[:batch_size]), PAPER_IMAGES // batch_size
        )
        store = StateStore(Path(folder), "benchmark")
        sources = ResidentStamps(images), ResidentStamps(images[:batch_size])
        outcome = train(model, *sources, recipe, 1, store, "benchmark", execution=execution)
    return Comparison(
        f"train danilov_beta_vae, batch {batch_size}, {device.type}, {execution.precision}"
        f"{', compiled' if execution.compiled else ''}",
        "eager float32 over a DataLoader",
        reference,
        outcome.history[-1]["images_per_second"],
        "images/s",
        "same model and loss, other order",
    )
