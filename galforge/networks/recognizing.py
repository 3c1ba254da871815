"""What the networks from stamps to numbers have in common: two dense layers at the end."""

from collections.abc import Iterator

from torch import Tensor, nn


class StampsToNumbers(nn.Module):
    """Stamps (N, C, H, W) to K numbers each, by layers in turn."""

    layers: nn.Sequential

    def forward(self, images: Tensor) -> Tensor:
        """Return (N, K) of stamps (N, C, H, W)."""
        numbers: Tensor = self.layers(images)
        return numbers


def dense_end(features: int, dense: int, outputs: int) -> Iterator[nn.Module]:
    """Yield the layers from maps of so many values in all to K numbers, with one hidden layer."""
    yield nn.Flatten()
    yield nn.Linear(features, dense)
    yield nn.ReLU()
    yield nn.Linear(dense, outputs)  # (N, K)
