"""The training loop: one for all models, resumable at any step, the same weights as without a break."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from galforge.core.progress import Progress, announce
from galforge.core.seeds import derive_seed
from galforge.models.base import GenerativeModel, evaluating
from galforge.training.data import StampSource
from galforge.training.execution import EAGER, Execution
from galforge.training.film import Film
from galforge.training.optimizers import Plateau, build_optimizer
from galforge.training.recipe import FilmSettings, Recipe
from galforge.training.state import StateStore, restore_optimizer
from galforge.training.stopping import Best

# Saving may take a twentieth of the time, at ends of epochs, which are saved from half of the interval on, a
# tenth; a kill then costs at most twenty saves' worth of work.
SAVE_SHARE = 20
LEAST_SAVE_INTERVAL_S = 2.0

# On a GPU, looking at a loss waits for all queued work, so it is looked at now and then.
GPU_CHECK_INTERVAL = 50  # steps

EVALUATION_BATCH = 256  # stamps

History = list[dict[str, float]]


@dataclass(frozen=True)
class Outcome:
    """How a training ended.

    Attributes
    ----------
    status : str
        ``"ok"`` or ``"failed"``: a loss that is no longer finite.
    reason : str
        Which term at which step; empty if ok.
    history : list of dict
        A row an epoch.
    seconds : float
        Wall-clock time in training, earlier tries of a resumed run counted in.
    weights : dict of str to Tensor
        What is published; of the last good state if it failed, empty if it did before one was saved.
    remainder : dict of str to Tensor
        The model's other weights, for further training.
    epoch : int
        After which epoch the weights were these; 0 if it failed.
    warnings : list of str
        What the model says of its training.
    film, film_steps : list
        Frames, uint8 (stamps, C, H, W), and after how many steps they were taken.
    """

    status: str
    reason: str
    history: History
    seconds: float
    weights: dict[str, Tensor]
    remainder: dict[str, Tensor] = field(default_factory=dict)
    epoch: int = 0
    warnings: list[str] = field(default_factory=list)
    film: list[Tensor] = field(default_factory=list)
    film_steps: list[int] = field(default_factory=list)


def train(
    model: GenerativeModel,
    training: StampSource,
    validation: StampSource,
    recipe: Recipe,
    seed: int,
    store: StateStore,
    label: str,
    save_due: Callable[[float, float], bool] | None = None,
    execution: Execution = EAGER,
    watch: Callable[[dict[str, float]], None] | None = None,
) -> Outcome:
    """Train a model on stamps that come to its device.

    Parameters
    ----------
    model : GenerativeModel
        Changed in place.
    training, validation : StampSource
        Stamps in [0, 1].
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
        Precision and compilation; single precision without by default.
    watch : callable, optional
        Given each row of the history, those of a resumed training first.

    Returns
    -------
    Outcome
        A loss that is not finite is an outcome, not an error.
    """
    run = _Training(model, training, validation, recipe, seed, store, label, execution, watch)
    return run.run(save_due or _save_due)


class _Training:
    """A training on its way: everything that a saved state holds."""

    def __init__(
        self,
        model: GenerativeModel,
        training: StampSource,
        validation: StampSource,
        recipe: Recipe,
        seed: int,
        store: StateStore,
        label: str,
        execution: Execution,
        watch: Callable[[dict[str, float]], None] | None,
    ) -> None:
        self.losses, self.watch = execution.losses(model), watch or (lambda row: None)
        self.model, self.training, self.validation = model, training, validation
        self.recipe, self.seed, self.store, self.label = recipe, seed, store, label
        self.device = training.device
        self.batch_size = min(recipe.batch_size, training.count)
        self.steps_per_epoch = training.count // self.batch_size
        self.total_steps = recipe.epochs * self.steps_per_epoch

        self.parameters = model.phase_parameters()
        self.optimizers = {
            phase: build_optimizer(recipe.optimizer, phase, parameters)
            for phase, parameters in self.parameters.items()
        }
        self.averaged = (
            AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(recipe.ema))  # type: ignore[no-untyped-call]  # torch does not annotate it
            if recipe.ema is not None
            else None
        )
        # What is validated, sampled and published.
        self.judged = cast(GenerativeModel, self.averaged.module) if self.averaged else model
        self.plateau = Plateau(recipe.schedule, recipe.optimizer.learning_rate)
        self.best = Best(recipe.early_stopping, recipe.keep == "best")
        film = recipe.film or FilmSettings(0, 0)
        self.film = Film(film, self.total_steps, derive_seed(seed, "film"))
        self.history: History = []
        # Of the present epoch: each term's sum and in how many steps it stood.
        self.sums: dict[str, Tensor] = {}
        self.counts: dict[str, int] = {}
        self.phase_steps = dict.fromkeys(self.optimizers, 0)
        # Of the last step of each phase: its rate and the norm of its gradients before clipping.
        self.rates: dict[str, float] = {}
        self.norms: dict[str, Tensor] = {}
        self.step, self.seconds = 0, 0.0
        self.announced: set[str] = set()

    def run(self, save_due: Callable[[float, float], bool]) -> Outcome:
        """Train from where the saved state is to the end."""
        if saved := self.store.load():
            self.restore(saved)
            announce(f"{self.label}: resumed at step {self.step:,} of {self.total_steps:,}")
        for row in self.history:
            self.watch(row)
        progress = Progress(
            self.label, self.total_steps * self.batch_size, "images", done=self.step * self.batch_size
        )
        before, start = self.seconds, time.monotonic()
        epoch_start = last_save = start
        save_took = 0.0
        epoch_first_step = self.step
        batches = self._batches()
        self.model.train()
        if self.recipe.film:
            self.judged.advance(self.step, self.total_steps)
            self.film.look(self.judged, self.step, last=False)
        reason = ""
        while self.step < self.total_steps and not self.best.ends:
            if self.step % self.steps_per_epoch == 0:
                batches = self._batches()
                self.sums, self.counts = {}, {}
                epoch_start, epoch_first_step = time.monotonic(), self.step
            ends_epoch = (self.step + 1) % self.steps_per_epoch == 0
            self._take_step(next(batches), wants_norm=ends_epoch)

            # The end of an epoch is the better moment: the validation that comes with it is not done twice.
            since_last_save = time.monotonic() - last_save
            due = save_due(since_last_save * (2 if ends_epoch else 1), save_took)
            if ends_epoch or due or self.device.type == "cpu" or self.step % GPU_CHECK_INTERVAL == 0:
                reason = _not_finite(self.sums, self.step)
                if reason:
                    break
            if ends_epoch:
                elapsed = time.monotonic() - epoch_start
                rate = (self.step - epoch_first_step) * self.batch_size / max(elapsed, 1e-9)
                reason = self._end_epoch(rate)
                if reason:
                    break
            if self.recipe.film:
                self.film.look(self.judged, self.step, last=self.best.ends)
            self.seconds = before + time.monotonic() - start
            if due:
                save_start = time.monotonic()
                self.store.save(self.state())
                last_save = time.monotonic()
                save_took = last_save - save_start
            progress.advance(self.batch_size, _note(self.history, self.recipe.epochs))

        self.seconds = before + time.monotonic() - start
        if reason:
            announce(f"{self.label}: stopped, {reason}")
            return self._failed(reason)
        if self.best.ends:
            announce(
                f"{self.label}: stopped after epoch {len(self.history)} of {self.recipe.epochs}, "
                f"the validation loss has not fallen since epoch {self.best.epoch}"
            )
        return self._finished()

    def _batches(self) -> Iterator[Tensor]:
        epoch, position = divmod(self.step, self.steps_per_epoch)
        return self.training.shuffled(derive_seed(self.seed, "order", epoch), self.batch_size, position)

    def _take_step(self, images: Tensor, wants_norm: bool) -> None:
        """Let every phase of this step update its weights."""
        step, clip = self.step, self.recipe.gradient_clip
        torch.manual_seed(derive_seed(self.seed, "layers", step))  # dropout draws from the global generator
        generator = torch.Generator(self.device).manual_seed(derive_seed(self.seed, "losses", step))
        self.model.advance(step, self.total_steps)
        for phase in self.model.phases(step, self.total_steps):
            # All of them: a loss reaches networks that its phase does not train.
            self.model.zero_grad(set_to_none=True)
            terms = self.losses(images, phase, generator)
            terms["loss"].backward()  # type: ignore[no-untyped-call]  # torch does not annotate it
            if clip is not None or wants_norm:
                gradients = [p.grad for p in self.parameters[phase] if p.grad is not None]
                self.norms[phase] = torch.nn.utils.get_total_norm(gradients)
            if clip is not None:
                torch.nn.utils.clip_grads_with_norm_(self.parameters[phase], clip, self.norms[phase])
            rate = self.recipe.learning_rate(phase, self.phase_steps[phase], self.steps_per_epoch)
            self.rates[phase] = rate * self.plateau.scale
            self.optimizers[phase].param_groups[0]["lr"] = self.rates[phase]
            self.optimizers[phase].step()
            self.phase_steps[phase] += 1
            for name, value in terms.items():
                term = self._named(phase, name)
                self.sums[term] = self.sums.get(term, 0) + value.detach()
                self.counts[term] = self.counts.get(term, 0) + 1
        if self.averaged:
            self.averaged.update_parameters(self.model)
        self.step += 1

    def _end_epoch(self, images_per_second: float) -> str:
        """Add an epoch to the history; return what is no longer finite, if anything is."""
        epoch = self.step // self.steps_per_epoch
        row = {"epoch": float(epoch), "step": float(self.step)}
        row |= {f"train_{name}": float(value) / self.counts[name] for name, value in self.sums.items()}
        losses, monitored = self._validate()
        row |= {f"validation_{name}": value for name, value in losses.items()}
        row |= {f"monitor_{name}": value for name, value in monitored.items()}
        row |= {self._named(phase, "learning_rate"): rate for phase, rate in self.rates.items()}
        row["images_per_second"] = images_per_second
        row |= {self._named(phase, "gradient_norm"): float(norm) for phase, norm in self.norms.items()}
        self.rates, self.norms = {}, {}
        self.history.append(row)
        self.watch(row)
        for name, value in losses.items():
            if not math.isfinite(value):
                return f"validation term {name} is {value} at step {self.step:,}"
        self.plateau.see(losses["loss"])
        # Before every phase has been at work, the model is not yet whole.
        if all(self.phase_steps.values()):
            self.best.see(losses["loss"], epoch, self.judged)
        for warning in self.model.warnings(self.history):
            if warning not in self.announced:
                announce(f"{self.label}: {warning}")
                self.announced.add(warning)
        return ""

    def _validate(self) -> tuple[dict[str, float], dict[str, float]]:
        """Return the validation terms, averaged over the stamps, and what the model monitors.

        The draws are the same every time.
        """
        seed = derive_seed(self.seed, "validation")
        generator = torch.Generator(self.device).manual_seed(seed)
        sums: dict[str, Tensor] = {}
        monitored: dict[str, float] | None = None
        with evaluating(self.judged):
            for batch in self.validation.batches(EVALUATION_BATCH):
                for name, value in self.judged.validation_losses(batch, generator).items():
                    sums[name] = sums.get(name, 0) + value.double() * len(batch)
                if monitored is None:
                    monitor_generator = torch.Generator(self.device).manual_seed(seed)
                    monitored = self.judged.monitor(batch, monitor_generator)
        losses = {name: float(value) / self.validation.count for name, value in sums.items()}
        return losses, monitored or {}

    def _named(self, phase: str, name: str) -> str:
        return name if len(self.optimizers) == 1 else f"{phase}_{name}"

    def state(self) -> dict[str, Any]:
        """Return what :meth:`restore` needs."""
        return {
            "step": self.step,
            "seconds": self.seconds,
            "history": self.history,
            "sums": self.sums,
            "counts": self.counts,
            "phase_steps": self.phase_steps,
            "rates": self.rates,
            "norms": self.norms,
            "plateau": self.plateau.state(),
            "best": self.best.state(),
            "film": self.film.state(),
            "model": self.model.state_dict(),
            "averaged": self.averaged.state_dict() if self.averaged else None,
            "optimizers": {phase: optimizer.state_dict() for phase, optimizer in self.optimizers.items()},
        }

    def restore(self, saved: dict[str, Any]) -> None:
        """Go on from a saved state."""
        self.model.load_state_dict(saved["model"])
        if self.averaged:
            self.averaged.load_state_dict(saved["averaged"])
        for phase, optimizer in self.optimizers.items():
            restore_optimizer(optimizer, saved["optimizers"][phase])
        self.plateau.restore(saved["plateau"])
        self.best.restore(saved["best"])
        self.film.restore(saved["film"])
        self.history, self.counts = saved["history"], saved["counts"]
        self.phase_steps, self.rates = saved["phase_steps"], saved["rates"]
        self.sums = {name: value.to(self.device) for name, value in saved["sums"].items()}
        self.norms = {name: value.to(self.device) for name, value in saved["norms"].items()}
        self.step, self.seconds = saved["step"], saved["seconds"]

    def _failed(self, reason: str) -> Outcome:
        """Return a failure with the weights of the last good state, if there is one."""
        good = self.store.load()
        if good is None:
            return self._outcome("failed", reason)
        self.restore({**good, "history": self.history, "seconds": self.seconds})
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

    def _outcome(
        self, status: str, reason: str, model: GenerativeModel | None = None, epoch: int = 0
    ) -> Outcome:
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
        )


def _save_due(since_last_s: float, took_s: float) -> bool:
    return since_last_s >= max(LEAST_SAVE_INTERVAL_S, SAVE_SHARE * took_s)


def _not_finite(sums: dict[str, Tensor], step: int) -> str:
    for name, value in sums.items():
        if not math.isfinite(float(value)):
            return f"training term '{name}' is {float(value)} at step {step:,}"
    return ""


def _note(history: History, epochs: int) -> str:
    if not history:
        return f"epoch 1 of {epochs}"
    last = history[-1]
    return f"epoch {last['epoch']:.0f} of {epochs} done, validation loss {last['validation_loss']:.5g}"
