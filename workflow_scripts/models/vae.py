"""Variational autoencoders: any encoder and decoder, with the papers' losses."""

from typing import Any, ClassVar, Final

import torch
import torch.nn.functional as F
from torch import Tensor

from workflow_scripts.models.base import GenerativeModel
from workflow_scripts.targets import resolve

SETTINGS_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "network": {"type": "string", "description": "module in workflow_scripts.networks"},
        "network_settings": {"type": "object"},
        "beta": {"type": "number", "minimum": 0, "description": "weight of the divergence"},
        "sampler": {"enum": ["prior", "gaussian"], "description": "what latents are drawn from"},
    },
    "required": ["network", "network_settings", "beta", "sampler"],
    "additionalProperties": False,
}

FIT_BATCH = 256  # stamps encoded at once when the sampler is fitted


class VAE(GenerativeModel):
    """A variational autoencoder with a Bernoulli likelihood and a weighted divergence.

    The loss of an image is Eq. 7 of Danilov (2020), with the signs written so that both terms are
    positive,

        [BCE + beta * KL] / (C * H * W),

    BCE the binary cross-entropy summed over pixels (Eq. 3) and KL the divergence of the posterior
    from N(0, 1) summed over latents (Eq. 4). With beta = 1 it is Eq. 5.

    Parameters
    ----------
    image_shape : tuple of int
        (C, H, W).
    network : str
        Target of a function ``build(image_shape, **network_settings)`` that returns encoder and
        decoder: images to (mean, log variance), latents to logits.
    network_settings : dict
        With ``latent_size``.
    beta : float
        1e-2 for the paper's Beta-VAE.
    sampler : str
        What new stamps are decoded from: ``"prior"``, N(0, 1) as in the papers, or ``"gaussian"``, the
        normal distribution with the mean and covariance of the training stamps' latents. A weak or
        young divergence leaves the latents far from the prior (correlated, a few directions with most
        of the variance), and draws from N(0, 1) then decode to nothing, however good the
        reconstructions; a density fitted afterwards does not change the network.

    References
    ----------
    Danilov (2020); Ghosh et al. (2020), "From variational to deterministic autoencoders", for fitting
    the density of the latents after training.
    """

    encodes: ClassVar[bool] = True

    def __init__(
        self,
        image_shape: tuple[int, int, int],
        network: str,
        network_settings: dict[str, Any],
        beta: float,
        sampler: str,
    ) -> None:
        super().__init__(image_shape)
        self.encoder, self.decoder = resolve(network)(image_shape, **network_settings)
        self.latent_size: int = network_settings["latent_size"]
        self.beta, self.sampler = beta, sampler
        # Latents are drawn as mean + factor @ N(0, 1); this is the prior.
        self.register_buffer("latent_mean", torch.zeros(self.latent_size))
        self.register_buffer("latent_factor", torch.eye(self.latent_size))
        self.latent_mean: Tensor
        self.latent_factor: Tensor

    def encode(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log variance of the posterior, (N, latent_size) each."""
        mean, log_variance = self.encoder(images)
        return mean, log_variance

    def decode(self, latents: Tensor) -> Tensor:
        """Return stamps (N, C, H, W) in [0, 1] of latents (N, latent_size)."""
        return torch.sigmoid(self.decoder(latents))

    def training_losses(self, images: Tensor, phase: str, generator: torch.Generator) -> dict[str, Tensor]:
        """Return ``loss``, ``reconstruction`` (BCE a pixel) and ``divergence`` (nats an image)."""
        mean, log_variance = self.encode(images)  # (N, L), (N, L)
        noise = torch.randn(mean.shape, generator=generator, device=mean.device, dtype=mean.dtype)
        latents = mean + noise * torch.exp(0.5 * log_variance)  # (N, L)
        logits = self.decoder(latents)  # (N, C, H, W)
        # Mean over the batch of sums over an image, both divided by the pixels of an image.
        reconstruction = F.binary_cross_entropy_with_logits(logits, images)
        divergence = -0.5 * (1 + log_variance - mean**2 - log_variance.exp()).sum(1).mean()
        pixels = images[0].numel()
        return {
            "loss": reconstruction + self.beta * divergence / pixels,
            "reconstruction": reconstruction,
            "divergence": divergence,
        }

    def fit_sampler(self, images: Tensor) -> None:
        """Take mean and covariance of the latents of stamps (N, C, H, W), if the sampler is gaussian."""
        if self.sampler == "prior":
            return
        posteriors = [self.encode(batch) for batch in torch.split(images, FIT_BATCH)]
        means = torch.cat([mean for mean, _ in posteriors]).double()  # (N, L)
        variances = torch.cat([log_variance for _, log_variance in posteriors]).double().exp()
        # Of draws from the posteriors: scatter of their means, and their own mean variance.
        covariance = torch.cov(means.T) + torch.diag(variances.mean(0))  # (L, L)
        self.latent_mean.copy_(means.mean(0))
        self.latent_factor.copy_(torch.linalg.cholesky(covariance))

    def sample(self, count: int, generator: torch.Generator) -> Tensor:
        """Return the decoded stamps of ``count`` draws of the sampler."""
        mean = self.latent_mean
        noise = torch.randn(count, self.latent_size, generator=generator, device=mean.device)
        return self.decode(mean + noise @ self.latent_factor.T)

    def reconstruct(self, images: Tensor) -> Tensor:
        """Return the decoded posterior means of stamps (N, C, H, W)."""
        return self.decode(self.encode(images)[0])
