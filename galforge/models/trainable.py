"""What the training loop asks of whatever it trains, and no more; see also :mod:`galforge.models.base`."""

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

import torch
from torch import Tensor, nn

from galforge.models.batch import Batch


class Trainable(nn.Module, ABC):
    """Networks with their losses, which the training loop knows by no name.

    Attributes
    ----------
    step_size : int or None
        Stamps per step of its training, which the training sets; None outside of one. A weight that goes
        with the batch takes this one, so that validation has the training's.
    supports_bfloat16, supports_compile : bool
        Whether :meth:`training_losses` may run under torch's autocast to bfloat16, and may be compiled
        (torch compiles no gradient of a gradient).

    Notes
    -----
    Whatever changes during the training is a parameter or a buffer: they alone are saved, resumed and
    averaged (``recipe.ema``). A model with other phases than ``model`` names them in the ``phases`` of its
    settings.
    """

    supports_bfloat16: ClassVar[bool] = False
    supports_compile: ClassVar[bool] = False
    step_size: int | None = None

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
    def training_losses(self, batch: Batch, phase: str, generator: torch.Generator) -> dict[str, Tensor]:
        """Return named scalar terms, averaged over the batch; ``loss`` is the one to minimise.

        Parameters
        ----------
        batch : Batch
        phase : str
            One of :meth:`phases`.
        generator : torch.Generator
            Every random draw of the loss comes from it.
        """

    def validation_losses(self, batch: Batch, generator: torch.Generator) -> dict[str, Tensor]:
        """Return the terms that are followed on stamps that are not trained on."""
        return self.training_losses(batch, "model", generator)

    def monitor(self, batch: Batch, generator: torch.Generator) -> dict[str, float]:
        """Return figures that are followed beside the losses: further columns of the history, once an epoch.

        Called without gradients on the weights that would be published, in evaluation mode.

        Parameters
        ----------
        batch : Batch
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

    def prepare(self, batches: Iterable[Batch]) -> None:
        """Take over what the training stamps are like as a whole; called once, before the training.

        Parameters
        ----------
        batches : iterable of Batch
            Every training stamp once, as it is, a few hundred at a time.
        """

    def published_state(self) -> dict[str, Tensor]:
        """Return the weights that sampling and encoding need, by their names in ``state_dict``.

        All of them by default. What a model leaves out (a GAN's discriminator) is kept beside them,
        for further training.
        """
        return self.state_dict()

    def fit_sampler(self, batches: Iterable[Batch]) -> None:
        """Learn what sampling needs from the training stamps; called once, after training.

        Parameters
        ----------
        batches : iterable of Batch
            Every training stamp once, a few hundred at a time.
        """


@contextlib.contextmanager
def evaluating(model: Trainable) -> Iterator[None]:
    """Hold a model in evaluation mode, without gradients; afterwards it is in the mode it was in."""
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train(was_training)
