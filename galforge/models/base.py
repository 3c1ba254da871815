"""What the pipeline asks of a generative model, and no more.

A model owns its networks, its losses and its sampling; the training loop knows no model by name. Its
family is a folder: ``settings.py`` states what can be set, without torch, so that a wrong configuration stops
before any job runs; ``model.py`` builds the model, ``build(image_shape, settings)``, or
``build(image_shape, settings, conditions)`` where it is to be asked for galaxies with so many conditions.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor

from galforge.models.batch import Batch
from galforge.models.conditions import condition_features
from galforge.models.trainable import Trainable


class GenerativeModel(Trainable):
    """A model that learns stamps of shape (C, H, W) with values in [0, 1] and draws new ones.

    Attributes
    ----------
    image_shape : tuple of int
        (C, H, W).
    latent_size : int
        Components of a latent, which :meth:`decode` takes; L below.
    conditions : int
        How many conditions a galaxy can be asked for with; K below, 0 of a model that is asked for none.
    in_flux : bool
        Whether stamps are in flux, in units of the noise of the dataset, instead of in [0, 1].
    encodes : bool
        Whether :meth:`posterior` is there, and with it :meth:`encode` and :meth:`reconstruct`.
    record : mapping
        What ``model.json`` says of its training, once it is loaded from there.
    """

    conditions: int = 0
    in_flux: ClassVar[bool] = False
    encodes: ClassVar[bool] = False
    latent_size: int

    def __init__(self, image_shape: tuple[int, int, int]) -> None:
        super().__init__()
        self.image_shape = image_shape
        self.record: Mapping[str, Any] = {}

    def observe(self, noise_correlation: Tensor, psfs: Tensor) -> None:
        """Take over how a dataset in flux was observed; called once, before the training.

        Parameters
        ----------
        noise_correlation : Tensor, shape (2 K + 1, 2 K + 1)
            Of the noise of two pixels by their lags, 1 in the middle.
        psfs : Tensor, shape (M, 1, P, P)
            All PSFs of the dataset, each of sum 1 and centred on its middle pixel.
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


def latents_at_rest(
    model: GenerativeModel, batch: Batch, generator: torch.Generator, means: bool = False
) -> Tensor:
    """Return draws (N, L) from the posteriors of a model whose encoder is trained no more, or their means.

    Its batch statistics and dropout are not at work, and no gradient reaches it.
    """
    was_training = model.training
    # Not evaluating(): torch compiles no context manager of ours.
    model.eval()
    with torch.no_grad():
        posterior = model.posterior(batch)
        latents = posterior[0] if means else draw_posteriors(*posterior, generator)
    model.train(was_training)
    return latents


def describe(model: Trainable) -> dict[str, Any]:
    """Return facts of a model for its record: parameters in all and a part each."""
    return {
        "parameters": sum(p.numel() for p in model.parameters()),
        "parts": {name: sum(p.numel() for p in part.parameters()) for name, part in model.named_children()},
    }
