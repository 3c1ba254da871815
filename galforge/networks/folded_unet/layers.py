"""The parts of a U-Net that is told a noise level: residual blocks, attention, the embedding of the level."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

CHANNELS_PER_GROUP, MOST_GROUPS = 4, 32  # of group normalization
HEAD = 64  # channels of a head of attention
FREQUENCIES = 16  # of the embedding
SLOWEST, FASTEST = 0.25, 8.0  # cycles per unit of the embedded number, which spans about 3
# A factor on the weights of a branch's last convolution at the start: each block begins near the identity.
# Not 0, so that what is asked of a galaxy reaches an untrained network's output.
SMALL = 0.1


def group_norm(channels: int) -> nn.GroupNorm:
    """Return a group normalization with about :data:`CHANNELS_PER_GROUP` channels per group."""
    return nn.GroupNorm(
        math.gcd(channels, min(MOST_GROUPS, max(1, channels // CHANNELS_PER_GROUP))), channels
    )


def small_start(layer: nn.Conv2d) -> nn.Conv2d:
    """Return a convolution whose weights are made small and whose bias is zero."""
    with torch.no_grad():
        layer.weight.mul_(SMALL)
        if layer.bias is not None:
            layer.bias.zero_()
    return layer


class Embedding(nn.Module):
    """A number per stamp, and what is asked of it, as a vector that all blocks are given.

    Parameters
    ----------
    size : int
        Components of the vector, E.
    asked : int
        Components of what is asked of a stamp, A; 0 for none.
    """

    def __init__(self, size: int, asked: int) -> None:
        super().__init__()
        frequencies = torch.logspace(math.log10(SLOWEST), math.log10(FASTEST), FREQUENCIES)
        self.register_buffer("frequencies", 2 * math.pi * frequencies, persistent=False)
        self.frequencies: Tensor
        self.first = nn.Linear(2 * FREQUENCIES, size)
        self.asked = nn.Linear(asked, size) if asked else None
        self.second = nn.Linear(size, size)

    def forward(self, number: Tensor, asked: Tensor | None) -> Tensor:
        """Return vectors (N, E) of numbers (N,) and of what is asked, (N, A)."""
        phases = number[:, None] * self.frequencies  # (N, FREQUENCIES)
        vector = self.first(torch.cat([phases.cos(), phases.sin()], 1))
        if self.asked is not None and asked is not None:
            vector = vector + self.asked(asked)
        return F.silu(self.second(F.silu(vector)))


class Block(nn.Module):
    """Two convolutions, normalized as the noise level wants it, added to their input; then attention.

    Parameters
    ----------
    before, after : int
        Channels.
    embedding : int
        Components of the vector of the noise level, E.
    dropout : float
    attends : bool
    """

    def __init__(self, before: int, after: int, embedding: int, dropout: float, attends: bool) -> None:
        super().__init__()
        self.first_norm = group_norm(before)
        self.first = nn.Conv2d(before, after, 3, padding=1)
        self.modulation = nn.Linear(embedding, 2 * after)
        self.second_norm = group_norm(after)
        self.dropout = nn.Dropout(dropout)
        self.second = small_start(nn.Conv2d(after, after, 3, padding=1))
        self.skip = nn.Conv2d(before, after, 1) if before != after else nn.Identity()
        self.attention = Attention(after) if attends else None

    def forward(self, maps: Tensor, vector: Tensor) -> Tensor:
        """Return maps (N, after, S, S) of maps (N, before, S, S) and vectors (N, E)."""
        branch = self.first(F.silu(self.first_norm(maps)))  # (N, after, S, S)
        scale, shift = self.modulation(vector)[:, :, None, None].chunk(2, 1)  # (N, after, 1, 1) each
        branch = F.silu(torch.addcmul(shift, self.second_norm(branch), 1 + scale))
        branch = self.second(self.dropout(branch))
        summed: Tensor = (self.skip(maps) + branch) * math.sqrt(0.5)
        return summed if self.attention is None else self.attention(summed)


class Attention(nn.Module):
    """Self-attention of the pixels of a map, added to it (Vaswani et al. 2017)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.heads = max(1, channels // HEAD)
        if channels % self.heads:
            self.heads = 1
        self.norm = group_norm(channels)
        self.questions = nn.Conv2d(channels, 3 * channels, 1)
        self.answer = small_start(nn.Conv2d(channels, channels, 1))

    def forward(self, maps: Tensor) -> Tensor:
        """Return maps of the same shape (N, C, S, S)."""
        count, channels, height, width = maps.shape
        pixels = self.questions(self.norm(maps)).flatten(2).mT  # (N, S * S, 3 C)
        split = pixels.reshape(count, height * width, 3, self.heads, channels // self.heads)
        query, key, value = split.permute(2, 0, 3, 1, 4)  # (N, heads, S * S, C / heads) each
        mixed = F.scaled_dot_product_attention(query, key, value)
        answer = mixed.transpose(1, 2).reshape(count, height, width, channels).permute(0, 3, 1, 2)
        summed: Tensor = (maps + self.answer(answer)) * math.sqrt(0.5)
        return summed
