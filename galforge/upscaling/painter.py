"""A small network that says the value or colour of each place of one picture, so that it can be drawn large.

The ETH report: "a simple neural network that learns a mapping for 2D (x,y) euclidean pair coordinates to RGB
color values"; it says no more of it.
"""

import math
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from galforge.models.batch import Batch
from galforge.models.trainable import Trainable, evaluating
from galforge.upscaling.settings import UpscalerSettings

FREQUENCY = 30.0  # omega_0 of Sitzmann et al. (2020)
BLOCK = 1 << 16  # places that are drawn at a time


def grid(side: int) -> Tensor:
    """Return x and y in [-1, 1] of the middle of each pixel of a square, row by row, (side**2, 2)."""
    middle = (2 * torch.arange(side) + 1) / side - 1
    y, x = torch.meshgrid(middle, middle, indexing="ij")
    return torch.stack([x.flatten(), y.flatten()], dim=1)


class Sine(nn.Module):
    """The sine of 30 times a sum."""

    def forward(self, values: Tensor) -> Tensor:
        """Return it, of any shape."""
        return torch.sin(FREQUENCY * values)


class Painter(Trainable):
    """Places (N, 2) to values (N, C) in [0, 1].

    It is trained on batches whose ``condition`` are places and whose ``image`` are their pixels,
    (N, C, 1, 1): by the mean squared error, or of a binary mapping by the cross-entropy.
    """

    def __init__(self, settings: UpscalerSettings) -> None:
        super().__init__()
        self.binary = settings.threshold is not None
        activation = {"relu": nn.ReLU, "tanh": nn.Tanh, "sine": Sine}[settings.activation]
        widths = [2, *[settings.width] * settings.layers]
        layers: list[nn.Module] = []
        for before, after in pairwise(widths):
            layers += [nn.Linear(before, after), activation()]
        self.layers = nn.Sequential(*layers, nn.Linear(settings.width, settings.channels))
        if settings.activation == "sine":
            self._start_sines()

    def _start_sines(self) -> None:
        """Start as Sect. 3.2 of Sitzmann et al. (2020) has it."""
        linear = [layer for layer in self.layers if isinstance(layer, nn.Linear)]
        for number, layer in enumerate(linear):
            bound = 1 / layer.in_features if not number else math.sqrt(6 / layer.in_features) / FREQUENCY
            nn.init.uniform_(layer.weight, -bound, bound)

    def forward(self, places: Tensor) -> Tensor:
        """Return values (N, C) of places (N, 2); logits of a binary mapping."""
        values: Tensor = self.layers(places)
        return values

    def training_losses(self, batch: Batch, phase: str, generator: torch.Generator) -> dict[str, Tensor]:
        """Return ``loss``."""
        assert batch.condition is not None
        said, so = self(batch.condition), batch.image.flatten(1)
        if self.binary:
            return {"loss": functional.binary_cross_entropy_with_logits(said, so)}
        return {"loss": functional.mse_loss(said, so)}

    def drawn(self, side: int) -> Tensor:
        """Return the picture at another size, (side, side, C) in [0, 1], on the CPU."""
        device = next(self.parameters()).device
        with evaluating(self):
            parts = [self(part.to(device)).float().cpu() for part in torch.split(grid(side), BLOCK)]
        values = torch.cat(parts).reshape(side, side, -1)
        return values.sigmoid() if self.binary else values.clamp(0, 1)
