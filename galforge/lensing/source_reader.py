"""A network that reads off a lensed picture the latents of the source, which a VAE decodes.

The layers are those of AlexNet (Krizhevsky et al. 2012) in small: five convolutions, the first coarse, with
pooling after the first, second and fifth, and two hidden dense layers. Lens and source are read together: the
network is told nothing of the lens.
"""

from typing import Final

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from galforge.core.progress import Progress
from galforge.lensing.lens_settings import Lenses, trained_on
from galforge.models.base import GenerativeModel
from galforge.models.batch import Batch

STRETCH: Final = 1.0  # standard deviations of the noise, where the stretch of pictures turns logarithmic
_BATCH: Final = 64  # without gradients, a fixed number: batches of another size may differ in the last bits


class SourceReader(nn.Module):
    """Pictures (N, 1, H, H) in units of the noise to latents (N, L), within as they are standardised."""

    def __init__(self, side: int, latent_size: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 32, 5, stride=2, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(64, 96, 3, padding=1), nn.ReLU(),
            nn.Conv2d(96, 96, 3, padding=1), nn.ReLU(),
            nn.Conv2d(96, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
            nn.Linear(64 * (side // 16) ** 2, 256), nn.ReLU(), nn.Dropout(0.2),
            nn.Linear(256, 256), nn.ReLU(),
            nn.Linear(256, latent_size),
        )  # fmt: skip
        self.register_buffer("location", torch.zeros(latent_size))
        self.register_buffer("spread", torch.ones(latent_size))
        self.location: Tensor
        self.spread: Tensor

    def forward(self, images: Tensor) -> Tensor:
        """Return latents (N, L)."""
        standard: Tensor = self.layers(torch.asinh(images / STRETCH))
        return standard * self.spread + self.location


def latents_of(model: GenerativeModel, light: NDArray[np.float32]) -> Tensor:
    """Return the latents (N, L) that a VAE in flux has of galaxies (N, H, H) through its mean PSF."""
    with torch.no_grad():
        parts = torch.split(torch.from_numpy(light)[:, None], _BATCH)
        return torch.cat([model.encode(Batch(model.observed(part))) for part in parts])


def decoded(model: GenerativeModel, latents: Tensor) -> NDArray[np.float32]:
    """Return the galaxies (N, H, H) of latents, without PSF and noise."""
    with torch.no_grad():
        parts = [model.light(part)[:, 0] for part in torch.split(latents, _BATCH)]
    return np.asarray(torch.cat(parts).numpy(), dtype=np.float32)


def read_sources(reader: SourceReader, images: NDArray[np.float32]) -> Tensor:
    """Return the latents (N, L) of the sources in pictures (N, 1, H, H)."""
    reader.eval()
    with torch.no_grad():
        return torch.cat([reader(part) for part in torch.split(torch.from_numpy(images), _BATCH)])


def train_reader(
    images: NDArray[np.float32], latents: Tensor, settings: Lenses, seed: int
) -> tuple[SourceReader, list[dict[str, float]]]:
    """Return a network that was trained on pictures and the latents of their sources, at its best epoch.

    Parameters
    ----------
    images : ndarray of float32, shape (N, 1, H, H)
        In units of the noise.
    latents : Tensor, shape (N, L)
    settings : Lenses
    seed : int

    Returns
    -------
    network : SourceReader
    history : list of dict
        ``training`` and ``validation`` per epoch: mean squared error of the standardised latents. 1 is that
        of the mean.
    """
    torch.manual_seed(seed)
    reader = SourceReader(images.shape[-1], latents.shape[1])
    kept = trained_on(len(images))
    pictures, targets = torch.from_numpy(images), latents
    reader.location.copy_(targets[:kept].mean(0))
    reader.spread.copy_(targets[:kept].std(0).clamp_min(1e-6))
    optimizer = torch.optim.Adam(reader.parameters(), lr=settings.learning_rate)
    steps = settings.epochs * (kept // settings.batch_size or 1)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    progress = Progress("Training the network of sources", settings.epochs, "epochs")
    best: dict[str, Tensor] = {}
    history: list[dict[str, float]] = []
    for _ in range(settings.epochs):
        training = _epoch(reader, pictures[:kept], targets[:kept], optimizer, schedule, settings.batch_size)
        error = read_sources(reader, images[kept:]) - targets[kept:]
        validation = float((error / reader.spread).square().mean())
        if not history or validation < min(row["validation"] for row in history):
            best = {name: value.clone() for name, value in reader.state_dict().items()}
        history.append({"training": training, "validation": validation})
        progress.advance()
    reader.load_state_dict(best)
    return reader, history


def _epoch(
    reader: SourceReader,
    images: Tensor,
    latents: Tensor,
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    size: int,
) -> float:
    reader.train()
    losses: list[float] = []
    for rows in torch.split(torch.randperm(len(images)), size):
        if len(rows) < size and losses:
            break
        standard = (reader(images[rows]) - latents[rows]) / reader.spread
        loss = F.mse_loss(standard, torch.zeros_like(standard))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch does not annotate it
        optimizer.step()
        schedule.step()
        losses.append(float(loss.detach()))
    return float(np.mean(losses))
