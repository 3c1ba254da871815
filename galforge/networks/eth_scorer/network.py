"""The scoring network of the ETH "Intergalactic Generators" report: a field to a score.

Convolutions keep the size and the hidden dense layer has a ReLU, as in the example that the report names as
its source (github.com/aymericdamien/TensorFlow-Examples); that example's dropout is not in the report's list.
"""

from collections.abc import Iterator

from torch import Tensor, nn

from galforge.networks.eth_scorer.settings import EthScorerSettings

KERNEL = 5  # px
DEVIATION = 0.01  # of the start that failed


class Scorer(nn.Module):
    """Stamps (N, C, H, W) to K numbers each."""

    def __init__(self, image_shape: tuple[int, int, int], settings: EthScorerSettings, outputs: int) -> None:
        super().__init__()
        channels, height, width = image_shape
        halvings = len(settings.filters)
        pixels = (height >> halvings) * (width >> halvings)
        self.layers = nn.Sequential(
            *_convolutions(channels, settings),  # (N, F, H / 2**n, W / 2**n)
            nn.Flatten(),
            nn.Linear(settings.filters[-1] * pixels, settings.dense),
            nn.ReLU(),
            nn.Linear(settings.dense, outputs),  # (N, K)
        )
        self.apply(_start_xavier if settings.start == "xavier" else _start_normal)

    def forward(self, images: Tensor) -> Tensor:
        """Return (N, K) of stamps (N, C, H, W)."""
        numbers: Tensor = self.layers(images)
        return numbers


def _convolutions(channels: int, settings: EthScorerSettings) -> Iterator[nn.Module]:
    for filters in settings.filters:
        yield nn.Conv2d(channels, filters, KERNEL, padding="same")
        yield nn.ReLU()
        yield nn.MaxPool2d(2)
        channels = filters


def _start_xavier(layer: nn.Module) -> None:
    if isinstance(layer, nn.Conv2d | nn.Linear):
        nn.init.xavier_uniform_(layer.weight)
        assert layer.bias is not None
        nn.init.zeros_(layer.bias)


def _start_normal(layer: nn.Module) -> None:
    if isinstance(layer, nn.Conv2d | nn.Linear):
        for weights in layer.parameters():
            nn.init.normal_(weights, 0.0, DEVIATION)


build = Scorer
