"""The scoring network of the ETH "Intergalactic Generators" report: a field to a score.

Convolutions keep the size and the hidden dense layer has a ReLU, as in the example that the report names as
its source (github.com/aymericdamien/TensorFlow-Examples); that example's dropout is not in the report's list.
"""

from collections.abc import Iterator

from torch import nn

from galforge.networks.eth_scorer.settings import EthScorerSettings
from galforge.networks.recognizing import StampsToNumbers, dense_end
from galforge.networks.starting import start_xavier

KERNEL = 5  # px
DEVIATION = 0.01  # of the start that failed


class Scorer(StampsToNumbers):
    """Stamps (N, C, H, W) to K scores each."""

    def __init__(self, image_shape: tuple[int, int, int], settings: EthScorerSettings, outputs: int) -> None:
        super().__init__()
        channels, height, width = image_shape
        halvings = len(settings.filters)
        pixels = (height >> halvings) * (width >> halvings)
        self.layers = nn.Sequential(
            *_convolutions(channels, settings),  # (N, F, H / 2**n, W / 2**n)
            *dense_end(settings.filters[-1] * pixels, settings.dense, outputs),  # (N, K)
        )
        self.apply(start_xavier if settings.start == "xavier" else _start_normal)


def _convolutions(channels: int, settings: EthScorerSettings) -> Iterator[nn.Module]:
    for filters in settings.filters:
        yield nn.Conv2d(channels, filters, KERNEL, padding="same")
        yield nn.ReLU()
        yield nn.MaxPool2d(2)
        channels = filters


def _start_normal(layer: nn.Module) -> None:
    if isinstance(layer, nn.Conv2d | nn.Linear):
        for weights in layer.parameters():
            nn.init.normal_(weights, 0.0, DEVIATION)


build = Scorer
