"""The residual encoder and decoder of Lanusse et al. (2020), arXiv 2008.03833.

The paper describes them in a sentence ("a ResNet"); the numbers are those of its released configuration,
a residual autoencoder of the Tensor2Tensor library: at each stage a 4 x 4 convolution with stride 2, then
separable 3 x 3 convolutions whose sum with their input is normalized over the channels of each pixel. Of two
residual convolutions the first has twice the stage's channels. There are as many stages as bring the stamp
to a single pixel, 7 at 128 px as in the paper, 6 at 64 px.

Where we differ:

- the activation is the exponential linear unit; theirs turns the sign of every other channel besides, which
  the weights can do as well;
- they add sines of the place to the first features, so that a convolution knows where it is; ours know it
  from the borders, which the stages reach on the way to a single pixel;
- their decoder is at first given some of the encoder's features past the latent, as a warm-up; ours never;
- the features of the PSF are not normalized: far from its centre that would blow up what is next to nothing.

Maps have their channels last in memory on whatever device: the normalization wants them so, and on one CPU
core a step takes three quarters of the time (2.0 s of processor time against 2.7 s, 64 stamps of 64 px).
Plain 3 x 3 convolutions in place of the separable ones take 1.5 times as long.
"""

import math
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from galforge.networks.lanusse.settings import LanusseSettings

WIDENING = 2  # of the channels inside a residual branch
BIAS = 0.01  # standard deviation with which the embedding's bias starts
# The features of the PSF beside the embedding of the stamp, as a fraction of the latter's.
PSF_SHARE = 4


class ChannelNorm(nn.LayerNorm):
    """Layer normalization over the channels of each pixel, with a gain and an offset per channel."""

    def forward(self, input: Tensor) -> Tensor:
        """Return maps (N, C, H, W) with mean 0 and variance 1 over C, before gain and offset."""
        # Maps with their channels last in memory are copied by neither permutation.
        return super().forward(input.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class Residual(nn.Module):
    """Maps (N, C, H, W) and what separable convolutions make of them, added and normalized.

    Parameters
    ----------
    channels : int
    layers : int
        Convolutions; all but the last have twice the channels.
    dropout : float
    drops_input : bool
        Whether values are dropped before the convolutions, as in the encoder, or after, as in the decoder.
    """

    def __init__(self, channels: int, layers: int, dropout: float, drops_input: bool) -> None:
        super().__init__()
        modules: list[nn.Module] = []
        before = channels
        for number in range(1, layers + 1):
            after = channels if number == layers else WIDENING * channels
            modules += [
                nn.Conv2d(before, before, 3, 1, 1, groups=before, bias=False),
                nn.Conv2d(before, after, 1),
                nn.ELU(),
            ]
            before = after
        if layers:
            modules.insert(0 if drops_input else len(modules), nn.Dropout(dropout))
        self.branch = nn.Sequential(*modules) if layers else None
        self.norm = ChannelNorm(channels)

    def forward(self, maps: Tensor) -> Tensor:
        """Return maps of the same shape."""
        summed = maps if self.branch is None else maps + self.branch(maps)
        normalized: Tensor = self.norm(summed)
        return normalized


def channels_of(size: int, settings: LanusseSettings) -> list[int]:
    """Return the channels at the full size of a stamp of ``size`` px, at half of it, and so on to 1 px."""
    stages = int(math.log2(size))
    return [min(settings.channels * 2**stage, settings.maximum_channels) for stage in range(stages + 1)]


class _ChannelsLast(nn.Module):
    def forward(self, maps: Tensor) -> Tensor:
        return maps.contiguous(memory_format=torch.channels_last)


def _halving(before: int, after: int, size: int) -> list[nn.Module]:
    """Return a 4 x 4 convolution with stride 2 to maps of ``size`` px.

    From 2 px to 1 it sees no more than 2 x 2 of its weights; these alone are a matrix.
    """
    if size > 1:
        return [nn.Conv2d(before, after, 4, 2, 1)]
    return [nn.Flatten(), nn.Linear(4 * before, after), nn.Unflatten(1, (after, 1, 1))]


def _doubling(before: int, after: int, size: int) -> list[nn.Module]:
    """Return a transposed 4 x 4 convolution with stride 2 of maps of ``size`` px; its weights as above."""
    if size > 1:
        return [nn.ConvTranspose2d(before, after, 4, 2, 1)]
    return [nn.Flatten(), nn.Linear(before, 4 * after), nn.Unflatten(1, (after, 2, 2)), _ChannelsLast()]


class Encoder(nn.Module):
    """Stamp, and its PSF, to the mean and log variance of its latent posterior.

    Parameters
    ----------
    image_shape : tuple of int
        (C, H, H), H a power of two.
    settings : LanusseSettings

    Attributes
    ----------
    uses_psf : bool
    """

    def __init__(self, image_shape: tuple[int, int, int], settings: LanusseSettings) -> None:
        super().__init__()
        depths = channels_of(image_shape[1], settings)
        self.size, self.uses_psf = image_shape[1], settings.uses_psf
        self.embedding = nn.Conv2d(image_shape[0], depths[0], 1)
        # Empty pixels have a direction of their own, and those that are as faint as this are told from them.
        nn.init.normal_(self.embedding.bias, std=BIAS)  # type: ignore[arg-type]  # it has one
        self.embedding_norm = ChannelNorm(depths[0])
        of_psf = max(depths[0] // PSF_SHARE, 1) if self.uses_psf else 0
        self.psf_embedding = nn.Conv2d(1, of_psf, 5, 1, 2) if self.uses_psf else None
        modules: list[nn.Module] = []
        size = self.size
        for before, after in zip([depths[0] + of_psf, *depths[1:-1]], depths[1:], strict=True):
            size //= 2
            modules += [
                *_halving(before, after, size),
                nn.ELU(),
                Residual(after, settings.residual_layers, settings.dropout, drops_input=True),
            ]
        self.stages = nn.Sequential(*modules, nn.Flatten())
        self.mean = nn.Linear(depths[-1], settings.latent_size)
        self.log_variance = nn.Linear(depths[-1], settings.latent_size)

    def forward(self, images: Tensor, psf: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return mean and log variance of the latents.

        Parameters
        ----------
        images : Tensor, shape (N, C, H, H)
        psf : Tensor, shape (N, 1, P, P), optional
            The PSF of each stamp on the stamp's pixels, its centre on pixel P // 2; needed if ``uses_psf``,
            otherwise it is not looked at. How it is normalized does not matter.

        Returns
        -------
        mean, log_variance : Tensor, shape (N, latent_size)
        """
        images = images.contiguous(memory_format=torch.channels_last)
        features = self.embedding_norm(F.elu(self.embedding(images)))  # (N, channels, H, H)
        if self.psf_embedding is not None:
            if psf is None:
                raise ValueError("the encoder takes the PSF of each stamp (uses_psf), and is given none")
            of_psf = F.elu(self.psf_embedding(_central(psf / psf.amax((2, 3), keepdim=True), self.size)))
            features = torch.cat([features, of_psf], 1)
        vector = self.stages(features)  # (N, maximum_channels)
        return self.mean(vector), self.log_variance(vector)


def _central(psf: Tensor, size: int) -> Tensor:
    """Return PSFs (N, 1, P, P) with zeros around them, or their central part, (N, 1, size, size)."""
    before = size // 2 - psf.shape[-1] // 2
    after = size - psf.shape[-1] - before
    return F.pad(psf, (before, after, before, after))


class Decoder(nn.Module):
    """Latent to a stamp before the model's last function: the encoder's mirror, a linear layer at its end."""

    def __init__(self, image_shape: tuple[int, int, int], settings: LanusseSettings) -> None:
        super().__init__()
        depths = channels_of(image_shape[1], settings)[::-1]
        self.vector = nn.Linear(settings.latent_size, depths[0])
        modules: list[nn.Module] = []
        size = 1
        for before, after in pairwise(depths):
            modules += [
                *_doubling(before, after, size),
                nn.ELU(),
                Residual(after, settings.residual_layers, settings.dropout, drops_input=False),
            ]
            size *= 2
        self.stages = nn.Sequential(*modules)
        self.output = nn.Conv2d(depths[-1], image_shape[0], 1)

    def forward(self, latents: Tensor) -> Tensor:
        """Return stamps (N, C, H, H), of any sign, of latents (N, latent_size)."""
        vector = self.vector(latents)[:, :, None, None]  # (N, maximum_channels, 1, 1)
        images: Tensor = self.output(self.stages(vector))
        return images


def build(image_shape: tuple[int, int, int], settings: LanusseSettings) -> tuple[nn.Module, nn.Module]:
    """Return encoder and decoder for stamps of shape (C, H, H), H a power of two."""
    _, height, width = image_shape
    if height != width or height & (height - 1):
        raise ValueError(f"a stamp of {height} x {width} px does not halve down to a single pixel")
    return Encoder(image_shape, settings), Decoder(image_shape, settings)
