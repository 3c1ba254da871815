"""A normal distribution of latents and conditions: latents are drawn from it for given conditions."""

import torch
from torch import Tensor, nn

# Added to the conditions' variances, which are 1: conditions that tell the same can be asked for together.
RIDGE = 1e-4


class JointNormal(nn.Module):
    r"""The normal distribution of latents z (L) and standardised conditions c (K) of the training stamps.

    Given some components k of c, z is normal again:

    .. math::
        z \mid c_k \sim N(\mu_z + \Sigma_{zk} \Sigma_{kk}^{-1} (c_k - \mu_k),
                          \Sigma_{zz} - \Sigma_{zk} \Sigma_{kk}^{-1} \Sigma_{kz})

    so a galaxy can be asked for by some of its conditions, and the rest is drawn with it.

    Parameters
    ----------
    latents, conditions : int
        L and K.
    """

    def __init__(self, latents: int, conditions: int) -> None:
        super().__init__()
        self.latents = latents
        self.register_buffer("mean", torch.zeros(latents + conditions))
        self.register_buffer("covariance", torch.eye(latents + conditions))
        self.mean: Tensor
        self.covariance: Tensor

    def fit(self, means: Tensor, variances: Tensor, condition: Tensor) -> None:
        """Take mean and covariance from the training stamps.

        Parameters
        ----------
        means : Tensor of float64, shape (N, L)
            Of the latents' posteriors.
        variances : Tensor of float64, shape (L,)
            Mean variance of the posteriors.
        condition : Tensor of float64, shape (N, K)
            NaN where a value is missing: it then stands at its mean, given the others' absence, so that a
            covariance is estimated too small rather than from a few stamps alone.
        """
        known = condition.isfinite()
        filled = torch.where(known, condition, 0.0)
        centre = filled.sum(0) / known.sum(0).clamp(min=1)
        filled = torch.where(known, condition, centre)
        both = torch.cat([means, filled], 1)  # (N, L + K)
        # Draws from the posteriors have the scatter of the means and the posteriors' own mean variance.
        extra = torch.cat([variances, torch.full_like(centre, RIDGE)])
        self.mean.copy_(both.mean(0))
        self.covariance.copy_(torch.cov(both.T) + torch.diag(extra))

    def given(self, condition: Tensor, noise: Tensor) -> Tensor:
        """Return latents (N, L) for conditions (N, K), NaN where none is asked, and N(0, 1) noise (N, L)."""
        latents = torch.empty_like(noise)
        known = condition.isfinite()
        for pattern in torch.unique(known, dim=0):
            rows = (known == pattern).all(1)
            mean, factor = self._conditional(pattern, condition[rows][:, pattern])
            latents[rows] = mean + noise[rows] @ factor.T
        return latents

    def _conditional(self, pattern: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Return means (M, L) and a factor (L, L) of the covariance, for values (M, k) of the known ones."""
        size, covariance = self.latents, self.covariance.double()
        asked = size + torch.nonzero(pattern)[:, 0]
        across = covariance[:size, asked]  # (L, k)
        weights = torch.linalg.solve(covariance[asked][:, asked], across.T).T  # (L, k)
        difference = values.double() - self.mean[asked].double()
        mean = self.mean[:size].double() + difference @ weights.T
        left = covariance[:size, :size] - weights @ across.T
        return mean.to(values.dtype), torch.linalg.cholesky(left).to(values.dtype)
