"""What the pipeline asks of a generative model, and no more.

A model owns its networks, its losses and its sampling; the training loop knows no model by name. Its
module says in two literals what can be set (``SETTINGS_SCHEMA``) and, where it is limited, which
stamps it takes (``IMAGE_SIZES``, ``CHANNELS``): they are read without importing torch, so that a wrong
configuration stops before any job runs.
"""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import torch
from torch import Tensor, nn


class GenerativeModel(nn.Module, ABC):
    """A model that learns stamps of shape (C, H, W) with values in [0, 1] and draws new ones.

    Attributes
    ----------
    image_shape : tuple of int
        (C, H, W).
    latent_size : int
        Components of a latent, which :meth:`decode` takes; L below.
    encodes : bool
        Whether :meth:`posterior` is there, and with it :meth:`encode` and :meth:`reconstruct`.
    """

    encodes: ClassVar[bool] = False
    latent_size: int

    def __init__(self, image_shape: tuple[int, int, int]) -> None:
        super().__init__()
        self.image_shape = image_shape

    def phases(self, step: int, total_steps: int) -> tuple[str, ...]:
        """Return which optimizers take a step, in order, at this step of the training.

        One phase for a VAE; critic and generator for a GAN; first one, then the other stage for a
        two-stage model.
        """
        return ("model",)

    def phase_parameters(self) -> dict[str, list[nn.Parameter]]:
        """Return the parameters that each phase trains."""
        return {"model": list(self.parameters())}

    @abstractmethod
    def training_losses(self, images: Tensor, phase: str, generator: torch.Generator) -> dict[str, Tensor]:
        """Return named scalar terms, averaged over the batch; ``loss`` is the one to minimise.

        Parameters
        ----------
        images : Tensor, shape (N, C, H, W)
        phase : str
            One of :meth:`phases`.
        generator : torch.Generator
            Every random draw of the loss comes from it.
        """

    def validation_losses(self, images: Tensor, generator: torch.Generator) -> dict[str, Tensor]:
        """Return the terms that are followed on stamps that are not trained on."""
        return self.training_losses(images, "model", generator)

    def fit_sampler(self, images: Tensor) -> None:
        """Learn what sampling needs from the training stamps (N, C, H, W); called once, after training."""

    @abstractmethod
    def sample(self, count: int, generator: torch.Generator) -> Tensor:
        """Return ``count`` new stamps, (count, C, H, W) in [0, 1]."""

    def posterior(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log variance, (N, L) each, of the latents of stamps (N, C, H, W)."""
        raise TypeError(f"{type(self).__name__} has no encoder")

    def encode(self, images: Tensor) -> Tensor:
        """Return the latents (N, L) of stamps (N, C, H, W): the means of their posteriors."""
        return self.posterior(images)[0]

    def decode(self, latents: Tensor) -> Tensor:
        """Return stamps (N, C, H, W) in [0, 1] of latents (N, L), without chance."""
        raise TypeError(f"{type(self).__name__} has no decoder")

    def reconstruct(self, images: Tensor) -> Tensor:
        """Return what the model keeps of stamps (N, C, H, W), of the same shape, without noise."""
        return self.decode(self.encode(images))

    def interpolate(self, first: Tensor, second: Tensor, steps: int) -> Tensor:
        """Return stamps (steps, C, H, W) along the straight line between two latents (L,), ends included."""
        weight = torch.linspace(0, 1, steps, device=first.device)[:, None]  # (steps, 1)
        return self.decode(torch.lerp(first, second, weight))


def describe(model: GenerativeModel) -> dict[str, Any]:
    """Return facts of a model for its record: parameters in all and a part each."""
    return {
        "parameters": sum(p.numel() for p in model.parameters()),
        "parts": {name: sum(p.numel() for p in part.parameters()) for name, part in model.named_children()},
    }
