"""Loss weights of the noise levels, learnt with the network."""

import math

import torch
from torch import Tensor, nn

FREQUENCIES = 8  # of the features of a noise level
PERIOD = 16.0  # of the slowest, in ln sigma: beyond the levels of any training


class LevelWeights(nn.Module):
    r"""The logarithm u of the usual error at a noise level, which is learnt as the network is.

    .. math:: L = e^{-u(\sigma)}\,E(\sigma) + u(\sigma)

    is least where u is the logarithm of the error E; the network then sees all levels with the same weight,
    and the rest of the loss does not reach it.

    References
    ----------
    Karras et al. (2024), "Analyzing and improving the training dynamics of diffusion models", Eq. 14;
    Kendall, Gal & Cipolla (2018), "Multi-task learning using uncertainty to weigh losses".
    """

    def __init__(self) -> None:
        super().__init__()
        frequencies = 2 * math.pi / PERIOD * torch.arange(1, FREQUENCIES + 1)
        self.register_buffer("frequencies", frequencies, persistent=False)
        self.frequencies: Tensor
        self.linear = nn.Linear(2 * FREQUENCIES, 1)
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def forward(self, sigma: Tensor) -> Tensor:
        """Return u (N,) of noise levels (N,)."""
        phases = sigma.log()[:, None] * self.frequencies  # (N, FREQUENCIES)
        logarithm: Tensor = self.linear(torch.cat([phases.cos(), phases.sin()], 1))
        return logarithm[:, 0]

    def weighted(self, error: Tensor, sigma: Tensor) -> Tensor:
        """Return the loss of each stamp, (N,), of its error (N,) at its noise level (N,)."""
        logarithm: Tensor = self(sigma)
        return error * torch.exp(-logarithm) + logarithm
