"""One step of a training: every phase that is at work updates its weights."""

from typing import Any, cast

import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from galforge.core.seeds import derive_seed
from galforge.models.batch import Batch
from galforge.models.trainable import Trainable
from galforge.training.execution import Losses
from galforge.training.optimizers import Plateau, build_optimizer
from galforge.training.recipe import Recipe
from galforge.training.state import restore_optimizer
from galforge.training.tally import EpochTally


class Optimization:
    """A model and all that its steps change: optimizers, learning rates, the average of its weights.

    Parameters
    ----------
    model : Trainable
        Changed in place.
    losses : callable
        The model's training losses, in the precision of the training.
    recipe : Recipe
    steps_per_epoch, total_steps : int
    seed : int
        Every draw of a step is a function of it and of the step's number.

    Attributes
    ----------
    judged : Trainable
        What is validated, sampled and published: the average of the weights where the recipe has one,
        otherwise the model itself.
    """

    def __init__(
        self,
        model: Trainable,
        losses: Losses,
        recipe: Recipe,
        steps_per_epoch: int,
        total_steps: int,
        seed: int,
    ) -> None:
        self.model, self.losses, self.recipe, self.seed = model, losses, recipe, seed
        self.steps_per_epoch, self.total_steps = steps_per_epoch, total_steps
        self.parameters = model.phase_parameters()
        self.optimizers = {
            phase: build_optimizer(recipe.optimizer, phase, parameters)
            for phase, parameters in self.parameters.items()
        }
        self.phase_steps = dict.fromkeys(self.optimizers, 0)
        self.plateau = Plateau(recipe.schedule, recipe.optimizer.learning_rate)
        self.average = (
            AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(recipe.ema))  # type: ignore[no-untyped-call]  # torch does not annotate it
            if recipe.ema is not None
            else None
        )
        self.judged = cast(Trainable, self.average.module) if self.average else model

    @property
    def phases(self) -> tuple[str, ...]:
        """All phases of the model."""
        return tuple(self.optimizers)

    def take_step(self, batch: Batch, step: int, tally: EpochTally, wants_norm: bool) -> None:
        """Take step number ``step`` on a batch, and add it to the tally."""
        torch.manual_seed(derive_seed(self.seed, "layers", step))  # dropout draws from the global generator
        generator = torch.Generator(batch.device).manual_seed(derive_seed(self.seed, "losses", step))
        self.model.advance(step, self.total_steps)
        for phase in self.model.phases(step, self.total_steps):
            # All gradients: a loss reaches networks that its phase does not train.
            self.model.zero_grad(set_to_none=True)
            terms = self.losses(batch, phase, generator)  # each a scalar
            terms["loss"].backward()  # type: ignore[no-untyped-call]  # torch does not annotate it
            norm = self._clip(phase, wants_norm)
            tally.add(phase, terms, self._update(phase), norm)
        if self.average:
            self.average.update_parameters(self.model)

    def _clip(self, phase: str, wants_norm: bool) -> Tensor | None:
        """Scale gradients down to the recipe's limit; return their norm before, if it was needed."""
        limit = self.recipe.gradient_clip
        if limit is None and not wants_norm:
            return None
        parameters = self.parameters[phase]
        norm = torch.nn.utils.get_total_norm([p.grad for p in parameters if p.grad is not None])
        if limit is not None:
            torch.nn.utils.clip_grads_with_norm_(parameters, limit, norm)
        return norm

    def _update(self, phase: str) -> float:
        """Let a phase's optimizer update its weights; return the learning rate."""
        rate = self.recipe.learning_rate(phase, self.phase_steps[phase], self.steps_per_epoch)
        rate *= self.plateau.scale
        self.optimizers[phase].param_groups[0]["lr"] = rate
        self.optimizers[phase].step()
        self.phase_steps[phase] += 1
        return rate

    def state(self) -> dict[str, Any]:
        """Return what :meth:`restore` needs."""
        return {
            "model": self.model.state_dict(),
            "average": self.average.state_dict() if self.average else None,
            "optimizers": {phase: optimizer.state_dict() for phase, optimizer in self.optimizers.items()},
            "phase_steps": self.phase_steps,
            "plateau": self.plateau.state(),
        }

    def restore(self, saved: dict[str, Any]) -> None:
        """Resume from a saved state."""
        self.model.load_state_dict(saved["model"])
        if self.average:
            self.average.load_state_dict(saved["average"])
        for phase, optimizer in self.optimizers.items():
            restore_optimizer(optimizer, saved["optimizers"][phase])
        self.phase_steps = saved["phase_steps"]
        self.plateau.restore(saved["plateau"])
