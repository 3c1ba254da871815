"""From stamps to what a network sees, and back: stretched, about their mean, Fourier modes in their units."""

import math
from collections.abc import Iterable

import torch
from torch import Tensor, nn

from galforge.models.edm.preconditioning import SIGMA_DATA

# How far beyond the range of stamps a sample may reach, in units of that range, before it is scaled back to
# it. No sample of a trained model comes near; those of an untrained one would be infinite.
BEYOND = 1.0
# Of the largest power of a Fourier mode: a mode that no stamp has is not blown up.
LEAST_POWER = 1e-9


class Scaling(nn.Module):
    r"""An invertible map of stamps in [0, 1] to images of mean 0 and standard deviation 0.5.

    A stamp is stretched to asinh(x / x0) / asinh(1 / x0), which leaves 0 and 1 where they are; the mean of
    all training stamps is subtracted; each Fourier mode is divided by a power of what it usually is,

    .. math:: \tilde y_k \to \tilde y_k\,g\,(P_k / \bar P)^{-w / 2},

    with the mean power spectrum P of the training stamps and the whitening w; g makes the deviation 0.5. If
    stamps were a Gaussian random field, w = 1 would make white noise of them, whose best denoiser needs no
    network.

    Parameters
    ----------
    image_shape : tuple of int
        (C, H, W).
    stretch : float, optional
        x0; None for stamps as they are.
    whitening : float
        w.
    """

    def __init__(self, image_shape: tuple[int, int, int], stretch: float | None, whitening: float) -> None:
        super().__init__()
        self.stretch, self.whitening = stretch, whitening
        channels, height, width = image_shape
        self.register_buffer("centre", torch.zeros(image_shape))
        gain = torch.ones(channels, height, width // 2 + 1) if whitening else torch.ones(())
        self.register_buffer("gain", gain)
        self.centre: Tensor
        self.gain: Tensor

    def fit(self, images: Iterable[Tensor]) -> None:
        """Take over mean and power spectrum of stamps, which come some at a time, (N, C, H, W)."""
        count, total = 0, torch.zeros_like(self.centre, dtype=torch.float64)
        power = torch.zeros_like(total)
        for part in images:
            stretched = self._stretched(part.double())
            count += len(part)
            total += stretched.sum(0)
            power += torch.fft.fft2(stretched, norm="ortho").abs().square().sum(0)
        mean = total / count
        power = power / count - torch.fft.fft2(mean, norm="ortho").abs().square()  # (C, H, W)
        power = power.clamp(min=LEAST_POWER * float(power.max()))
        gain = (power / power.mean()) ** (-self.whitening / 2)
        gain *= SIGMA_DATA / (gain.square() * power).mean().sqrt()  # Parseval: the variance of a pixel
        self.centre.copy_(mean)
        self.gain.copy_(gain[..., : self.gain.shape[-1]] if self.whitening else gain[0, 0, 0])

    def forward(self, images: Tensor) -> Tensor:
        """Return images of mean 0 and deviation 0.5 of stamps (N, C, H, W) in [0, 1]."""
        return self._filtered(self._stretched(images.float()) - self.centre, self.gain)

    def inverse(self, scaled: Tensor) -> Tensor:
        """Return stamps (N, C, H, W) of what :meth:`forward` made of them; they may reach beyond [0, 1]."""
        values = self._filtered(scaled, 1 / self.gain) + self.centre
        values = values.clamp(-BEYOND, 1 + BEYOND)
        if self.stretch is None:
            return values
        return self.stretch * torch.sinh(values * math.asinh(1 / self.stretch))

    def _stretched(self, images: Tensor) -> Tensor:
        if self.stretch is None:
            return images
        return torch.asinh(images / self.stretch) / math.asinh(1 / self.stretch)

    def _filtered(self, images: Tensor, gain: Tensor) -> Tensor:
        if not self.whitening:
            return images * gain
        size = images.shape[-2:]
        modes = torch.fft.rfft2(images, norm="ortho") * gain
        filtered: Tensor = torch.fft.irfft2(modes, s=size, norm="ortho")
        return filtered
