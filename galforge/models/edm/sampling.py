"""From noise to stamps: the probability flow ordinary differential equation, by Heun's method."""

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor

Denoiser = Callable[[Tensor, Tensor], Tensor]
"""From noisy stamps (N, C, H, W) and a noise level, a scalar, to the mean of the stamps that they may be."""


def noise_levels(steps: int, sigma_min: float, sigma_max: float, rho: float) -> list[float]:
    r"""Return ``steps`` noise levels from sigma_max down to sigma_min, then 0.

    .. math:: \sigma_i = \left(\sigma_{max}^{1/\rho}
              + \frac{i}{N-1} (\sigma_{min}^{1/\rho} - \sigma_{max}^{1/\rho})\right)^\rho

    Eq. 5 of Karras et al. (2022). A single step goes from sigma_max to 0.
    """
    ends = sigma_max ** (1 / rho), sigma_min ** (1 / rho)
    shares = [number / max(1, steps - 1) for number in range(steps)]
    return [((1 - share) * ends[0] + share * ends[1]) ** rho for share in shares] + [0.0]


def heun(denoise: Denoiser, noisy: Tensor, levels: list[float]) -> Tensor:
    r"""Return the end of the paths that begin at noisy stamps.

    The equation is :math:`dx / d\sigma = (x - D(x; \sigma)) / \sigma`; each step is corrected with the slope
    at its end, except for the last, to the level 0 (Algorithm 1 of Karras et al. 2022).

    Parameters
    ----------
    denoise : callable
    noisy : Tensor, shape (N, C, H, W)
        Stamps with noise of the first level.
    levels : list of float
        Falling; the last may be 0.
    """
    for level, following in pairwise(levels):
        slope = _slope(denoise, noisy, level)
        ahead = noisy + (following - level) * slope
        if following > 0:
            slope = (slope + _slope(denoise, ahead, following)) / 2
            ahead = noisy + (following - level) * slope
        noisy = ahead
    return noisy


def _slope(denoise: Denoiser, noisy: Tensor, level: float) -> Tensor:
    sigma = torch.tensor(level, dtype=noisy.dtype, device=noisy.device)
    return (noisy - denoise(noisy, sigma)) / level
