"""The training loop: one for all models, resumable at any step, with the same weights as without a break."""

import math
import time
from collections.abc import Callable, Iterator
from typing import Any, cast

import torch

from galforge.core.progress import Progress, announce
from galforge.core.seeds import derive_seed
from galforge.models.base import GenerativeModel
from galforge.models.batch import Batch
from galforge.models.trainable import Trainable, evaluating
from galforge.training.data import StampSource
from galforge.training.execution import EAGER, Execution
from galforge.training.film import Film
from galforge.training.optimization import Optimization
from galforge.training.outcome import History, Outcome
from galforge.training.recipe import FilmSettings, Recipe
from galforge.training.saving import SaveDue, StateSaver
from galforge.training.state import StateStore
from galforge.training.stopping import Best
from galforge.training.tally import EpochTally
from galforge.training.validation import EVALUATION_BATCH, validate

# On a GPU, looking at a loss waits for all queued work, so it is looked at only now and then.
GPU_CHECK_INTERVAL = 50  # steps

Watch = Callable[[dict[str, float], Trainable | None], None]


def train(
    model: Trainable,
    training: StampSource,
    validation: StampSource,
    recipe: Recipe,
    seed: int,
    store: StateStore,
    label: str,
    save_due: SaveDue | None = None,
    execution: Execution = EAGER,
    watch: Watch | None = None,
    validate_every: int | None = None,
) -> Outcome:
    """Train a model on stamps that come to its device.

    Parameters
    ----------
    model : Trainable
        Changed in place.
    training, validation : StampSource
        Stamps on the model's device, with what the model asks for of each.
    recipe : Recipe
    seed : int
        Shuffling and every draw of the losses are functions of it and of the step alone, so a resumed
        run needs no state of a random generator.
    store : StateStore
        Where the state is saved and looked for.
    label : str
        Who trains what, for progress lines.
    save_due : callable, optional
        From seconds since the last save and seconds that it took, whether to save after this step.
    execution : Execution, optional
        Precision and compilation; by default single precision, not compiled.
    watch : callable, optional
        Given each row of the history, with the model whose weights are judged: those of the present epoch, or
        their average. The rows of a resumed training's past come first, without it: its weights are gone.
    validate_every : int, optional
        Steps after which there is a validation, beside those at the ends of epochs: the rows of ``interim``.

    Returns
    -------
    Outcome
        A loss that is not finite is an outcome, not an error.
    """
    batch_size = min(recipe.batch_size, training.count)
    for part in model.modules():  # before the averaged copy is made
        if isinstance(part, Trainable):
            part.step_size = batch_size
    steps_per_epoch = training.count // batch_size
    total_steps = recipe.epochs * steps_per_epoch
    optimization = Optimization(model, execution.losses(model), recipe, steps_per_epoch, total_steps, seed)
    watching = watch or (lambda row, judged: None)
    run = _Training(optimization, (training, validation), batch_size, label, watching, validate_every)
    return run.run(store, save_due)


class _Training:
    """A training under way: everything that a saved state holds."""

    def __init__(
        self,
        optimization: Optimization,
        sources: tuple[StampSource, StampSource],
        batch_size: int,
        label: str,
        watch: Watch,
        validate_every: int | None,
    ) -> None:
        self.optimization, self.batch_size, self.label, self.watch = optimization, batch_size, label, watch
        self.training, self.validation = sources
        self.model, self.judged = optimization.model, optimization.judged
        self.recipe, self.seed = optimization.recipe, optimization.seed
        self.steps_per_epoch, self.total_steps = optimization.steps_per_epoch, optimization.total_steps
        self.best = Best(self.recipe.early_stopping, self.recipe.keep == "best")
        film = self.recipe.film or FilmSettings(0, 0)
        self.film = Film(film, self.total_steps, derive_seed(self.seed, "film"))
        self.tally = EpochTally(optimization.phases)
        self.history: History = []
        self.interim: History = []
        self.validate_every = validate_every
        self.step = 0
        self.start, self.seconds = time.monotonic(), 0.0  # the start as if without a break
        self.announced: set[str] = set()

    def run(self, store: StateStore, save_due: SaveDue | None) -> Outcome:
        """Train from the saved state, or from the start, to the end."""
        if saved := store.load():
            self.restore(saved)
            announce(f"{self.label}: resumed at step {self.step:,} of {self.total_steps:,}")
        for row in self.history:
            self.watch(row, None)
        self.start = time.monotonic() - self.seconds
        self.model.train()
        if self.recipe.film:
            self.judged.advance(self.step, self.total_steps)
        self._film()

        saver = StateSaver(store, save_due)
        done, total = (steps * self.batch_size for steps in (self.step, self.total_steps))
        progress = Progress(self.label, total, "images", done=done)
        fault = ""
        while self.step < self.total_steps and not self.best.ends and not fault:
            fault = self._train_epoch(saver, progress)

        self.seconds = time.monotonic() - self.start
        if fault:
            announce(f"{self.label}: stopped, {fault}")
            return self._failed(fault, store.load())
        if self.best.ends:
            announce(
                f"{self.label}: stopped after epoch {len(self.history)} of {self.recipe.epochs}, "
                f"the validation loss has not fallen since epoch {self.best.epoch}"
            )
        return self._finished()

    def _train_epoch(self, saver: StateSaver, progress: Progress) -> str:
        """Train to the end of the present epoch; return what is no longer finite, if anything is."""
        first_step, start = self.step, time.monotonic()
        on_cpu = self.training.device.type == "cpu"
        fault = ""
        for batch in self._batches():
            ends_epoch = (self.step + 1) % self.steps_per_epoch == 0
            self.optimization.take_step(batch, self.step, self.tally, wants_norm=ends_epoch)
            self.step += 1

            due = saver.is_due(ends_epoch)
            if ends_epoch or due or on_cpu or self.step % GPU_CHECK_INTERVAL == 0:
                fault = self.tally.fault()
            if self.validate_every and self.step % self.validate_every == 0 and not fault:
                self._validate_within()
            if ends_epoch and not fault:
                elapsed = time.monotonic() - start
                rate = (self.step - first_step) * self.batch_size / max(elapsed, 1e-9)
                fault = self._end_epoch(rate)
            if fault:
                return f"{fault} at step {self.step:,}"

            self._film()
            if due:
                self.seconds = time.monotonic() - self.start
                saver.save(self.state())
            progress.advance(self.batch_size, _note(self.history, self.recipe.epochs))
        return ""

    def _batches(self) -> Iterator[Batch]:
        """Yield the batches that are left of the present epoch."""
        epoch, position = divmod(self.step, self.steps_per_epoch)
        return self.training.shuffled(derive_seed(self.seed, "order", epoch), self.batch_size, position)

    def _film(self) -> None:
        if self.recipe.film:
            # A recipe with a film is that of a generative model.
            self.film.look(cast(GenerativeModel, self.judged), self.step, last=self.best.ends)

    def _validate(self) -> tuple[dict[str, float], dict[str, float]]:
        return validate(self.judged, self.validation, derive_seed(self.seed, "validation"))

    def _validate_within(self) -> None:
        """Add the means of the epoch so far and of a validation to the interim rows."""
        rows = {f"train_{name}": value for name, value in self.tally.means().items()}
        rows |= {f"validation_{name}": value for name, value in self._validate()[0].items()}
        self.interim.append({"step": float(self.step), **rows})

    def _end_epoch(self, images_per_second: float) -> str:
        """Add an epoch to the history; return what is no longer finite, if anything is."""
        losses, monitored = self._validate()
        epoch = self.step // self.steps_per_epoch
        row = {
            "epoch": float(epoch),
            "step": float(self.step),
            **{f"train_{name}": value for name, value in self.tally.means().items()},
            **{f"validation_{name}": value for name, value in losses.items()},
            **{f"monitor_{name}": value for name, value in monitored.items()},
            **self.tally.learning_rates(),
            "images_per_second": images_per_second,
            **self.tally.gradient_norms(),
        }
        self.tally = EpochTally(self.optimization.phases)
        self.history.append(row)
        self.watch(row, self.judged)
        for name, value in losses.items():
            if not math.isfinite(value):
                return f"validation term {name} is {value}"
        self.optimization.plateau.see(losses["loss"])
        # Before every phase has been at work, the model is not yet whole.
        if all(self.optimization.phase_steps.values()):
            self.best.see(losses["loss"], epoch, self.judged)
        for warning in self.model.warnings(self.history):
            if warning not in self.announced:
                announce(f"{self.label}: {warning}")
                self.announced.add(warning)
        return ""

    def state(self) -> dict[str, Any]:
        """Return what :meth:`restore` needs."""
        return {
            "step": self.step,
            "seconds": self.seconds,
            "history": self.history,
            "interim": self.interim,
            "tally": self.tally.state(),
            "optimization": self.optimization.state(),
            "best": self.best.state(),
            "film": self.film.state(),
        }

    def restore(self, saved: dict[str, Any]) -> None:
        """Resume from a saved state."""
        self.step, self.seconds, self.history = saved["step"], saved["seconds"], saved["history"]
        self.interim = saved["interim"]
        self.tally.restore(saved["tally"], self.training.device)
        self.optimization.restore(saved["optimization"])
        self.best.restore(saved["best"])
        self.film.restore(saved["film"])

    def _failed(self, reason: str, good: dict[str, Any] | None) -> Outcome:
        """Return a failure with the weights of the last good state, if there is one."""
        if good is None:
            return self._outcome("failed", reason)
        kept = {"history": self.history, "interim": self.interim, "seconds": self.seconds}
        self.restore({**good, **kept})
        return self._outcome("failed", reason, self.judged)

    def _finished(self) -> Outcome:
        """Return the trained model, or why it is of no use."""
        epoch = len(self.history)
        if self.best.weights is not None:
            self.judged.load_state_dict(self.best.weights)
            epoch = self.best.epoch
        try:
            with evaluating(self.judged):
                self.judged.fit_sampler(self.training.batches(EVALUATION_BATCH))
        except torch.linalg.LinAlgError as error:  # type: ignore[attr-defined]  # public, not exported
            return self._outcome("failed", f"the sampler cannot be fitted: {error}".split("\n")[0])
        for name, value in self.judged.state_dict().items():
            if not torch.isfinite(value).all():
                return self._outcome("failed", f"{name} is not finite after the last step")
        return self._outcome("ok", "", self.judged, epoch)

    def _outcome(self, status: str, reason: str, model: Trainable | None = None, epoch: int = 0) -> Outcome:
        weights = model.published_state() if model else {}
        state = model.state_dict() if model else {}
        return Outcome(
            status,
            reason,
            self.history,
            self.seconds,
            weights,
            {name: value for name, value in state.items() if name not in weights},
            epoch,
            self.model.warnings(self.history),
            self.film.frames,
            self.film.steps,
            self.interim,
        )


def _note(history: History, epochs: int) -> str:
    if not history:
        return f"epoch 1 of {epochs}"
    last = history[-1]
    return f"epoch {last['epoch']:.0f} of {epochs} done, validation loss {last['validation_loss']:.5g}"
