"""Training of two networks against each other, against the loop of PyTorch's own example of a DCGAN."""

import tempfile
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.inputs import configuration, configured_model
from benchmarks.timing import Comparison, second_epoch_rate
from galforge.core.device import choose_device, memory_format
from galforge.datasets.normalization import normalize
from galforge.models.adversarial import AdversarialModel
from galforge.training.data import ResidentStamps
from galforge.training.loop import train
from galforge.training.recipe import Optimizer, Recipe
from galforge.training.state import StateStore

MODELS = ("progressive_wgan", "eth_dcgan", "laisney_gan")
RATE, BETAS = 2e-4, (0.5, 0.999)
STEPS = 8


def new_model(name: str, image_shape: tuple[int, int, int]) -> AdversarialModel:
    """Return a model of the configuration with the same weights each time."""
    model = configured_model(name, image_shape)
    assert isinstance(model, AdversarialModel)
    return model


def plain_rate(name: str, images: torch.Tensor, batch_size: int) -> float:
    """Return images per second of the example's loop: eager, float32, one draw for both networks' steps."""
    device = images.device
    _, channels, height, width = images.shape
    model = new_model(name, (channels, height, width)).to(device)
    optimizers = {
        phase: torch.optim.Adam(parameters, lr=RATE, betas=BETAS)
        for phase, parameters in model.phase_parameters().items()
    }
    loader = torch.utils.data.DataLoader(
        torch.utils.data.TensorDataset(images.cpu()), batch_size, shuffle=True, drop_last=True
    )
    generator = torch.Generator(device)
    nothing_asked = torch.zeros(batch_size, 0, device=device)

    def epoch() -> float:
        for (batch,) in loader:
            real = model.to_network(batch.to(device))
            fake = model.generate(model.draw_latents(batch_size, generator))
            optimizers["discriminator"].zero_grad()
            terms = model.discriminator_losses(real, fake.detach(), nothing_asked, generator)
            terms["loss"].backward()  # type: ignore[no-untyped-call]  # torch does not annotate it
            optimizers["discriminator"].step()
            optimizers["generator"].zero_grad()
            loss = model.generator_losses(fake, nothing_asked, generator)["loss"]
            loss.backward()  # type: ignore[no-untyped-call]  # torch does not annotate it
            optimizers["generator"].step()
            last = loss.item()
        return last

    return second_epoch_rate(epoch, len(loader) * batch_size)


def compare(name: str, stamps: NDArray[np.float32]) -> Comparison:
    """Return the comparison of a model at its own batch size, in the second epoch of each.

    Parameters
    ----------
    name : str
        One of :data:`MODELS`.
    stamps : ndarray, shape (N, 64, 64)
        Reduced to 28 px for the model that works at that size.
    """
    device = choose_device("auto")
    batch_size = configuration()["models"][name]["recipe"]["batch_size"]
    repeats = -(-STEPS * batch_size // len(stamps))
    images = torch.from_numpy(np.tile(normalize(stamps[:, None]).image, (repeats, 1, 1, 1)))
    images = images[: STEPS * batch_size]
    if name == "laisney_gan":
        images = torch.nn.functional.interpolate(images, 28, mode="area")
    images = images.to(device, memory_format=memory_format(device))
    reference = plain_rate(name, images, batch_size)
    _, channels, height, width = images.shape
    recipe = Recipe(batch_size, 2, Optimizer(RATE, BETAS), ema=0.999)
    with tempfile.TemporaryDirectory() as folder:
        model = new_model(name, (channels, height, width))
        model = model.to(device, memory_format=memory_format(device))  # type: ignore[call-overload]  # torch annotates no memory_format
        sources = ResidentStamps(images), ResidentStamps(images[:batch_size])
        outcome = train(model, *sources, recipe, 1, StateStore(Path(folder), "benchmark"), "benchmark")
    return Comparison(
        f"train {name}, batch {batch_size}, {device.type}",
        "eager float32 over a DataLoader",
        reference,
        outcome.history[-1]["images_per_second"],
        "images/s",
        "same losses; ours averages the weights, too",
    )
