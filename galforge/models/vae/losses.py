"""The terms of the loss of a variational autoencoder."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from galforge.models.vae.settings import LARGEST_LOG_VARIANCE, Reconstruction

HALF_LOG_2_PI = 0.5 * math.log(2 * math.pi)


def guarded(log_variance: Tensor, largest: float | None = LARGEST_LOG_VARIANCE) -> Tensor:
    """Return log variances of posteriors, none above ``largest``; None: as they are."""
    if largest is None:
        return log_variance
    # The gradient passes as if nothing were cut off: without one, what is beyond would stay there.
    return log_variance - (log_variance - largest).clamp(min=0).detach()


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
