"""Variational autoencoders: any encoder and decoder, with the papers' losses."""

import math
from collections.abc import Iterable
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from galforge.models.base import GenerativeModel
from galforge.models.vae.settings import Reconstruction, VAESettings
from galforge.networks import registry as networks

HALF_LOG_2_PI = 0.5 * math.log(2 * math.pi)

LEAST_MAXIMUM = 1e-6  # of a stamp that is divided by its maximum

# The largest variance of a posterior, as its logarithm (its width is 20 times the prior's); a guard of ours.
# A decoder that begins with batch normalization sees the latents of a batch relative to each other only, so
# a network that nothing holds to the prior (Eq. 8 above its bound) can learn at first to blow up a few
# stamps' latents and show the average galaxy for all the others. With some seeds it then went on until the
# variance overflowed. Stopped here, and far above what a posterior is in any training that goes well, it
# comes back.
LARGEST_LOG_VARIANCE = 6.0


class VAE(GenerativeModel):
    """A variational autoencoder with the papers' reconstruction losses and weights of the divergence.

    The loss is R + w D. R is the reconstruction error averaged over pixels and batch. D is the divergence
    of the posterior from N(0, 1), summed over latents (Eq. 4 of Danilov 2020), in one of the papers'
    three ways:

    - ``per: pixel``: its mean over the batch, divided by the pixels of an image. With the Bernoulli loss
      and weight beta this is [BCE + beta * KL] / (C * H * W), Eqs. 5 (beta = 1) and 7 of Danilov (2020),
      written with both terms positive; it is also a thousandth part, or so, of the bound of the ETH paper,
      which sums over pixels, and Adam does not see a common factor.
    - ``per: image``: its mean over the batch, as in Goupil's MSE + KL.
    - ``per: batch``: its sum over the batch, as in the published code of Laisney et al. (alpha); how much
      it weighs then depends on the batch size.

    With a ``bound`` the divergence of an image is min(bound, KL), Eq. 8 of Danilov (2020) as printed,
    again with the sign turned: a penalty that ends where the divergence exceeds the bound. (The paper
    calls it "Flow-VAE"; no normalizing flow is in it, and the "free bits" of Lanusse et al. 2020, which
    it cites, are the maximum of the two.)

    A weak or young divergence leaves the latents far from the prior (correlated, a few directions with most
    of the variance), and draws from N(0, 1) then decode to nothing, however good the reconstructions; with
    ``sampler: gaussian`` a density is fitted afterwards, which does not change the network.

    Parameters
    ----------
    image_shape : tuple of int
        (C, H, W).
    settings : VAESettings
        The network is an encoder, images to (mean, log variance), and a decoder, latents to stamps before
        ``output``.

    References
    ----------
    Danilov (2020); Goupil (2020); Laisney, Lalou & Marmet; Ghosh et al. (2020), "From variational to
    deterministic autoencoders", for fitting the density of the latents after training.
    """

    encodes: ClassVar[bool] = True
    supports_bfloat16: ClassVar[bool] = True
    supports_compile: ClassVar[bool] = True

    def __init__(self, image_shape: tuple[int, int, int], settings: VAESettings) -> None:
        super().__init__(image_shape)
        self.encoder, self.decoder = networks.build(settings.network, settings.network_settings, image_shape)
        self.latent_size = settings.network_settings.latent_size
        self.reconstruction, self.divergence = settings.reconstruction, settings.divergence
        self.output, self.sampler = settings.reconstruction.output, settings.sampler
        # The logarithm starts at 0, as in the code of Dai & Wipf.
        self.log_gamma = nn.Parameter(torch.zeros(())) if self.reconstruction.loss == "gaussian" else None
        # Latents are drawn as mean + factor @ N(0, 1); this is the prior.
        self.register_buffer("latent_mean", torch.zeros(self.latent_size))
        self.register_buffer("latent_factor", torch.eye(self.latent_size))
        self.latent_mean: Tensor
        self.latent_factor: Tensor

    def posterior(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log variance of the latents' posterior, (N, latent_size) each."""
        mean, log_variance = self.encoder(images)
        # The gradient passes as if nothing were cut off: without one, what is beyond would stay there.
        excess = (log_variance - LARGEST_LOG_VARIANCE).clamp(min=0).detach()
        return mean, log_variance - excess

    def decode(self, latents: Tensor) -> Tensor:
        """Return stamps (N, C, H, W) in [0, 1] of latents (N, latent_size)."""
        output: Tensor = self.decoder(latents)
        return torch.sigmoid(output) if self.output == "sigmoid" else output.clamp(0, 1)

    def draw_latents(self, mean: Tensor, log_variance: Tensor, generator: torch.Generator) -> Tensor:
        """Return a draw from each posterior, (N, latent_size)."""
        noise = torch.randn(mean.shape, generator=generator, device=mean.device, dtype=mean.dtype)
        return mean + noise * torch.exp(0.5 * log_variance)

    def divergence_weight(self, batch_size: int) -> float:
        """Return the factor on the mean divergence of an image in the loss."""
        channels, height, width = self.image_shape
        scale = {"pixel": 1 / (channels * height * width), "image": 1.0, "batch": float(batch_size)}
        return self.divergence.weight * scale[self.divergence.per]

    def effective_settings(self, batch_size: int) -> dict[str, float]:
        """Return ``effective_beta``: the weight of the divergence in error summed over pixels + beta * KL."""
        channels, height, width = self.image_shape
        return {"effective_beta": self.divergence_weight(batch_size) * channels * height * width}

    def training_losses(self, images: Tensor, phase: str, generator: torch.Generator) -> dict[str, Tensor]:
        """Return ``loss``, ``reconstruction`` (a pixel) and ``divergence`` (nats an image)."""
        mean, log_variance = self.posterior(images)  # (N, L), (N, L)
        # In float32, whatever the networks compute in: differences of like values need the digits.
        mean, log_variance = mean.float(), log_variance.float()
        output = self.decoder(self.draw_latents(mean, log_variance, generator)).float()  # (N, C, H, W)
        reconstruction = reconstruction_error(output, images, self.reconstruction, self.log_gamma)
        divergence = divergence_from_prior(mean, log_variance)  # (N,)
        bound = self.divergence.bound
        penalty = divergence if bound is None else divergence.clamp(max=bound)
        return {
            "loss": reconstruction + self.divergence_weight(len(images)) * penalty.mean(),
            "reconstruction": reconstruction,
            "divergence": divergence.mean(),
        }

    def fit_sampler(self, batches: Iterable[Tensor]) -> None:
        """Take mean and covariance of the latents of stamps (N, C, H, W), if the sampler is gaussian."""
        if self.sampler == "prior":
            return
        posteriors = [self.posterior(batch) for batch in batches]
        means = torch.cat([mean for mean, _ in posteriors]).double()  # (N, L)
        variances = torch.cat([log_variance for _, log_variance in posteriors]).double().exp()
        # Draws from the posteriors have the scatter of the means and the posteriors' own mean variance.
        covariance = torch.cov(means.T) + torch.diag(variances.mean(0))  # (L, L)
        self.latent_mean.copy_(means.mean(0))
        self.latent_factor.copy_(torch.linalg.cholesky(covariance))

    def sample(self, count: int, generator: torch.Generator) -> Tensor:
        """Return the decoded stamps of ``count`` draws of the sampler."""
        mean = self.latent_mean
        noise = torch.randn(count, self.latent_size, generator=generator, device=mean.device)
        return self.decode_sample(mean + noise @ self.latent_factor.T)

    def decode_sample(self, latents: Tensor) -> Tensor:
        """Return new stamps (N, C, H, W) in [0, 1]: as :meth:`decode`, with the papers' last touch."""
        if self.output == "sigmoid":
            return self.decode(latents)
        light: Tensor = self.decoder(latents).clamp(min=0)
        return light / light.amax((1, 2, 3), keepdim=True).clamp(min=LEAST_MAXIMUM)


def reconstruction_error(
    values: Tensor, images: Tensor, settings: Reconstruction, log_gamma: Tensor | None = None
) -> Tensor:
    """Return the error of what a decoder puts out, averaged over pixels and batch.

    Parameters
    ----------
    values, images : Tensor, shape (N, C, H, W)
        The decoder's values before its last function; images in [0, 1].
    settings : Reconstruction
        With ``bernoulli`` the error is in nats; with ``gaussian`` it is a negative log-likelihood, in nats.
    log_gamma : Tensor, shape (), optional
        Logarithm of the standard deviation of the normal distribution of ``gaussian``.
    """
    if settings.loss == "bernoulli":
        return F.binary_cross_entropy_with_logits(values, images)
    predicted = torch.sigmoid(values) if settings.output == "sigmoid" else values
    difference = settings.pixel_range * (predicted - images)
    if log_gamma is not None:
        return gaussian_error(difference, log_gamma)
    return difference.abs().mean() if settings.loss == "l1" else difference.square().mean()


def gaussian_error(difference: Tensor, log_gamma: Tensor) -> Tensor:
    """Return the mean negative log-likelihood of differences under N(0, gamma**2), in nats.

    It turns negative when gamma becomes small, as densities do.
    """
    return 0.5 * (difference * torch.exp(-log_gamma)).square().mean() + log_gamma + HALF_LOG_2_PI


def divergence_from_prior(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Return the Kullback-Leibler divergence of each posterior from N(0, 1), nats, (N,).

    Eq. 4 of Danilov (2020) with its sign turned, so that it is not negative.
    """
    return -0.5 * (1 + log_variance - mean**2 - log_variance.exp()).sum(1)


build = VAE
