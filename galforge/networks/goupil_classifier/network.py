"""The classifier of Goupil (2020): convolutions with pooling, then two dense layers.

The report has 28 px halved three times before the last convolution, to 4 px, with one more pooling after it:
so convolutions keep the size, and of an odd side the last pixel has a pool of its own. Batch normalization is
"in between each convolutional layer". Weights start as in Keras, in which the report's network is written:
uniform by Glorot & Bengio (2010), biases at zero. ReLU in the hidden dense layer is our choice.
"""

import math
from collections.abc import Iterator

from torch import nn

from galforge.networks.goupil_classifier.settings import GoupilClassifierSettings
from galforge.networks.recognizing import StampsToNumbers, dense_end
from galforge.networks.starting import start_xavier


class Classifier(StampsToNumbers):
    """Stamps (N, C, H, W) to a number for each of K classes."""

    def __init__(
        self, image_shape: tuple[int, int, int], settings: GoupilClassifierSettings, outputs: int
    ) -> None:
        super().__init__()
        channels, height, width = image_shape
        halvings = len(settings.filters)
        sides = [math.ceil(side / 2**halvings) for side in (height, width)]
        self.layers = nn.Sequential(
            *_convolutions(channels, settings),  # (N, F, H / 2**n, W / 2**n)
            *dense_end(settings.filters[-1] * math.prod(sides), settings.dense, outputs),  # (N, K)
        )
        self.apply(start_xavier)


def _convolutions(channels: int, settings: GoupilClassifierSettings) -> Iterator[nn.Module]:
    for number, filters in enumerate(settings.filters):
        if number:
            yield nn.BatchNorm2d(channels)
        # Of an even filter's three further pixels two come after, as in Keras; torch's "same" warns of that.
        before, after = (settings.kernel - 1) // 2, settings.kernel // 2
        yield nn.ZeroPad2d((before, after, before, after))
        yield nn.Conv2d(channels, filters, settings.kernel)
        yield nn.ReLU()
        yield nn.MaxPool2d(2, ceil_mode=True)
        channels = filters


build = Classifier
