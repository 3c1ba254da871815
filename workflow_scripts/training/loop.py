"""The training loop: one for all models, resumable at any step, the same weights as without a break."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from workflow_scripts.models.base import GenerativeModel
from workflow_scripts.progress import Progress, announce
from workflow_scripts.seeds import derive_seed
from workflow_scripts.training.recipe import Plateau, Recipe
from workflow_scripts.training.state import StateStore, restore_optimizer

# Saving may take a twentieth of the time; a kill then costs at most twenty saves' worth of work.
SAVE_SHARE = 20
LEAST_SAVE_INTERVAL_S = 2.0

# On a GPU, looking at a loss waits for all queued work, so it is looked at now and then.
GPU_CHECK_INTERVAL = 50  # steps

VALIDATION_BATCH = 256  # stamps


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
        Of the last good state; empty if it failed before one was saved.
    """

    status: str
    reason: str
    history: list[dict[str, float]]
    seconds: float
    weights: dict[str, Tensor]


def train(
    model: GenerativeModel,
    training: Tensor,
    validation: Tensor,
    recipe: Recipe,
    seed: int,
    store: StateStore,
    label: str,
    save_due: Callable[[float, float], bool] | None = None,
) -> Outcome:
    """Train a model on stamps that lie on its device.

    Parameters
    ----------
    model : GenerativeModel
        Changed in place.
    training, validation : Tensor, shape (N, C, H, W)
        In [0, 1].
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

    Returns
    -------
    Outcome
        A loss that is not finite is an outcome, not an error.
    """
    save_due = save_due or _save_due
    batch_size = min(recipe.batch_size, len(training))
    # The last, smaller batch of an epoch is left out, another one each epoch: batch statistics of a
    # few stamps would disturb the normalization.
    steps_per_epoch = len(training) // batch_size
    total_steps = recipe.epochs * steps_per_epoch
    device = training.device

    optimizers = {
        phase: recipe.optimizer.build(parameters) for phase, parameters in model.phase_parameters().items()
    }
    plateau = Plateau(recipe.schedule, recipe.optimizer.learning_rate)
    history: list[dict[str, float]] = []
    # Of the present epoch: each term's sum and in how many steps it stood; of each phase, its steps.
    sums: dict[str, Tensor] = {}
    counts: dict[str, int] = {}
    phase_steps = dict.fromkeys(optimizers, 0)
    step, seconds_before = 0, 0.0

    saved = store.load()
    if saved:
        model.load_state_dict(saved["model"])
        for phase, optimizer in optimizers.items():
            restore_optimizer(optimizer, saved["optimizers"][phase])
        plateau.restore(saved["plateau"])
        history = saved["history"]
        sums = {name: value.to(device) for name, value in saved["sums"].items()}
        counts, phase_steps = saved["counts"], saved["phase_steps"]
        step, seconds_before = saved["step"], saved["seconds"]
        announce(f"{label}: resumed at step {step:,} of {total_steps:,}")

    progress = Progress(label, total_steps * batch_size, "images", done=step * batch_size)
    generator = torch.Generator(device)
    start = epoch_start = last_save = time.monotonic()
    save_took = 0.0
    epoch_first_step = step
    order = _order(seed, step // steps_per_epoch, len(training), device)
    reason = ""

    model.train()
    while step < total_steps:
        epoch, position = divmod(step, steps_per_epoch)
        if position == 0:
            order = _order(seed, epoch, len(training), device)
            sums, counts, epoch_start, epoch_first_step = {}, {}, time.monotonic(), step
        images = training[order[position * batch_size : (position + 1) * batch_size]]

        torch.manual_seed(derive_seed(seed, "layers", step))  # dropout draws from the global generator
        generator.manual_seed(derive_seed(seed, "losses", step))
        for phase in model.phases(step, total_steps):
            # All of them: a loss reaches networks that its phase does not train.
            model.zero_grad(set_to_none=True)
            terms = model.training_losses(images, phase, generator)
            terms["loss"].backward()  # type: ignore[no-untyped-call]
            rate = recipe.learning_rate(phase_steps[phase], steps_per_epoch) * plateau.scale
            optimizers[phase].param_groups[0]["lr"] = rate
            optimizers[phase].step()
            phase_steps[phase] += 1
            for name, value in terms.items():
                label_of_term = name if len(optimizers) == 1 else f"{phase}_{name}"
                sums[label_of_term] = sums.get(label_of_term, 0) + value.detach()
                counts[label_of_term] = counts.get(label_of_term, 0) + 1
        step += 1

        ends_epoch = position == steps_per_epoch - 1
        due = save_due(time.monotonic() - last_save, save_took)
        if ends_epoch or due or device.type == "cpu" or step % GPU_CHECK_INTERVAL == 0:
            reason = _not_finite(sums, step)
            if reason:
                break
        if ends_epoch:
            row = {"epoch": float(epoch + 1), "step": float(step)}
            row |= {f"train_{name}": float(value) / counts[name] for name, value in sums.items()}
            row |= {f"validation_{name}": value for name, value in _validate(model, validation, seed).items()}
            row["learning_rate"] = rate
            elapsed = time.monotonic() - epoch_start
            row["images_per_second"] = (step - epoch_first_step) * batch_size / max(elapsed, 1e-9)
            row["gradient_norm"] = _gradient_norm(model)
            history.append(row)
            plateau.see(row["validation_loss"])
            reason = next(
                (
                    f"{name.replace('_', ' term ', 1)} is {row[name]} at step {step:,}"
                    for name in row
                    if name.startswith("validation_") and not math.isfinite(row[name])
                ),
                "",
            )
            if reason:
                break
        if due:
            save_start = time.monotonic()
            store.save(
                {
                    "step": step,
                    "seconds": seconds_before + save_start - start,
                    "history": history,
                    "sums": sums,
                    "counts": counts,
                    "phase_steps": phase_steps,
                    "plateau": plateau.state(),
                    "model": model.state_dict(),
                    "optimizers": {phase: optimizer.state_dict() for phase, optimizer in optimizers.items()},
                }
            )
            last_save = time.monotonic()
            save_took = last_save - save_start
        progress.advance(batch_size, _note(history, recipe.epochs))

    seconds = seconds_before + time.monotonic() - start
    if reason:
        announce(f"{label}: stopped, {reason}")
        good = store.load()
        return Outcome("failed", reason, history, seconds, good["model"] if good else {})
    model.eval()
    try:
        with torch.no_grad():
            model.fit_sampler(training)
    except torch.linalg.LinAlgError as error:  # type: ignore[attr-defined]  # public, not exported
        return Outcome(
            "failed", f"the sampler cannot be fitted: {error}".split("\n")[0], history, seconds, {}
        )
    weights = model.state_dict()
    for name, value in weights.items():
        if not torch.isfinite(value).all():
            return Outcome("failed", f"{name} is not finite after the last step", history, seconds, {})
    return Outcome("ok", "", history, seconds, weights)


def _order(seed: int, epoch: int, count: int, device: torch.device) -> Tensor:
    shuffle = torch.Generator().manual_seed(derive_seed(seed, "order", epoch))
    return torch.randperm(count, generator=shuffle).to(device)


def _save_due(since_last_s: float, took_s: float) -> bool:
    return since_last_s >= max(LEAST_SAVE_INTERVAL_S, SAVE_SHARE * took_s)


def _not_finite(sums: dict[str, Tensor], step: int) -> str:
    for name, value in sums.items():
        if not math.isfinite(float(value)):
            return f"training term '{name}' is {float(value)} at step {step:,}"
    return ""


@torch.no_grad()
def _validate(model: GenerativeModel, images: Tensor, seed: int) -> dict[str, float]:
    """Return the validation terms, averaged over the stamps, with the same draws every time."""
    model.eval()
    generator = torch.Generator(images.device).manual_seed(derive_seed(seed, "validation"))
    sums: dict[str, float] = {}
    for batch in torch.split(images, VALIDATION_BATCH):
        for name, value in model.validation_losses(batch, generator).items():
            sums[name] = sums.get(name, 0.0) + float(value) * len(batch)
    model.train()
    return {name: value / len(images) for name, value in sums.items()}


def _gradient_norm(model: GenerativeModel) -> float:
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    return float(torch.nn.utils.get_total_norm(gradients))


def _note(history: list[dict[str, float]], epochs: int) -> str:
    if not history:
        return f"epoch 1 of {epochs}"
    last = history[-1]
    return f"epoch {last['epoch']:.0f} of {epochs} done, validation loss {last['validation_loss']:.5g}"
