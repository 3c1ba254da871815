"""A normalizing flow as the distribution of latents, given conditions or not."""

from typing import Final

import torch
import zuko
from torch import Tensor, nn

from galforge.models.flow_inverse import affine_inverse
from galforge.models.flow_settings import LARGEST_SIZE, FlowSettings

# Batches whose moments the latents are standardised with; then the flow's own units stay as they are.
STANDARDISING_BATCHES: Final = 100
LEAST_SPREAD: Final = 1e-6  # of a component that does not vary
BINS: Final = 8  # of a spline, zuko's default; 8 in Durkan et al. (2019)


class LatentFlow(nn.Module):
    """A masked autoregressive or spline flow over latents (N, L), conditional on features (N, F).

    With location m and spread s of the latents, and the flow's bijection f, the density of a latent z is

    p(z | c) = N(f((z - m) / s; c); 0, 1) |det df/dz| = N(u; 0, 1) |det df| / prod(s),

    the change of variables. Lanusse et al. (2020) have 8 layers of masked networks [256, 256] (Germain et al.
    2015) and random permutations between them; here, too, each layer has its own random order. The scale of a
    layer is bounded smoothly within [1/1000, 1000] by zuko, in their code cut off at exp(-3) and exp(3).

    A draw takes L passes of each layer's network, one after the other; the density takes one.

    Latents are standardised inside. The mean and spread of the components are those over the first
    STANDARDISING_BATCHES batches that :meth:`losses` sees in training mode, or what :meth:`standardise` was
    given; then they stay. They, and the orders of the components, are buffers: a model with the weights of
    another draws what the other draws.

    Parameters
    ----------
    size : int
        L, components of a latent.
    features : int
        F, what the distribution is conditional on; 0 for nothing. Their values should be about 1 (see
        :func:`galforge.models.conditions.condition_features`).
    settings : FlowSettings

    Raises
    ------
    ValueError
        For more than LARGEST_SIZE components or features.

    References
    ----------
    Papamakarios et al. (2017), arXiv 1705.07057; Durkan et al. (2019), arXiv 1906.04032; Lanusse et al.
    (2020), arXiv 2008.03833.
    """

    def __init__(self, size: int, features: int, settings: FlowSettings) -> None:
        super().__init__()
        if max(size, features) > LARGEST_SIZE:
            raise ValueError(f"a flow takes at most {LARGEST_SIZE} components and features")
        self.size, self.features = size, features
        # zuko makes other layers of a single component.
        self.is_affine = settings.kind == "maf" and size > 1
        kind = {"maf": zuko.flows.MAF, "spline": lambda *a, **k: zuko.flows.NSF(*a, bins=BINS, **k)}
        # The masks are computed from each other, which the meta device cannot do; all else follows it.
        device = torch.get_default_device()
        with torch.device("cpu"):
            flow = kind[settings.kind](
                size, features, transforms=settings.layers, randperm=True, hidden_features=settings.hidden
            )
        self.flow = flow.to(device)
        self.register_buffer("location", torch.zeros(size))
        self.register_buffer("spread", torch.ones(size))
        self.register_buffer("batches", torch.zeros(()))
        self.location: Tensor
        self.spread: Tensor
        self.batches: Tensor  # that location and spread are taken from

    def standardise(self, latents: Tensor) -> None:
        """Take location and spread from latents (N, L), for good."""
        variance, mean = torch.var_mean(latents.detach().float(), 0, correction=0)
        self.location.copy_(mean)
        self.spread.copy_(variance.sqrt().clamp(min=LEAST_SPREAD))
        self.batches.fill_(STANDARDISING_BATCHES)

    @torch.no_grad()
    def _follow(self, latents: Tensor) -> None:
        """Let location and spread be those of one more batch (N, L), if it is among the first.

        Without a question to the device: the batch's weight in the mean of all is 0 once there are enough.
        """
        variance, mean = torch.var_mean(latents, 0, correction=0)
        more = self.batches < STANDARDISING_BATCHES
        weight = more / (self.batches + 1)
        beyond = mean - self.location
        # The variance within batches, and that between their means.
        merged = (1 - weight) * self.spread.square() + weight * variance
        merged += weight * (1 - weight) * beyond.square()
        spread = merged.sqrt().clamp(min=LEAST_SPREAD)
        self.location.add_(weight * beyond)
        self.spread.copy_(torch.where(more, spread, self.spread))
        self.batches.add_(more)

    def log_probability(self, latents: Tensor, features: Tensor | None = None) -> Tensor:
        """Return the logarithm of the density of latents (N, L) given features (N, F), nats, (N,)."""
        with torch.autocast(latents.device.type, enabled=False):
            standard = (latents.float() - self.location) / self.spread
            density: Tensor = self.flow(self._checked(features)).log_prob(standard)
            return density - self.spread.log().sum()

    def losses(
        self, latents: Tensor, features: Tensor | None, generator: torch.Generator
    ) -> dict[str, Tensor]:
        """Return ``loss``: the mean negative log-likelihood of latents, in nats per latent (all components).

        Parameters
        ----------
        latents : Tensor, shape (N, L)
            Draws from posteriors rather than their means, whose distribution may lie on a surface.
        features : Tensor, shape (N, F), optional
            None for a flow without conditions.
        generator : torch.Generator
            Nothing is drawn; as in the losses of a model.
        """
        if self.training:
            self._follow(latents.detach().float())
        return {"loss": -self.log_probability(latents, features).mean()}

    def sample(self, count: int, features: Tensor | None, generator: torch.Generator) -> Tensor:
        """Return ``count`` latents, (count, L), given features (count, F); all chance is the generator's."""
        noise = torch.randn(count, self.size, generator=generator, device=self.location.device)
        return self.latents_of(noise, features)

    def latents_of(self, noise: Tensor, features: Tensor | None = None) -> Tensor:
        """Return the latents (N, L) that the flow makes of draws (N, L) from N(0, 1)."""
        with torch.autocast(noise.device.type, enabled=False):
            checked = self._checked(features)
            if self.is_affine:
                standard = affine_inverse(self.flow.transform.transforms, noise.float(), checked)
            else:
                standard = self.flow.transform(checked).inv(noise.float())
            return standard * self.spread + self.location

    def _checked(self, features: Tensor | None) -> Tensor | None:
        given = 0 if features is None else features.shape[1]
        if given != self.features:
            raise ValueError(f"the flow is conditional on {self.features} features, and is given {given}")
        return None if features is None else features.float()
