"""The two-stage VAE: a second VAE learns the distribution of the first one's latents."""

from typing import ClassVar

import torch
from torch import Tensor, nn

from galforge.models.base import GenerativeModel, latents_at_rest
from galforge.models.batch import Batch
from galforge.models.two_stage_vae.settings import TwoStageVAESettings
from galforge.models.vae.losses import divergence_from_prior, gaussian_error
from galforge.models.vae.model import VAE
from galforge.models.vae.settings import VAESettings


class TwoStageVAE(GenerativeModel):
    """Two VAEs, one after the other, after Dai & Wipf (2019), as in Goupil (2020).

    The first learns stamps. Its latents fill the space around the origin, but not as N(0, 1) does, so
    draws from the prior decode badly. The second, a small dense VAE with a learned width gamma_z, learns
    the distribution of *sampled* latents z (not of their means: the noise of the posterior is part of
    what the decoder knows). New stamps come from u ~ N(0, 1) through both decoders: z = z_hat(u) +
    gamma_z * N(0, 1), stamp = decode(z). Leaving out either the sampling or the noise of gamma_z gives
    latents that the first decoder has never seen, and turns them into noise: the failure that Goupil
    fought for weeks looks like it.

    Parameters
    ----------
    image_shape : tuple of int
        (C, H, W).
    settings : TwoStageVAESettings

    References
    ----------
    Dai & Wipf (2019), "Diagnosing and enhancing VAE models", ICLR; Goupil (2020), section 3.4.
    """

    encodes: ClassVar[bool] = True
    supports_bfloat16: ClassVar[bool] = True
    supports_compile: ClassVar[bool] = True

    def __init__(
        self, image_shape: tuple[int, int, int], settings: TwoStageVAESettings, conditions: int = 0
    ) -> None:
        super().__init__(image_shape)
        self.conditions = conditions
        first = VAESettings(
            network=settings.network,
            network_settings=settings.network_settings,
            reconstruction=settings.reconstruction,
            divergence=settings.divergence,
            posterior=settings.posterior,
            sampler="prior",
        )
        self.first = VAE(image_shape, first, conditions)
        self.latent_size = self.first.latent_size
        self.second = LatentVAE(
            self.latent_size,
            settings.second_latent_size,
            settings.second_hidden_size,
            2 * conditions,
            settings.second_layers,
        )
        self.second_input = settings.second_input
        self.second_share = settings.second_share

    def phases(self, step: int, total_steps: int) -> tuple[str, ...]:
        """Return the first stage for its share of the steps, then the second."""
        return ("first",) if step < round((1 - self.second_share) * total_steps) else ("second",)

    def phase_parameters(self) -> dict[str, list[nn.Parameter]]:
        """Return the parameters of each stage."""
        return {"first": list(self.first.parameters()), "second": list(self.second.parameters())}

    def effective_settings(self, batch_size: int) -> dict[str, float]:
        """Return those of the first stage."""
        return self.first.effective_settings(batch_size)

    def training_losses(self, batch: Batch, phase: str, generator: torch.Generator) -> dict[str, Tensor]:
        """Return the terms of the stage that is trained."""
        if phase == "first":
            return self.first.training_losses(batch, "model", generator)
        return self._second_losses(batch, generator)

    def validation_losses(self, batch: Batch, generator: torch.Generator) -> dict[str, Tensor]:
        """Return the terms of both stages; ``loss`` is their sum."""
        first = self.first.training_losses(batch, "model", generator)
        second = self._second_losses(batch, generator)
        named = {f"first_{name}": value for name, value in first.items()}
        named |= {f"second_{name}": value for name, value in second.items()}
        return {"loss": first["loss"] + second["loss"], **named}

    def _second_losses(self, batch: Batch, generator: torch.Generator) -> dict[str, Tensor]:
        latents = latents_at_rest(self.first, batch, generator, self.second_input == "means")
        return self.second.losses(latents, self.first.asked(batch.condition, len(batch)), generator)

    def sample(self, count: int, generator: torch.Generator, condition: Tensor | None = None) -> Tensor:
        """Return stamps from u ~ N(0, 1), through both decoders."""
        latents = self.second.sample(count, self.first.asked(condition, count), generator)
        return self.first.decode_sample(latents, condition)

    def posterior(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return the first stage's posterior of z: the second has no part in encoding."""
        return self.first.posterior(batch)

    def decode(self, latents: Tensor, condition: Tensor | None = None) -> Tensor:
        """Return the first stage's stamps (N, C, H, W) of latents z (N, latent_size)."""
        return self.first.decode(latents, condition)


class LatentVAE(nn.Module):
    """A dense VAE of vectors: ReLU layers on either side, each with the input handed on to its end.

    With F features of conditions both sides are given these beside their input.
    """

    def __init__(
        self, size: int, latent_size: int, hidden_size: int, features: int = 0, layers: int = 3
    ) -> None:
        super().__init__()
        self.latent_size = latent_size
        self.encoder = _dense(size + features, hidden_size, layers)
        self.mean = nn.Linear(hidden_size + size + features, latent_size)
        self.log_variance = nn.Linear(hidden_size + size + features, latent_size)
        self.decoder = _dense(latent_size + features, hidden_size, layers)
        self.output = nn.Linear(hidden_size + latent_size + features, size)
        self.log_gamma = nn.Parameter(torch.zeros(()))

    def decode(self, latents: Tensor, features: Tensor) -> Tensor:
        """Return z_hat (N, L) of u (N, latent_size) and features (N, F)."""
        given = torch.cat([latents, features], 1)
        vectors: Tensor = self.output(torch.cat([self.decoder(given), given], 1))
        return vectors

    def losses(self, vectors: Tensor, features: Tensor, generator: torch.Generator) -> dict[str, Tensor]:
        """Return ``loss`` and ``reconstruction`` (nats a component) and ``divergence`` (nats a vector)."""
        given = torch.cat([vectors, features], 1)
        hidden = torch.cat([self.encoder(given), given], 1)
        mean, log_variance = self.mean(hidden).float(), self.log_variance(hidden).float()
        noise = torch.randn(mean.shape, generator=generator, device=mean.device)
        difference = self.decode(mean + noise * torch.exp(0.5 * log_variance), features) - vectors
        reconstruction = gaussian_error(difference, self.log_gamma)
        divergence = divergence_from_prior(mean, log_variance).mean()
        return {
            "loss": reconstruction + divergence / vectors.shape[1],
            "reconstruction": reconstruction,
            "divergence": divergence,
        }

    def sample(self, count: int, features: Tensor, generator: torch.Generator) -> Tensor:
        """Return z = z_hat(u) + gamma_z * N(0, 1) of ``count`` draws of u, (count, L)."""
        device = self.log_gamma.device
        latents = torch.randn(count, self.latent_size, generator=generator, device=device)
        vectors = self.decode(latents, features)
        noise = torch.randn(vectors.shape, generator=generator, device=device)
        return vectors + self.log_gamma.exp() * noise


def _dense(size: int, hidden_size: int, layers: int) -> nn.Sequential:
    modules: list[nn.Module] = []
    for _ in range(layers):
        modules += [nn.Linear(size, hidden_size), nn.ReLU()]
        size = hidden_size
    return nn.Sequential(*modules)


build = TwoStageVAE
