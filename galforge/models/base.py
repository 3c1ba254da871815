"""What the pipeline asks of a generative model, and no more.

A model owns its networks, its losses and its sampling; the training loop knows no model by name. Its
family is a folder: ``settings.py`` states what can be set, without torch, so that a wrong configuration stops
before any job runs; ``model.py`` builds the model, ``build(image_shape, settings)``.
"""

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
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
    supports_bfloat16, supports_compile : bool
        Whether :meth:`training_losses` may run under torch's autocast to bfloat16, and may be compiled
        (torch compiles no gradient of a gradient).

    Notes
    -----
    Whatever changes during the training is a parameter or a buffer: they alone are saved, resumed and
    averaged (``recipe.ema``). A model with other phases than ``model`` names them in the ``phases`` of its
    settings.
    """

    encodes: ClassVar[bool] = False
    supports_bfloat16: ClassVar[bool] = False
    supports_compile: ClassVar[bool] = False
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

    def advance(self, step: int, total_steps: int) -> None:
        """Set what changes with the step (the size of a network that grows); called before its phases.

        It must be a function of the step alone, so that a resumed training goes on as it would have.
        """

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

    def monitor(self, images: Tensor, generator: torch.Generator) -> dict[str, float]:
        """Return figures that are followed beside the losses: further columns of the history, once an epoch.

        Called without gradients on the weights that would be published, in evaluation mode.

        Parameters
        ----------
        images : Tensor, shape (N, C, H, W)
            Some stamps of the validation split, the same ones every time.
        generator : torch.Generator
            In the same state every time.
        """
        return {}

    def warnings(self, history: Sequence[dict[str, float]]) -> list[str]:
        """Return what a person should know of a training so far, a sentence each.

        Called after each epoch; a sentence is announced when it is new, and those of the last call are
        published. ``history`` has one row per epoch, as in history.csv.
        """
        return []

    def effective_settings(self, batch_size: int) -> dict[str, float]:
        """Return what settings come to in a training with batches of this size, for the record."""
        return {}

    def published_state(self) -> dict[str, Tensor]:
        """Return the weights that sampling and encoding need, by their names in ``state_dict``.

        All of them by default. What a model leaves out (a GAN's discriminator) is kept beside them,
        for further training.
        """
        return self.state_dict()

    def fit_sampler(self, batches: Iterable[Tensor]) -> None:
        """Learn what sampling needs from the training stamps; called once, after training.

        Parameters
        ----------
        batches : iterable of Tensor, shape (N, C, H, W)
            Every training stamp once, a few hundred at a time.
        """

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


@contextlib.contextmanager
def evaluating(model: GenerativeModel) -> Iterator[None]:
    """Hold a model in evaluation mode, without gradients; afterwards it is in the mode it was in."""
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train(was_training)


def describe(model: GenerativeModel) -> dict[str, Any]:
    """Return facts of a model for its record: parameters in all and a part each."""
    return {
        "parameters": sum(p.numel() for p in model.parameters()),
        "parts": {name: sum(p.numel() for p in part.parameters()) for name, part in model.named_children()},
    }
