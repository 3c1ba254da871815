"""What the pipeline asks of a generative model, and no more.

A model owns its networks, its losses and its sampling; the training loop knows no model by name. Its
family is a folder: ``settings.py`` states what can be set, without torch, so that a wrong configuration stops
before any job runs; ``model.py`` builds the model, ``build(image_shape, settings)``, or
``build(image_shape, settings, conditions)`` where it is to be asked for galaxies with so many conditions.
"""

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from galforge.models.batch import Batch
from galforge.models.conditions import condition_features


class GenerativeModel(nn.Module, ABC):
    """A model that learns stamps of shape (C, H, W) with values in [0, 1] and draws new ones.

    Attributes
    ----------
    image_shape : tuple of int
        (C, H, W).
    latent_size : int
        Components of a latent, which :meth:`decode` takes; L below.
    conditions : int
        How many conditions a galaxy can be asked for with; K below, 0 of a model that is asked for none.
    step_size : int or None
        Stamps per step of its training, which the training sets; None outside of one. A weight that goes
        with the batch takes this one, so that validation has the training's.
    in_flux : bool
        Whether stamps are in flux, in units of the noise of the dataset, instead of in [0, 1].
    encodes : bool
        Whether :meth:`posterior` is there, and with it :meth:`encode` and :meth:`reconstruct`.
    record : mapping
        What ``model.json`` says of its training, once it is loaded from there.
    supports_bfloat16, supports_compile : bool
        Whether :meth:`training_losses` may run under torch's autocast to bfloat16, and may be compiled
        (torch compiles no gradient of a gradient).

    Notes
    -----
    Whatever changes during the training is a parameter or a buffer: they alone are saved, resumed and
    averaged (``recipe.ema``). A model with other phases than ``model`` names them in the ``phases`` of its
    settings.
    """

    conditions: int = 0
    in_flux: ClassVar[bool] = False
    encodes: ClassVar[bool] = False
    supports_bfloat16: ClassVar[bool] = False
    supports_compile: ClassVar[bool] = False
    latent_size: int
    step_size: int | None = None

    def __init__(self, image_shape: tuple[int, int, int]) -> None:
        super().__init__()
        self.image_shape = image_shape
        self.record: Mapping[str, Any] = {}

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

    def observe(self, noise_correlation: Tensor, psfs: Tensor) -> None:
        """Take over how a dataset in flux was observed; called once, before the training.

        Parameters
        ----------
        noise_correlation : Tensor, shape (2 K + 1, 2 K + 1)
            Of the noise of two pixels by their lags, 1 in the middle.
        psfs : Tensor, shape (M, 1, P, P)
            All PSFs of the dataset, each of sum 1 and centred on its middle pixel.
        """

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

    @abstractmethod
    def sample(self, count: int, generator: torch.Generator, condition: Tensor | None = None) -> Tensor:
        """Return ``count`` new stamps, (count, C, H, W) in [0, 1].

        Parameters
        ----------
        count : int
        generator : torch.Generator
            Every random draw comes from it.
        condition : Tensor, shape (count, K), optional
            What is asked of each, standardised; NaN leaves a value to the model, None all of them.
        """

    def galaxies(self, count: int, generator: torch.Generator, condition: Tensor | None = None) -> Tensor:
        """Return ``count`` new galaxies as the model has them: in flux without PSF, or as :meth:`sample`."""
        return self.sample(count, generator, condition)

    def galaxies_of(self, seeds: Sequence[int], condition: Tensor | None = None) -> Tensor:
        """Return new galaxies (N, C, H, W), the chance of each from a seed of its own.

        Which others are drawn with it changes no more of a galaxy than its last bits.

        Parameters
        ----------
        seeds : sequence of int, length N
        condition : Tensor, shape (N, K), optional
            As for :meth:`sample`.
        """
        device = next(self.parameters()).device
        drawn = [
            self.galaxies(
                1, torch.Generator(device).manual_seed(seed), None if asked is None else asked[None]
            )
            for seed, asked in zip(
                seeds, [None] * len(seeds) if condition is None else condition, strict=True
            )
        ]
        return torch.cat([torch.zeros(0, *self.image_shape, device=device), *drawn])

    def light(self, latents: Tensor) -> Tensor:
        """Return galaxies in flux (N, C, H, W) of latents (N, L), without PSF and noise."""
        raise TypeError(f"{type(self).__name__} has no galaxies without PSF")

    def observed(self, galaxies: Tensor, psf: Tensor | None = None) -> Tensor:
        """Return galaxies in flux (N, C, H, W) through PSFs (N, 1, P, P), by default through the mean."""
        raise TypeError(f"{type(self).__name__} has no galaxies without PSF")

    def draw_latents(self, count: int, generator: torch.Generator) -> Tensor:
        """Return z ~ N(0, 1), (count, latent_size)."""
        device = next(self.parameters()).device
        return torch.randn(count, self.latent_size, generator=generator, device=device)

    def directions(self, count: int, generator: torch.Generator) -> Tensor:
        """Return directions of length 1 in the latents that matter most to the stamps, (count, latent_size).

        A model has them where its settings say that the report shows ways through its latents (``walks``).
        """
        raise TypeError(f"{type(self).__name__} has no directions")

    def asked(self, condition: Tensor | None, count: int) -> Tensor:
        """Return conditions (count, K) as networks see them, (count, 2 K): values, and which there are."""
        if condition is None:
            device = next(self.parameters()).device
            condition = torch.full((count, self.conditions), torch.nan, device=device)
        return condition_features(condition)

    def asked_of_flow(self, condition: Tensor | None, count: int) -> Tensor | None:
        """Return conditions as a flow of the latents sees them; None of a model without any."""
        return self.asked(condition, count) if self.conditions else None

    def posterior(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return mean and log variance, (N, L) each, of the latents of stamps."""
        raise TypeError(f"{type(self).__name__} has no encoder")

    def encode(self, batch: Batch) -> Tensor:
        """Return the latents (N, L) of stamps: the means of their posteriors."""
        return self.posterior(batch)[0]

    def decode(self, latents: Tensor, condition: Tensor | None = None) -> Tensor:
        """Return stamps (N, C, H, W) in [0, 1] of latents (N, L) and conditions (N, K), without chance."""
        raise TypeError(f"{type(self).__name__} has no decoder")

    def reconstruct(self, batch: Batch) -> Tensor:
        """Return what the model keeps of stamps, (N, C, H, W), without noise."""
        return self.decode(self.encode(batch), batch.condition)

    def interpolate(self, first: Tensor, second: Tensor, steps: int) -> Tensor:
        """Return stamps (steps, C, H, W) along the straight line between two latents (L,), ends included."""
        weight = torch.linspace(0, 1, steps, device=first.device)[:, None]  # (steps, 1)
        return self.decode(torch.lerp(first, second, weight))


def draw_posteriors(mean: Tensor, log_variance: Tensor, generator: torch.Generator) -> Tensor:
    """Return a draw (N, L) from each normal distribution."""
    noise = torch.randn(mean.shape, generator=generator, device=mean.device, dtype=mean.dtype)
    return mean + noise * torch.exp(0.5 * log_variance)


def latents_at_rest(model: GenerativeModel, batch: Batch, generator: torch.Generator) -> Tensor:
    """Return draws (N, L) from the posteriors of a model whose encoder is trained no more.

    Its batch statistics and dropout are not at work, and no gradient reaches it.
    """
    was_training = model.training
    # Not evaluating(): torch compiles no context manager of ours.
    model.eval()
    with torch.no_grad():
        latents = draw_posteriors(*model.posterior(batch), generator)
    model.train(was_training)
    return latents


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
