"""Variational autoencoders: any encoder and decoder, with the papers' losses."""

from collections.abc import Iterable
from typing import ClassVar

import torch
from torch import Tensor, nn

from galforge.models.base import GenerativeModel, draw_posteriors, latents_at_rest
from galforge.models.batch import Batch
from galforge.models.joint_normal import JointNormal
from galforge.models.latent_flow import LatentFlow
from galforge.models.vae.losses import divergence_from_prior, guarded, reconstruction_error
from galforge.models.vae.settings import VAESettings
from galforge.networks import registry as networks

LEAST_MAXIMUM = 1e-6  # of a stamp that is divided by its maximum


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
    ``sampler: gaussian`` a density is fitted afterwards, and with ``sampler: flow`` a normalizing flow is
    trained afterwards; neither changes the network.

    With conditions, the decoder is given them beside the latent, with a mask of what is missing, so that the
    latents need not tell them; and so is the sampler, but for the prior, which is N(0, 1) whatever is asked
    (Sohn et al. 2015). The encoder sees the stamp alone.

    Parameters
    ----------
    image_shape : tuple of int
        (C, H, W).
    settings : VAESettings
        The network is an encoder, images to (mean, log variance), and a decoder, latents to stamps before
        ``output``.
    conditions : int, optional
        That a galaxy can be asked for with, K.

    References
    ----------
    Sohn, Lee & Yan (2015), "Learning structured output representation using deep conditional generative
    models", NeurIPS.
    Danilov (2020); Goupil (2020); Laisney, Lalou & Marmet; Ghosh et al. (2020), "From variational to
    deterministic autoencoders", for fitting the density of the latents after training.
    """

    encodes: ClassVar[bool] = True
    supports_bfloat16: ClassVar[bool] = True
    supports_compile: ClassVar[bool] = True

    def __init__(self, image_shape: tuple[int, int, int], settings: VAESettings, conditions: int = 0) -> None:
        super().__init__(image_shape)
        self.conditions = conditions
        self.encoder, self.decoder = networks.build(settings.network, settings.network_settings, image_shape)
        if conditions:
            self.decoder = networks.build_wider(
                settings.network, settings.network_settings, image_shape, latents=2 * conditions
            )[1]
        self.latent_size = settings.network_settings.latent_size
        self.reconstruction, self.divergence = settings.reconstruction, settings.divergence
        self.drawing = settings.posterior
        self.output, self.sampler = settings.reconstruction.output, settings.sampler
        self.flow_share = settings.flow.share if settings.flow else 0.0
        # The logarithm starts at 0, as in the code of Dai & Wipf.
        self.log_gamma = nn.Parameter(torch.zeros(())) if self.reconstruction.loss == "gaussian" else None
        # Latents are drawn as mean + factor @ N(0, 1); this is the prior.
        self.register_buffer("latent_mean", torch.zeros(self.latent_size))
        self.register_buffer("latent_factor", torch.eye(self.latent_size))
        self.latent_mean: Tensor
        self.latent_factor: Tensor
        asked = conditions and self.sampler == "gaussian"
        self.joint = JointNormal(self.latent_size, conditions) if asked else None
        self.flow = (
            LatentFlow(self.latent_size, 2 * conditions, settings.flow)
            if settings.flow and self.sampler == "flow"
            else None
        )

    def phases(self, step: int, total_steps: int) -> tuple[str, ...]:
        """Return the network's phase; where latents are drawn from a flow, its own after that."""
        if self.flow is None or step < round((1 - self.flow_share) * total_steps):
            return ("model",)
        return ("flow",)

    def phase_parameters(self) -> dict[str, list[nn.Parameter]]:
        """Return the parameters of the network, and those of the flow where there is one."""
        if self.flow is None:
            return super().phase_parameters()
        flow = list(self.flow.parameters())
        apart = {id(parameter) for parameter in flow}
        return {"model": [each for each in self.parameters() if id(each) not in apart], "flow": flow}

    def posterior(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return mean and log variance of the latents' posterior, (N, latent_size) each."""
        mean, log_variance = self.encoder(batch.image)
        return mean, guarded(log_variance, self.drawing.largest_log_variance)

    def decode(self, latents: Tensor, condition: Tensor | None = None) -> Tensor:
        """Return stamps (N, C, H, W) in [0, 1] of latents (N, latent_size) and conditions (N, K)."""
        output = self.decoded(latents, condition)
        return torch.sigmoid(output) if self.output == "sigmoid" else output.clamp(0, 1)

    def decoded(self, latents: Tensor, condition: Tensor | None) -> Tensor:
        """Return the decoder's values, before its last function, (N, C, H, W)."""
        if self.conditions:
            latents = torch.cat([latents, self.asked(condition, len(latents))], 1)
        values: Tensor = self.decoder(latents)
        return values

    def divergence_weight(self, batch_size: int) -> float:
        """Return the factor on the mean divergence of an image in the loss."""
        channels, height, width = self.image_shape
        scale = {"pixel": 1 / (channels * height * width), "image": 1.0, "batch": float(batch_size)}
        return self.divergence.weight * scale[self.divergence.per]

    def effective_settings(self, batch_size: int) -> dict[str, float]:
        """Return ``effective_beta``: the weight of the divergence in error summed over pixels + beta * KL."""
        channels, height, width = self.image_shape
        return {"effective_beta": self.divergence_weight(batch_size) * channels * height * width}

    def training_losses(self, batch: Batch, phase: str, generator: torch.Generator) -> dict[str, Tensor]:
        """Return the terms of the phase.

        For the network: ``loss``, ``reconstruction`` (per pixel) and ``divergence`` (nats per image). For the
        flow: ``loss``, the negative log-likelihood of draws from the posteriors (nats per latent).
        """
        if phase == "flow":
            return self._flow_losses(batch, generator)
        mean, log_variance = self.posterior(batch)  # (N, L), (N, L)
        # In float32, whatever the networks compute in: differences of like values need the digits.
        mean, log_variance = mean.float(), log_variance.float()
        latents = self._draws(mean, log_variance, generator)
        output = self.decoded(latents, batch.condition).float()  # (N, C, H, W)
        reconstruction = reconstruction_error(output, batch.image, self.reconstruction, self.log_gamma)
        divergence = divergence_from_prior(mean, log_variance)  # (N,)
        bound = self.divergence.bound
        penalty = divergence if bound is None else divergence.clamp(max=bound)
        return {
            "loss": reconstruction + self.divergence_weight(self.step_size or len(batch)) * penalty.mean(),
            "reconstruction": reconstruction,
            "divergence": divergence.mean(),
        }

    def _draws(self, mean: Tensor, log_variance: Tensor, generator: torch.Generator) -> Tensor:
        if self.drawing.noise == "normal":
            return draw_posteriors(mean, log_variance, generator)
        noise = torch.rand(mean.shape, generator=generator, device=mean.device, dtype=mean.dtype)
        return mean + noise * torch.exp(0.5 * log_variance)

    def _flow_losses(self, batch: Batch, generator: torch.Generator) -> dict[str, Tensor]:
        assert self.flow is not None
        latents = latents_at_rest(self, batch, generator)
        return self.flow.losses(latents.float(), self.asked_of_flow(batch.condition, len(batch)), generator)

    def validation_losses(self, batch: Batch, generator: torch.Generator) -> dict[str, Tensor]:
        """Return the network's terms; with a flow also ``flow_loss``, and ``loss`` is the sum.

        The network rests while the flow is trained, so that the best epoch is then the flow's best.
        """
        terms = self.training_losses(batch, "model", generator)
        if self.flow is None:
            return terms
        flow = self._flow_losses(batch, generator)["loss"]
        return {**terms, "loss": terms["loss"] + flow, "network_loss": terms["loss"], "flow_loss": flow}

    def fit_sampler(self, batches: Iterable[Batch]) -> None:
        """Take mean and covariance of the latents of stamps, if the sampler is gaussian."""
        if self.sampler != "gaussian":
            return
        posteriors, conditions = [], []
        for batch in batches:
            posteriors.append(self.posterior(batch))
            if batch.condition is not None:
                conditions.append(batch.condition)
        means = torch.cat([mean for mean, _ in posteriors]).double()  # (N, L)
        variances = torch.cat([log_variance for _, log_variance in posteriors]).double().exp()
        # Draws from the posteriors have the scatter of the means and the posteriors' own mean variance.
        covariance = torch.cov(means.T) + torch.diag(variances.mean(0))  # (L, L)
        self.latent_mean.copy_(means.mean(0))
        self.latent_factor.copy_(torch.linalg.cholesky(covariance))
        if self.joint is not None:
            self.joint.fit(means, variances.mean(0), torch.cat(conditions).double())

    def sample(self, count: int, generator: torch.Generator, condition: Tensor | None = None) -> Tensor:
        """Return the decoded stamps of ``count`` draws of the sampler."""
        return self.decode_sample(self.sample_latents(count, generator, condition), condition)

    def sample_latents(
        self, count: int, generator: torch.Generator, condition: Tensor | None = None
    ) -> Tensor:
        """Return latents of new stamps, (count, latent_size), from the sampler."""
        if self.flow is not None:
            return self.flow.sample(count, self.asked_of_flow(condition, count), generator)
        mean = self.latent_mean
        noise = torch.randn(count, self.latent_size, generator=generator, device=mean.device)
        if self.joint is not None and condition is not None:
            return self.joint.given(condition, noise)
        return mean + noise @ self.latent_factor.T

    def decode_sample(self, latents: Tensor, condition: Tensor | None = None) -> Tensor:
        """Return new stamps (N, C, H, W) in [0, 1]: as :meth:`decode`, with the papers' last touch."""
        if self.output == "sigmoid":
            return self.decode(latents, condition)
        light = self.decoded(latents, condition).clamp(min=0)
        return light / light.amax((1, 2, 3), keepdim=True).clamp(min=LEAST_MAXIMUM)


build = VAE
