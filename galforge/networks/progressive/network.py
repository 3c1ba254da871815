"""Generator and discriminator of Dia et al. (2019), Table 1: they grow from 4 x 4 px to the stamp's size.

The table gives the layers and their channels at 64 x 64. The rest is that of Karras et al. (2018), on whom
the paper builds: leaky ReLU of slope 0.2; after each convolution of the generator the pixelwise feature
normalization, on the latents, too; weights from N(0, 1), scaled at run time by He's constant ("weight
scaling"); enlargement by repeating pixels, reduction by their mean; one more feature map, before the
discriminator's last block, with the standard deviation over the batch. At other sizes the table is
continued or cut: each level has half of the channels of the one below.
"""

import math
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from galforge.networks.progressive.settings import SMALLEST, ProgressiveSettings

SLOPE = 0.2
LEAST_SQUARE = 1e-8  # added to mean squares (Karras et al. 2018)
GROUP = 4  # stamps whose standard deviation is taken together (Karras et al. 2018)


def levels_of(size: int) -> int:
    """Return how many times 4 px are doubled until they are the stamp's side."""
    return int(math.log2(size // SMALLEST))


class EqualizedConv2d(nn.Conv2d):
    """A convolution whose weights are scaled at run time by gain / sqrt(inputs of a neuron).

    All weights then have the same scale to Adam, whose steps do not depend on a gradient's size
    (Karras et al. 2018, section 4.1; the constant is that of He et al. 2015).

    Parameters
    ----------
    inputs, outputs, kernel, padding : int
    gain : float
        sqrt(2) before a ReLU, 1 where the output is linear.
    stride : int
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int,
        padding: int = 0,
        gain: float = math.sqrt(2),
        stride: int = 1,
    ) -> None:
        super().__init__(inputs, outputs, kernel, stride, padding=padding)
        nn.init.normal_(self.weight)
        assert self.bias is not None
        nn.init.zeros_(self.bias)
        self.scale = gain / math.sqrt(inputs * kernel**2)

    def forward(self, maps: Tensor) -> Tensor:
        """Return (N, outputs, H', W') of maps (N, inputs, H, W)."""
        return F.conv2d(maps, self.weight * self.scale, self.bias, self.stride, self.padding)


class EnlargingConvTranspose2d(nn.ConvTranspose2d):
    """A transposed convolution to maps of twice the side, with weights scaled as :class:`EqualizedConv2d`.

    Of its 4 x 4 weights an output meets 2 x 2.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, 4, 2, 1)
        nn.init.normal_(self.weight)
        assert self.bias is not None
        nn.init.zeros_(self.bias)
        self.scale = math.sqrt(2) / math.sqrt(inputs * 4)

    def forward(self, maps: Tensor, output_size: list[int] | None = None) -> Tensor:
        """Return (N, outputs, 2 H, 2 W) of maps (N, inputs, H, W)."""
        return F.conv_transpose2d(maps, self.weight * self.scale, self.bias, 2, 1)


class PixelNorm(nn.Module):
    """Divide the features of each pixel by their root mean square (Karras et al. 2018, Eq. in 4.2)."""

    def forward(self, maps: Tensor) -> Tensor:
        """Return maps of the same shape (N, C, H, W)."""
        return maps * torch.rsqrt(maps.square().mean(1, keepdim=True) + LEAST_SQUARE)


def enlarge(images: Tensor, factor: int = 2) -> Tensor:
    """Return (N, C, factor * H, factor * W): each pixel repeated."""
    return F.interpolate(images, scale_factor=factor, mode="nearest") if factor > 1 else images


def reduce(images: Tensor, factor: int = 2) -> Tensor:
    """Return (N, C, H / factor, W / factor): means of blocks of pixels."""
    return F.avg_pool2d(images, factor) if factor > 1 else images


def add_deviation(maps: Tensor) -> Tensor:
    """Return maps (N, C, H, W) with one more: the standard deviation over a group of the batch.

    It is averaged over features and pixels, one number a group; a generator that repeats itself gives
    itself away by it. Groups have :data:`GROUP` stamps where the batch can be divided so, else it is one.
    """
    count, channels, height, width = maps.shape
    size = GROUP if count % GROUP == 0 else count
    # The stamps of a group lie count / size apart.
    grouped = maps.float().reshape(size, count // size, channels, height, width)
    deviation = (grouped.var(0, correction=0) + LEAST_SQUARE).sqrt().mean((1, 2, 3))  # (count / size,)
    one_map = deviation.repeat(size)[:, None, None, None].expand(-1, 1, height, width)  # (N, 1, H, W)
    return torch.cat([maps, one_map.to(maps.dtype)], 1)


class Generator(nn.Module):
    """Latents to stamps of any level, the left half of Table 1.

    Parameters
    ----------
    image_channels : int
    levels : int
        Enlargements by 2; 4 in the paper.
    latent_size, channels : int
        256 and 256 in the paper.
    learned : bool
        Whether transposed convolutions enlarge the maps.
    """

    def __init__(
        self, image_channels: int, levels: int, latent_size: int, channels: int, learned: bool = False
    ) -> None:
        super().__init__()
        self.levels, self.learned = levels, learned
        self.normalize = PixelNorm()
        depths = [channels // 2**level for level in range(levels + 1)]
        blocks = [
            # A 4 x 4 convolution of a single pixel, padded so that it gives 4 x 4.
            _block(
                EqualizedConv2d(latent_size, channels, SMALLEST, SMALLEST - 1),
                EqualizedConv2d(channels, channels, 3, 1),
            )
        ]
        for below, depth in pairwise(depths):
            first = EnlargingConvTranspose2d(below, depth) if learned else EqualizedConv2d(below, depth, 3, 1)
            blocks.append(_block(first, EqualizedConv2d(depth, depth, 3, 1)))
        self.blocks = nn.ModuleList(blocks)
        self.to_image = nn.ModuleList(EqualizedConv2d(depth, image_channels, 1, gain=1.0) for depth in depths)

    def features(self, latents: Tensor) -> Tensor:
        """Return what the first layer makes of latents (N, L): (N, channels, 4, 4)."""
        maps: Tensor = self.blocks[0][0](self.normalize(latents)[:, :, None, None])  # type: ignore[index]  # a block is a Sequential
        return maps

    def forward(self, latents: Tensor, level: int | None = None, fade: Tensor | None = None) -> Tensor:
        """Return stamps (N, C, S, S), S = 4 * 2**level, of latents (N, latent_size).

        Parameters
        ----------
        level : int, optional
            The last one by default.
        fade : Tensor, shape (), optional
            Share of the level's own picture; the rest is that of the level below, enlarged.
        """
        level = self.levels if level is None else level
        maps = self.features(latents)
        for layer in self.blocks[0][1:]:  # type: ignore[index]  # a block is a Sequential
            maps = layer(maps)
        below = maps
        for block in self.blocks[1 : level + 1]:
            below = maps
            maps = block(maps if self.learned else enlarge(maps))
        images: Tensor = self.to_image[level](maps)
        if fade is None or level == 0:
            return images
        coarse = enlarge(self.to_image[level - 1](below))
        return coarse + fade * (images - coarse)


class Discriminator(nn.Module):
    """Stamps of any level to one number each, the right half of Table 1.

    Parameters as for :class:`Generator`; where ``learned``, convolutions of stride 2 reduce the maps.
    """

    def __init__(self, image_channels: int, levels: int, channels: int, learned: bool = False) -> None:
        super().__init__()
        self.levels = levels
        depths = [channels // 2**level for level in range(levels + 1)]
        self.from_image = nn.ModuleList(
            nn.Sequential(EqualizedConv2d(image_channels, depth, 1), nn.LeakyReLU(SLOPE)) for depth in depths
        )
        last = nn.Sequential(
            EqualizedConv2d(channels + 1, channels, 3, 1),
            nn.LeakyReLU(SLOPE),
            EqualizedConv2d(channels, channels, SMALLEST),
            nn.LeakyReLU(SLOPE),
            EqualizedConv2d(channels, 1, 1, gain=1.0),
            nn.Flatten(0),
        )
        blocks = [last]
        for below, depth in pairwise(depths):
            blocks.append(
                nn.Sequential(
                    EqualizedConv2d(depth, depth, 3, 1),
                    nn.LeakyReLU(SLOPE),
                    EqualizedConv2d(depth, below, 4, 1, stride=2)
                    if learned
                    else EqualizedConv2d(depth, below, 3, 1),
                    nn.LeakyReLU(SLOPE),
                    nn.Identity() if learned else nn.AvgPool2d(2),
                )
            )
        self.blocks = nn.ModuleList(blocks)

    def features(self, images: Tensor, level: int | None = None, fade: Tensor | None = None) -> Tensor:
        """Return what the last layer sees of stamps (N, C, S, S), (N, channels, 1, 1)."""
        level = self.levels if level is None else level
        maps: Tensor = self.from_image[level](images)
        for number in range(level, 0, -1):
            maps = self.blocks[number](maps)
            if fade is not None and number == level:
                coarse = self.from_image[level - 1](reduce(images))
                maps = coarse + fade * (maps - coarse)
        vectors: Tensor = self.blocks[0][:-2](add_deviation(maps))  # type: ignore[index]  # a block is a Sequential
        return vectors

    def forward(self, images: Tensor, level: int | None = None, fade: Tensor | None = None) -> Tensor:
        """Return (N,) of stamps (N, C, S, S), S = 4 * 2**level; ``level`` and ``fade`` as the generator's."""
        scores: Tensor = self.blocks[0][-2:](self.features(images, level, fade))  # type: ignore[index]  # a block is a Sequential
        return scores


def _block(first: nn.Module, second: EqualizedConv2d) -> nn.Sequential:
    return nn.Sequential(first, nn.LeakyReLU(SLOPE), PixelNorm(), second, nn.LeakyReLU(SLOPE), PixelNorm())


def build(
    image_shape: tuple[int, int, int], settings: ProgressiveSettings
) -> tuple[Generator, Discriminator]:
    """Return generator and discriminator for square stamps of 32, 64 (the paper's) or 128 px."""
    image_channels, size, _ = image_shape
    levels, learned = levels_of(size), settings.resampling == "convolutions"
    return (
        Generator(image_channels, levels, settings.latent_size, settings.channels, learned),
        Discriminator(image_channels, levels, settings.channels, learned),
    )
