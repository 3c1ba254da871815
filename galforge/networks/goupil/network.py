"""The convolutional VAE of Goupil (2020): 3 or 8 convolutions, strides, leaky ReLU, mirrored decoder.

The report gives the number of layers and where the strides lie, and of the convolutions no more than a
drawing without numbers (Fig. 6). Ours, in its place: 4 x 4 filters, as in the report's classifier; 32
filters, twice as many after each stride (in the drawing the maps deepen as they shrink); slope 0.2; 256
units in the hidden dense layer of the deep network. Weights start Glorot uniform and biases zero, the
default of Keras, in which the report's networks are written; with torch's default the signal dies out over
the sixteen convolutions and nothing is learnt.
"""

import math
from typing import Final

from torch import Tensor, nn

from galforge.networks.goupil.settings import GoupilSettings
from galforge.networks.starting import start_xavier

SLOPE = 0.2
HIDDEN = 256
STRIDED: Final = (1, 4, 7)  # layers with stride 2, counted from 1, of the deep network


def _plan(layers: int, filters: int) -> list[tuple[int, int, int, int]]:
    """Return kernel, stride, padding and filters of each convolution."""
    plan, depth = [], filters
    for number in range(1, layers + 1):
        # The shallow network has three layers for the report's three strides: all of them are strided.
        strided = layers == 3 or number in STRIDED
        if strided and number > 1:
            depth *= 2
        # An even kernel keeps no size with stride 1; there 3 x 3 stands in for 4 x 4.
        plan.append((4, 2, 1, depth) if strided else (3, 1, 1, depth))
    return plan


class Encoder(nn.Module):
    """Stamp to mean and log variance; one dense layer for each in the shallow network, two in the deep."""

    def __init__(self, image_shape: tuple[int, int, int], settings: GoupilSettings) -> None:
        super().__init__()
        channels, height, width = image_shape
        deep = settings.layers == 8
        modules: list[nn.Module] = []
        for kernel, stride, padding, depth in _plan(settings.layers, settings.filters):
            modules += [nn.Conv2d(channels, depth, kernel, stride, padding), nn.LeakyReLU(SLOPE)]
            channels = depth
        self.layers = nn.Sequential(*modules, nn.Flatten())
        self.map_shape = (channels, height // 8, width // 8)
        features = math.prod(self.map_shape)
        self.mean = _head(features, settings.latent_size, deep)
        self.log_variance = _head(features, settings.latent_size, deep)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log variance, (N, latent_size) each, of images (N, C, H, W)."""
        features = self.layers(images)
        return self.mean(features), self.log_variance(features)


def _head(features: int, latent_size: int, deep: bool) -> nn.Module:
    if not deep:
        return nn.Linear(features, latent_size)
    return nn.Sequential(nn.Linear(features, HIDDEN), nn.LeakyReLU(SLOPE), nn.Linear(HIDDEN, latent_size))


def build(image_shape: tuple[int, int, int], settings: GoupilSettings) -> tuple[nn.Module, nn.Module]:
    """Return encoder and mirrored decoder for square stamps of 64 or 128 px."""
    encoder = Encoder(image_shape, settings)
    latent_size, deep = settings.latent_size, settings.layers == 8
    features = math.prod(encoder.map_shape)
    modules: list[nn.Module] = []
    if deep:
        modules += [nn.Linear(latent_size, HIDDEN), nn.LeakyReLU(SLOPE)]
    modules += [
        nn.Linear(HIDDEN if deep else latent_size, features),
        nn.Unflatten(1, encoder.map_shape),
    ]
    plan = _plan(settings.layers, settings.filters)
    depths = [image_shape[0], *(depth for *_, depth in plan[:-1])]
    for (kernel, stride, padding, depth), after in zip(plan[::-1], depths[::-1], strict=True):
        modules += [nn.LeakyReLU(SLOPE), nn.ConvTranspose2d(depth, after, kernel, stride, padding)]
    decoder = nn.Sequential(*modules)
    for layer in [*encoder.modules(), *decoder.modules()]:
        start_xavier(layer)
    return encoder, decoder
