r"""How a network is made a denoiser at every noise level.

A stamp y and noise of standard deviation sigma make x = y + sigma n. The denoiser is

.. math:: D(x; \sigma) = c_{skip}\,x + c_{out}\,F(c_{in}\,x;\, c_{noise}),

Eq. 7 of Karras et al. (2022), and its network F is trained to give (y - c_skip x) / c_out.
"""

from typing import NamedTuple

import torch
from torch import Tensor

SIGMA_DATA = 0.5  # standard deviation that stamps are scaled to (Karras et al. 2022)


class Scales(NamedTuple):
    """The four scalings of Eq. 7 of Karras et al. (2022), each of the shape of the noise levels."""

    skip: Tensor
    out: Tensor
    input: Tensor
    noise: Tensor


def edm_scales(sigma: Tensor) -> Scales:
    """Return the scalings with which input and target of the network have variance 1 at every level.

    Table 1 of Karras et al. (2022), last column. With the paper's weights of the levels, the loss is the mean
    squared error of what the network is trained to give.
    """
    length = torch.sqrt(sigma**2 + SIGMA_DATA**2)
    return Scales(SIGMA_DATA**2 / length**2, sigma * SIGMA_DATA / length, 1 / length, sigma.log() / 4)


def flow_scales(sigma: Tensor) -> Scales:
    r"""Return the scalings with which the network is trained to give noise less stamp.

    In flow matching on straight paths (Lipman et al. 2023; Liu et al. 2023) the network is given
    :math:`x_t = (1 - t) y + t n` of a stamp of variance 1 and learns the velocity :math:`v = n - y`, so that
    the stamp is :math:`x_t - t v`. With :math:`t = s / (1 + s)`, s = sigma / SIGMA_DATA, x_t is
    :math:`y + s n` but for a factor: the paths and samples are those of a diffusion.
    """
    relative = sigma / SIGMA_DATA
    share = 1 / (1 + relative)  # 1 - t
    return Scales(share, -SIGMA_DATA * relative * share, share / SIGMA_DATA, sigma.log() / 4)
