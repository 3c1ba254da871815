"""A compositional pattern-producing network (Stanley 2007), which the ETH report tried before its VAE.

The report says no more of it than that. Here it is the decoder of a VAE: from a place (x, y, its distance
from the centre) and a latent to the value there, by fully connected layers with hyperbolic tangents, the same
for all places. The image is a function of the place, so it can be drawn at any size.
"""

import math

import torch
from torch import Tensor, nn

from galforge.networks.eth_cppn.settings import EthCPPNSettings
from galforge.networks.eth_mlp.network import Encoder

PLACES = 3  # numbers of a place


def places(height: int, width: int) -> Tensor:
    """Return x, y in [-1, 1] and the distance from the centre of the middle of each pixel, (H, W, 3)."""
    down = (2 * torch.arange(height) + 1) / height - 1
    right = (2 * torch.arange(width) + 1) / width - 1
    y, x = torch.meshgrid(down, right, indexing="ij")  # (H, W) each
    return torch.stack([x, y, torch.hypot(x, y)], dim=-1)


class Pattern(nn.Module):
    """Latents to the values of all places."""

    def __init__(self, image_shape: tuple[int, int, int], settings: EthCPPNSettings) -> None:
        super().__init__()
        channels, self.height, self.width = image_shape
        width = settings.width
        self.of_latent = nn.Linear(settings.latent_size, width)
        self.of_place = nn.Linear(PLACES, width, bias=False)
        layers: list[nn.Module] = [nn.Tanh()]
        for _ in range(settings.layers - 1):
            layers += [nn.Linear(width, width), nn.Tanh()]
        self.layers = nn.Sequential(*layers, nn.Linear(width, channels))
        self.apply(_start)

    def forward(self, latents: Tensor) -> Tensor:
        """Return logits (N, C, H, W) of latents (N, L)."""
        return self.drawn(latents, self.height, self.width)

    def drawn(self, latents: Tensor, height: int, width: int) -> Tensor:
        """Return logits (N, C, height, width) of latents (N, L), whatever the size of the training stamps."""
        at = self.of_place(places(height, width).to(latents))  # (H, W, width)
        values: Tensor = self.layers(self.of_latent(latents)[:, None, None] + at)  # (N, H, W, C)
        return values.movedim(-1, 1)


def _start(layer: nn.Module) -> None:
    # Each unit's input varies by about 1, whatever the width: tanh is then neither a line nor a step.
    if isinstance(layer, nn.Linear):
        nn.init.normal_(layer.weight, 0.0, 1 / math.sqrt(layer.in_features))


def build(image_shape: tuple[int, int, int], settings: EthCPPNSettings) -> tuple[nn.Module, nn.Module]:
    """Return encoder and decoder for stamps of any shape; the Bernoulli means' sigmoid is the model's."""
    encoder = Encoder(math.prod(image_shape), settings.hidden_size, settings.latent_size)
    return encoder, Pattern(image_shape, settings)
