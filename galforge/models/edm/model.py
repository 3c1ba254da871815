"""A diffusion model as Karras et al. (2022) precondition it, and flow matching on the same network."""

import math
from collections.abc import Iterable
from typing import ClassVar

import torch
from torch import Tensor

from galforge.models.base import GenerativeModel
from galforge.models.batch import Batch
from galforge.models.edm.preconditioning import Scales, edm_scales, flow_scales
from galforge.models.edm.sampling import heun, noise_levels
from galforge.models.edm.scaling import Scaling
from galforge.models.edm.settings import EDMSettings
from galforge.models.edm.weighting import LevelWeights
from galforge.models.latent_walks import principal_directions
from galforge.networks import registry as networks

EDGE = 1e-5  # of the quantiles of noise levels: none is infinite
LEAST_RANGE = 1e-6  # of a sample that is divided by its range
DIRECTION_SAMPLES, DIRECTION_BATCH = 128, 64  # samples that the directions of the latents are found from


class EDM(GenerativeModel):
    r"""A denoiser of stamps at every noise level, and samples that follow it from noise to stamps.

    Stamps are scaled to mean 0 and standard deviation 0.5 (:class:`Scaling`). The loss is the mean squared
    error of the network's output, with the scalings of :mod:`galforge.models.edm.preconditioning`; with
    ``objective: edm`` that is Eq. 8 of Karras et al. (2022) with the weights of its Table 1, with ``flow``
    that of flow matching on straight paths, whose noise is logit-normal in t (Esser et al. 2024). The noise
    levels of a batch are evenly spaced quantiles of their distribution with a common random offset (Kingma et
    al. 2021, I.1), which makes the loss of a batch less noisy and leaves its mean as it is.

    A latent is the noise that a sample begins with, in units of the highest noise level; the sampler is
    deterministic. Both objectives are sampled by Heun's method over the same noise levels: the paths of flow
    matching are those of a diffusion but for a factor.

    What is asked of a galaxy is added to the embedding of the noise level. With ``guidance`` all of it is
    withheld from a share of the stamps in training, and a stamp is denoised to D(nothing asked) +
    g (D(asked) - D(nothing asked)), Eq. 6 of Ho & Salimans (2022) with g = 1 + w.

    Each stamp of a dataset spans 0 to 1 by construction; with ``rescaled`` each sample does so, too.

    Parameters
    ----------
    image_shape : tuple of int
        (C, H, W).
    settings : EDMSettings
        The network gives stamps of noisy stamps, a number that tells the noise level, and what is asked.
    conditions : int, optional
        That a galaxy can be asked for with, K.

    References
    ----------
    Karras et al. (2022), "Elucidating the design space of diffusion-based generative models", NeurIPS; Ho &
    Salimans (2022), "Classifier-free diffusion guidance"; Lipman et al. (2023), "Flow matching for generative
    modeling", ICLR; Esser et al. (2024), "Scaling rectified flow transformers for high-resolution image
    synthesis"; Kingma et al. (2021), "Variational diffusion models".
    """

    supports_bfloat16: ClassVar[bool] = True
    supports_compile: ClassVar[bool] = True

    def __init__(self, image_shape: tuple[int, int, int], settings: EDMSettings, conditions: int = 0) -> None:
        super().__init__(image_shape)
        self.conditions, self.settings, self.guidance = conditions, settings, settings.guidance
        self.latent_size = math.prod(image_shape)
        self.network = networks.build(
            settings.network, settings.network_settings, image_shape, 2 * conditions
        )
        self.scaling = Scaling(image_shape, settings.stretch, settings.whitening)
        self.level_weights = LevelWeights() if settings.learned_weights else None
        sampler = settings.sampler
        self.levels = noise_levels(sampler.steps, sampler.sigma_min, sampler.sigma_max, sampler.rho)

    def prepare(self, batches: Iterable[Batch]) -> None:
        """Take over mean and power spectrum of the stamps."""
        self.scaling.fit(batch.image for batch in batches)

    def scales(self, sigma: Tensor) -> Scales:
        """Return the scalings of the objective at noise levels."""
        return edm_scales(sigma) if self.settings.objective == "edm" else flow_scales(sigma)

    def denoised(self, noisy: Tensor, sigma: Tensor, asked: Tensor | None = None) -> Tensor:
        """Return the network's mean of scaled stamps (N, C, H, W) with noise of standard deviations (N,)."""
        scales = self.scales(sigma)
        output = self._output(noisy, scales, asked)
        return _each(scales.skip) * noisy + _each(scales.out) * output

    def _output(self, noisy: Tensor, scales: Scales, asked: Tensor | None) -> Tensor:
        # In float32 whatever the network computes in: it is a small part of a sum.
        output: Tensor = self.network(_each(scales.input) * noisy, scales.noise, asked)
        return output.float()

    def errors(self, stamps: Tensor, sigma: Tensor, noise: Tensor, asked: Tensor | None) -> Tensor:
        """Return the mean squared errors (N,) of the network's output for scaled stamps with noise."""
        scales = self.scales(sigma)
        noisy = stamps + _each(sigma) * noise
        target = (stamps - _each(scales.skip) * noisy) / _each(scales.out)
        return (self._output(noisy, scales, asked) - target).square().mean((1, 2, 3))

    def draw_levels(self, count: int, generator: torch.Generator) -> Tensor:
        """Return noise levels (count,), of evenly spaced quantiles."""
        device = self.scaling.centre.device
        offset = torch.rand((), generator=generator, device=device)
        quantiles = (offset + torch.arange(count, device=device) / count) % 1
        normal = torch.special.ndtri(quantiles.clamp(EDGE, 1 - EDGE))
        noise = self.settings.noise
        return torch.exp(noise.mean + noise.deviation * normal)

    def _drawn_errors(
        self, batch: Batch, asked: Tensor | None, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Return errors and noise levels, (N,) each, of the stamps of a batch with drawn noise."""
        sigma = self.draw_levels(len(batch), generator)
        stamps = self.scaling(batch.image)
        noise = torch.randn(stamps.shape, generator=generator, device=stamps.device)
        return self.errors(stamps, sigma, noise, asked), sigma

    def training_losses(self, batch: Batch, phase: str, generator: torch.Generator) -> dict[str, Tensor]:
        """Return ``loss``, and ``error``, what it is without learned weights."""
        asked = self._asked_or_nothing(batch.condition, len(batch))
        if asked is not None and self.guidance is not None:
            drawn = torch.rand(len(batch), generator=generator, device=batch.device)
            asked = asked * (drawn >= self.guidance.withheld)[:, None]
        errors, sigma = self._drawn_errors(batch, asked, generator)
        losses = errors if self.level_weights is None else self.level_weights.weighted(errors, sigma)
        return {"loss": losses.mean(), "error": errors.mean()}

    def validation_losses(self, batch: Batch, generator: torch.Generator) -> dict[str, Tensor]:
        """Return ``loss``, the error without learned weights, of which trainings can be compared."""
        asked = self._asked_or_nothing(batch.condition, len(batch))
        return {"loss": self._drawn_errors(batch, asked, generator)[0].mean()}

    def _asked_or_nothing(self, condition: Tensor | None, count: int) -> Tensor | None:
        return self.asked(condition, count) if self.conditions else None

    def draw_latents(self, count: int, generator: torch.Generator) -> Tensor:
        """Return z ~ N(0, 1), (count, latent_size), one by one: those of a part are those of the whole."""
        device = self.scaling.centre.device
        one = self.latent_size
        return torch.stack([torch.randn(one, generator=generator, device=device) for _ in range(count)])

    def path_ends(self, latents: Tensor, condition: Tensor | None = None) -> Tensor:
        """Return scaled stamps (N, C, H, W) at the ends of the paths from latents (N, latent_size)."""
        asked = self._asked_or_nothing(condition, len(latents))

        def denoise(noisy: Tensor, sigma: Tensor) -> Tensor:
            return self._guided(noisy, sigma.expand(len(noisy)), asked)

        return heun(denoise, self.levels[0] * latents.reshape(-1, *self.image_shape), self.levels)

    def _guided(self, noisy: Tensor, sigma: Tensor, asked: Tensor | None) -> Tensor:
        if asked is None or self.guidance is None or self.guidance.factor == 1:
            return self.denoised(noisy, sigma, asked)
        both = torch.cat([torch.zeros_like(asked), asked])
        free, bound = self.denoised(noisy.repeat(2, 1, 1, 1), sigma.repeat(2), both).chunk(2)
        return free + self.guidance.factor * (bound - free)

    def decode(self, latents: Tensor, condition: Tensor | None = None) -> Tensor:
        """Return stamps (N, C, H, W) in [0, 1] of latents (N, latent_size) and conditions (N, K)."""
        stamps = self.scaling.inverse(self.path_ends(latents, condition))
        return spanning(stamps) if self.settings.rescaled else stamps.clamp(0, 1)

    def sample(self, count: int, generator: torch.Generator, condition: Tensor | None = None) -> Tensor:
        """Return the stamps of ``count`` draws of the latents."""
        return self.decode(self.draw_latents(count, generator), condition)

    def directions(self, count: int, generator: torch.Generator) -> Tensor:
        """Return the principal components of scaled samples, (count, latent_size), which latents share.

        For a Gaussian distribution of stamps the path of a sample keeps to its principal components.
        """
        latents = self.draw_latents(DIRECTION_SAMPLES, generator)
        parts = [self.path_ends(part) for part in torch.split(latents, DIRECTION_BATCH)]
        return principal_directions(torch.cat(parts).flatten(1), count)


def spanning(stamps: Tensor) -> Tensor:
    """Return stamps (N, C, H, W), each scaled to span 0 to 1; the channels share one scale."""
    low = stamps.amin((1, 2, 3), keepdim=True)
    high = stamps.amax((1, 2, 3), keepdim=True)
    return ((stamps - low) / (high - low).clamp(min=LEAST_RANGE)).clamp(0, 1)


def _each(values: Tensor) -> Tensor:
    """Return a number per stamp, (N,), as (N, 1, 1, 1)."""
    return values[:, None, None, None]


build = EDM
