"""A U-Net that takes the noise out of stamps, on stamps whose blocks of pixels are folded into channels.

Its blocks are those of the networks of Karras et al. (2022), after Song et al. (2021) and Dhariwal & Nichol
(2021): group normalization that the noise level scales and shifts, sums divided by the square root of 2,
attention at some levels, a skip from every block on the way down to one on the way up.

Ours: stamps are folded first, so that most of the arithmetic is done at a fraction of the side, where a CPU
is fast. What is folded is learned block by block, and samples then have peaks in their power spectra at
multiples of the blocks' frequency. A thin convolution on either side of the fold, at the stamp's full
resolution, sees over the blocks' edges; the last one sees the noisy stamp beside what was unfolded.

Maps have their channels last in memory on whatever device.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from galforge.networks.folded_unet.layers import Block, Embedding, group_norm, small_start
from galforge.networks.folded_unet.settings import FoldedUNetSettings

WIDENING = 4  # components of the vector of the noise level, per channel of the finest level


class FoldedUNet(nn.Module):
    """Noisy stamps, and how noisy they are, to stamps.

    Parameters
    ----------
    image_shape : tuple of int
        (C, S, S).
    settings : FoldedUNetSettings
    asked : int
        Components of what is asked of each stamp, A; 0 for none.
    """

    def __init__(
        self, image_shape: tuple[int, int, int], settings: FoldedUNetSettings, asked: int = 0
    ) -> None:
        super().__init__()
        channels, thin = image_shape[0], settings.thin_channels
        depths = settings.channels
        self.fold = settings.fold
        size = WIDENING * depths[0]
        self.embedding = Embedding(size, asked)
        self.thin_input = nn.Conv2d(channels, thin, 3, padding=1) if thin else None
        folded = (thin or channels) * self.fold**2
        self.input = nn.Conv2d(folded, depths[0], 3, padding=1)

        def block(before: int, level: int) -> Block:
            return Block(before, depths[level], size, settings.dropout, level in settings.attention)

        levels = range(len(depths))
        passed = [depths[0]]  # channels of the maps that skip to the way up
        self.down = nn.ModuleList()
        for level in levels:
            if level:
                self.down.append(nn.Conv2d(depths[level - 1], depths[level - 1], 3, 2, 1))
                passed.append(depths[level - 1])
            for _ in range(settings.blocks):
                self.down.append(block(passed[-1], level))
                passed.append(depths[level])
        self.middle = Block(depths[-1], depths[-1], size, settings.dropout, attends=True)
        self.up = nn.ModuleList()
        before = depths[-1]
        for level in reversed(levels):
            for _ in range(settings.blocks + 1):
                self.up.append(block(before + passed.pop(), level))
                before = depths[level]
            if level:
                self.up.append(Enlargement(before))
        self.output_norm = group_norm(before)
        self.output = small_start(nn.Conv2d(before, folded, 3, padding=1))
        self.thin_output = (
            nn.Sequential(
                nn.Conv2d(thin + channels, thin, 3, padding=1),
                nn.SiLU(),
                nn.Conv2d(thin, channels, 3, padding=1),
            )
            if thin
            else None
        )

    def forward(self, images: Tensor, number: Tensor, asked: Tensor | None = None) -> Tensor:
        """Return (N, C, S, S) of noisy stamps (N, C, S, S).

        Parameters
        ----------
        images : Tensor, shape (N, C, S, S)
        number : Tensor, shape (N,)
            Tells the noise level.
        asked : Tensor, shape (N, A), optional
        """
        images = images.contiguous(memory_format=torch.channels_last)
        vector = self.embedding(number, asked)  # (N, E)
        thin = images if self.thin_input is None else self.thin_input(images)  # (N, thin, S, S)
        maps = self.input(_last(F.pixel_unshuffle(thin, self.fold)))  # (N, channels, S / fold, S / fold)
        skips = [maps]
        for layer in self.down:
            maps = layer(maps, vector) if isinstance(layer, Block) else layer(maps)
            skips.append(maps)
        maps = self.middle(maps, vector)
        for layer in self.up:
            if isinstance(layer, Block):
                maps = layer(torch.cat([maps, skips.pop()], 1), vector)
            else:
                maps = layer(maps, skips[-1].shape[-1])
        maps = self.output(F.silu(self.output_norm(maps)))
        maps = _last(F.pixel_shuffle(maps, self.fold))  # (N, thin or C, S, S)
        if self.thin_output is None:
            return maps
        cleaned: Tensor = self.thin_output(torch.cat([maps, images], 1))
        return cleaned


class Enlargement(nn.Module):
    """Maps of twice the side: each pixel repeated, then a convolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, maps: Tensor, side: int) -> Tensor:
        """Return maps (N, C, side, side); twice the side of the given ones, or one less if it is odd."""
        maps = F.interpolate(maps, scale_factor=2, mode="nearest")[..., :side, :side]
        enlarged: Tensor = self.convolution(maps)
        return enlarged


def _last(maps: Tensor) -> Tensor:
    return maps.contiguous(memory_format=torch.channels_last)


def build(image_shape: tuple[int, int, int], settings: FoldedUNetSettings, asked: int = 0) -> FoldedUNet:
    """Return the network for square stamps of shape (C, S, S).

    Raises
    ------
    ValueError
        If the fold does not divide the side.
    """
    _, height, width = image_shape
    refusal = settings.refusal(height)
    if height != width or refusal:
        raise ValueError(f"stamps of {height} x {width} px; allowed: {refusal or 'square ones'}")
    return FoldedUNet(image_shape, settings, asked)
