"""A VAE of galaxies in flux, without PSF and noise, and a normalizing flow of its latents."""

import math
from collections.abc import Sequence
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from galforge.models.base import GenerativeModel, draw_posteriors, latents_at_rest
from galforge.models.batch import Batch
from galforge.models.deconvolving_vae.settings import DeconvolvingVAESettings
from galforge.models.latent_flow import LatentFlow
from galforge.models.observation import (
    apodisation,
    border_light,
    convolve,
    fourier_gaussian_error,
    noise_power,
    pixel_gaussian_error,
    total_variation,
)
from galforge.models.vae.losses import divergence_from_prior, guarded
from galforge.networks import registry as networks

LARGEST = 12.0  # of what the hyperbolic sine makes light of


class DeconvolvingVAE(GenerativeModel):
    r"""A VAE whose decoder gives light without PSF and noise, after Lanusse et al. (2021).

    The light of a galaxy is positive, on the pixels of the stamp, in units of the dataset's noise. It is
    convolved with the PSF of its stamp, and what is left of the stamp is compared with the noise:

    .. math:: L = -\ln N(x - P * g(z); 0, \Sigma) + w\,\max(\overline{D} - \lambda L_z, 0) + T + B

    D is the divergence of the posterior from N(0, 1), of which lambda per latent is free in the mean over the
    batch; T is the total variation of the light and B the penalty of light in the border. All are sums over
    the stamp, divided by its pixels, with which Adam changes nothing.

    A normalizing flow learns, once the VAE is trained, the distribution of draws from the posteriors, given
    the conditions where there are any; the decoder is not given these, so galaxies that were asked for in
    another way come from the same latents.

    Parameters
    ----------
    image_shape : tuple of int
        (C, H, W).
    settings : DeconvolvingVAESettings
    conditions : int, optional
        That a galaxy can be asked for with, K.

    References
    ----------
    Lanusse et al. (2021), "Deep generative models for galaxy image simulations", MNRAS 504, 5543.
    """

    encodes: ClassVar[bool] = True
    in_flux: ClassVar[bool] = True
    supports_bfloat16: ClassVar[bool] = True
    supports_compile: ClassVar[bool] = True

    def __init__(
        self, image_shape: tuple[int, int, int], settings: DeconvolvingVAESettings, conditions: int = 0
    ) -> None:
        super().__init__(image_shape)
        self.conditions, self.settings = conditions, settings
        self.encoder, self.decoder = networks.build(settings.network, settings.network_settings, image_shape)
        self.latent_size = settings.network_settings.latent_size
        self.sees_psf = getattr(self.encoder, "uses_psf", False)
        self.stretch = settings.stretch
        self.flow = LatentFlow(self.latent_size, 2 * conditions, settings.flow)
        _, height, width = image_shape
        window = apodisation(height, settings.apodisation)
        self.register_buffer("window", window, persistent=False)
        self.register_buffer("power", torch.ones(height, width // 2 + 1))
        # The mean PSF of the dataset, seen through which the model's own samples are shown; a point at first.
        psf = torch.zeros(1, 1, height - 1, width - 1)
        psf[0, 0, height // 2 - 1, width // 2 - 1] = 1
        self.register_buffer("mean_psf", psf)
        self.register_buffer("warmth", torch.ones(()))
        self.window: Tensor
        self.power: Tensor
        self.mean_psf: Tensor
        self.warmth: Tensor

    def observe(self, noise_correlation: Tensor, psfs: Tensor) -> None:
        """Take over the power spectrum of the noise and the mean PSF."""
        self.power.copy_(noise_power(noise_correlation, self.image_shape[1]))
        mean = psfs.mean(0, keepdim=True)
        margin = self.mean_psf.shape[-1] - mean.shape[-1]
        self.mean_psf.copy_(F.pad(mean, [margin // 2] * 4))

    def phases(self, step: int, total_steps: int) -> tuple[str, ...]:
        """Return the VAE's phase, then the flow's."""
        share = self.settings.flow.share
        return ("model",) if step < round((1 - share) * total_steps) else ("flow",)

    def advance(self, step: int, total_steps: int) -> None:
        """Let the weight of the divergence rise."""
        steps = self.settings.warmup_steps
        self.warmth.fill_(min(1.0, (step + 1) / steps) if steps else 1.0)

    def phase_parameters(self) -> dict[str, list[nn.Parameter]]:
        """Return the parameters of the VAE and those of the flow."""
        network = [*self.encoder.parameters(), *self.decoder.parameters()]
        return {"model": network, "flow": list(self.flow.parameters())}

    def posterior(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return mean and log variance of the latents' posterior, (N, latent_size) each."""
        psf = self.mean_psf.expand(len(batch), -1, -1, -1) if batch.psf is None else batch.psf
        images = batch.image if self.stretch is None else torch.asinh(batch.image / self.stretch)
        # Networks of other papers see the stamp alone.
        mean, log_variance = self.encoder(images, psf) if self.sees_psf else self.encoder(images)
        return mean, guarded(log_variance)

    def light(self, latents: Tensor) -> Tensor:
        """Return galaxies (N, C, H, W) of latents (N, latent_size), without PSF and noise, positive."""
        values = F.softplus(self.decoder(latents).float())
        # 80,000 times the noise in a pixel is beyond any stamp; where a young network gives that for most of
        # them, the square would be all of the loss.
        return torch.sinh(values.clamp(max=LARGEST)) if self.settings.brightness == "sinh" else values

    def observed(self, galaxies: Tensor, psf: Tensor | None = None) -> Tensor:
        """Return galaxies (N, C, H, W) through PSFs (N, 1, P, P), by default through the dataset's mean."""
        return convolve(galaxies, self.mean_psf.expand(len(galaxies), -1, -1, -1) if psf is None else psf)

    def decode(self, latents: Tensor, condition: Tensor | None = None) -> Tensor:
        """Return stamps (N, C, H, W), without noise, of latents (N, latent_size) through the mean PSF."""
        return self.observed(self.light(latents))

    def reconstruct(self, batch: Batch) -> Tensor:
        """Return stamps (N, C, H, W) through their own PSFs, without noise."""
        return self.observed(self.light(self.encode(batch)), batch.psf)

    def training_losses(self, batch: Batch, phase: str, generator: torch.Generator) -> dict[str, Tensor]:
        """Return the terms of the phase.

        Of the VAE: ``loss``; ``reconstruction``, ``variation`` and ``border`` (nats per pixel);
        ``divergence`` (nats per galaxy). For the flow: ``loss`` (nats per latent).
        """
        if phase == "flow":
            return self._flow_losses(batch, generator)
        mean, log_variance = self.posterior(batch)
        mean, log_variance = mean.float(), log_variance.float()
        light = self.light(draw_posteriors(mean, log_variance, generator))
        reconstruction = self._likelihood(batch, self.observed(light, batch.psf))
        divergence = divergence_from_prior(mean, log_variance).mean()
        settings, pixels = self.settings, math.prod(self.image_shape)
        excess = F.relu(divergence - settings.free_bits * self.latent_size) / pixels
        variation = total_variation(light) / pixels
        border = border_light(light, self.window) / pixels
        return {
            "loss": reconstruction
            + settings.divergence_weight * self.warmth * excess
            + settings.total_variation * variation
            + settings.border_penalty * border,
            "reconstruction": reconstruction,
            "divergence": divergence,
            "variation": variation,
            "border": border,
        }

    def _likelihood(self, batch: Batch, expected: Tensor) -> Tensor:
        """Return the negative log-likelihood of stamps, nats per pixel."""
        noise = torch.ones(len(batch), device=batch.device) if batch.noise is None else batch.noise
        deviation, difference = noise[:, None, None, None], batch.image.float() - expected
        if self.settings.likelihood == "fourier":
            return fourier_gaussian_error(difference / deviation, self.power, self.window)
        # Without a gradient: a galaxy must not become brighter for the sake of its error.
        own_error = self.settings.relative_error * expected.detach()
        return pixel_gaussian_error(difference, (deviation.square() + own_error.square()).sqrt())

    def _flow_losses(self, batch: Batch, generator: torch.Generator) -> dict[str, Tensor]:
        latents = latents_at_rest(self, batch, generator)
        return self.flow.losses(latents.float(), self.asked_of_flow(batch.condition, len(batch)), generator)

    def validation_losses(self, batch: Batch, generator: torch.Generator) -> dict[str, Tensor]:
        """Return the terms of both; ``loss`` is the sum, of which the flow's alone changes in its phase."""
        terms = self.training_losses(batch, "model", generator)
        flow = self._flow_losses(batch, generator)["loss"]
        return {**terms, "loss": terms["loss"] + flow, "vae_loss": terms["loss"], "flow_loss": flow}

    def sample_latents(
        self, count: int, generator: torch.Generator, condition: Tensor | None = None
    ) -> Tensor:
        """Return latents of new galaxies, (count, latent_size), from the flow."""
        return self.flow.sample(count, self.asked_of_flow(condition, count), generator)

    def galaxies(self, count: int, generator: torch.Generator, condition: Tensor | None = None) -> Tensor:
        """Return new galaxies (count, C, H, W) without PSF and noise."""
        return self.light(self.sample_latents(count, generator, condition))

    def galaxies_of(self, seeds: Sequence[int], condition: Tensor | None = None) -> Tensor:
        """Return new galaxies (N, C, H, W), the chance of each from a seed of its own, all at once."""
        device = self.mean_psf.device
        noise = [
            torch.randn(
                1, self.latent_size, generator=torch.Generator(device).manual_seed(seed), device=device
            )
            for seed in seeds
        ]
        asked = self.asked_of_flow(condition, len(seeds))
        return self.light(self.flow.latents_of(torch.cat(noise), asked))

    def sample(self, count: int, generator: torch.Generator, condition: Tensor | None = None) -> Tensor:
        """Return new stamps (count, C, H, W) through the mean PSF, without noise."""
        return self.observed(self.galaxies(count, generator, condition))


build = DeconvolvingVAE
