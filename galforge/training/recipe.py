"""How a model is trained: the statement of a recipe, for the configuration and the loop. No torch here."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

from galforge.core.command_line import strict
from galforge.core.settings import setting

LearningRate = Annotated[float, Field(gt=0, le=10)]
Decay = Annotated[float, Field(ge=0, lt=1)]


@strict
@dataclass(frozen=True)
class PhaseOptimizer:
    """In what the optimizer of one phase differs; None where it does not."""

    learning_rate: Annotated[LearningRate | None, setting("of this phase")] = None
    betas: Annotated[tuple[Decay, Decay] | None, setting("of this phase")] = None


@strict
@dataclass(frozen=True)
class Optimizer:
    """Adam with its learning rate and moment decays."""

    learning_rate: Annotated[LearningRate, setting("of Adam")]
    betas: Annotated[tuple[Decay, Decay], setting("decays of Adam's two moments per step")] = (0.9, 0.999)
    phases: Annotated[
        dict[str, PhaseOptimizer],
        setting("what differs for a phase of the model: two time scales of a GAN"),
    ] = field(default_factory=dict)

    def rate_of(self, phase: str) -> float:
        """Return the learning rate of a phase."""
        rate = self.phases.get(phase, PhaseOptimizer()).learning_rate
        return self.learning_rate if rate is None else rate

    def betas_of(self, phase: str) -> tuple[float, float]:
        """Return the moment decays of a phase."""
        return self.phases.get(phase, PhaseOptimizer()).betas or self.betas


@strict
@dataclass(frozen=True)
class Schedule:
    """How the learning rate changes.

    - ``"constant"``
    - ``"plateau"``: multiplied by ``factor`` once the validation loss has not improved for ``patience``
      epochs, down to the rate ``minimum`` (Danilov 2020)
    - ``"exponential"``: multiplied by ``factor ** (step / every)``, X = X0 * R**(s / Ns) of Goupil (2020);
      with ``staircase`` the exponent is a whole number
    - ``"halving"``: multiplied by ``factor`` every ``every`` epochs (Dai & Wipf 2019: 0.5)
    """

    name: Annotated[
        Literal["constant", "plateau", "exponential", "halving"],
        setting(
            "constant; plateau: times factor once the validation loss has stalled; exponential: times "
            "factor ** (step / every); halving: times factor every so many epochs",
            source="plateau: Danilov (2020); exponential: Goupil (2020); halving: Dai & Wipf (2019)",
        ),
    ] = "constant"
    factor: Annotated[float, setting("what the rate is multiplied by", gt=0, lt=1)] = 0.1
    patience: Annotated[int, setting("of plateau", unit="epochs without a lower loss", ge=0)] = 25
    minimum: Annotated[float, setting("least learning rate of plateau", ge=0)] = 0.0
    every: Annotated[int, setting("steps of exponential, epochs of halving", ge=1)] = 200
    staircase: Annotated[bool, setting("whole powers of the factor alone, of exponential")] = False

    def scale(self, step: int, steps_per_epoch: int) -> float:
        """Return what the rate is multiplied by at a step; 1 for what depends on the validation."""
        if self.name == "exponential":
            exponent = step // self.every if self.staircase else step / self.every
            return float(self.factor**exponent)
        if self.name == "halving":
            return float(self.factor ** (step // steps_per_epoch // self.every))
        return 1.0


@strict
@dataclass(frozen=True)
class FilmSettings:
    """Pictures of the training: so many frames, each of so many samples of the same latents."""

    frames: Annotated[int, setting("pictures of the training", ge=2, le=200)]
    stamps: Annotated[int, setting("samples in each, of the same latents", ge=1, le=64)]


@strict
@dataclass(frozen=True)
class Recipe:
    """Budget, optimizer and schedule of a training."""

    batch_size: Annotated[int, setting("of a step", unit="stamps", ge=2)]
    epochs: Annotated[int, setting("passes over the training stamps", ge=1)]
    optimizer: Annotated[Optimizer, setting("Adam")]
    # Adam's first steps all have its full length, whatever the gradients: at rates far above a paper's they
    # can throw a posterior's variance out by many orders of magnitude.
    warmup_steps: Annotated[
        int, setting("in which the learning rate rises linearly to its value", unit="steps", ge=0)
    ] = 0
    schedule: Annotated[Schedule, setting("how the learning rate changes")] = field(default_factory=Schedule)
    ema: Annotated[
        float | None,
        setting(
            "decay per step of an average of the weights, which is then validated, sampled and published",
            gt=0,
            lt=1,
        ),
    ] = None
    gradient_clip: Annotated[
        float | None,
        setting("largest Euclidean norm of a phase's gradients; larger ones are scaled down", gt=0),
    ] = None
    early_stopping: Annotated[
        int | None,
        setting(
            "the training ends without a lower validation loss, counted from when every phase is at work",
            unit="epochs",
            ge=1,
        ),
    ] = None
    keep: Annotated[
        Literal["last", "best"],
        setting("weights that are published: of the last epoch, or of the lowest validation loss"),
    ] = "last"
    film: Annotated[FilmSettings | None, setting("pictures of the training; none by default")] = None

    def learning_rate(self, phase: str, step: int, steps_per_epoch: int) -> float:
        """Return the learning rate at a step of a phase, apart from a plateau's reductions."""
        rate = self.optimizer.rate_of(phase) * self.schedule.scale(step, steps_per_epoch)
        return rate * min(1.0, (step + 1) / self.warmup_steps) if self.warmup_steps else rate
