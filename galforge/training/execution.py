"""How the arithmetic of a training is done: its precision, and whether it is compiled."""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from galforge.core.device import memory_format
from galforge.core.errors import ConfigurationError
from galforge.core.progress import announce, remark
from galforge.models.batch import Batch
from galforge.models.trainable import Trainable

Losses = Callable[[Batch, str, torch.Generator], dict[str, Tensor]]

# Compiling takes about half a minute on 2 CPU cores, and saves about a third of each step. Uncompiled, this
# much arithmetic takes them about ten minutes. Counted, not timed: the choice changes the last bits of the
# weights, so it must be the same each time.
COMPILING_PAYS: Final = 6e13  # floating-point operations

_COUNTED = 2  # images whose operations are counted; batch statistics need at least two


@dataclass(frozen=True)
class Execution:
    """What ``training.precision`` and ``training.compile`` amount to.

    Attributes
    ----------
    precision : str
        ``"float32"``, or ``"bfloat16"``: products in 8 significant bits, sums, losses and weights in 24.
    compiled : bool
    """

    precision: str = "float32"
    compiled: bool = False

    def losses(self, model: Trainable) -> Losses:
        """Return ``model.training_losses`` in this precision, compiled or not."""
        losses: Losses = model.training_losses
        if self.compiled:
            losses = torch.compile(losses, dynamic=False)
        if self.precision == "float32":
            return losses

        def reduced(batch: Batch, phase: str, generator: torch.Generator) -> dict[str, Tensor]:
            with torch.autocast(batch.device.type, torch.bfloat16):
                return losses(batch, phase, generator)

        return reduced


EAGER = Execution()


def choose_execution(
    precision: str, compiled: str | bool, model: Trainable, batch: Batch, steps: int
) -> Execution:
    """Return how to train, and write what was left open to the log.

    Parameters
    ----------
    precision : str
        ``"float32"``, ``"bfloat16"``, or ``"auto"``: bfloat16 on a GPU, if the model supports it. (On
        CPUs without instructions for it, it is 13 times slower.)
    compiled : bool or str
        With ``"auto"``: on a GPU, and on a CPU with a C++ compiler if the training is long enough to pay
        for it. A model that does not compile is trained uncompiled, and a line says why.
    model : Trainable
        On its device; if it is compiled, the memory layout of its weights changes and nothing else.
    batch : Batch
        A whole one, as in the training.
    steps : int
        In the whole training.

    Raises
    ------
    ConfigurationError
        If bfloat16 is asked for and the model does not support it.
    """
    device = batch.device.type
    name = type(model).__name__
    if precision == "bfloat16" and not model.supports_bfloat16:
        raise ConfigurationError(
            f"training.precision is 'bfloat16', which {name} does not support; allowed: auto, float32"
        )
    chosen = "bfloat16" if model.supports_bfloat16 and device == "cuda" else "float32"
    if precision == "auto":
        remark(f"training.precision auto: {chosen}")
    else:
        chosen = precision
    if compiled == "auto":
        compiled, reason = _compiling_pays(model, batch, steps)
        remark(f"training.compile auto: {'yes' if compiled else 'no'}, {reason}")
    if compiled:
        model.to(memory_format=memory_format(batch.device, compiled=True))  # type: ignore[call-overload]  # torch annotates no memory_format
        failure = _failure(Execution(chosen, True).losses(model), model, batch)
        if failure:
            model.to(memory_format=memory_format(batch.device))  # type: ignore[call-overload]  # torch annotates no memory_format
            announce(f"training.compile: {name} is trained without, compiling it failed ({failure})")
        compiled = not failure
    return Execution(chosen, bool(compiled))


def operations(model: Trainable, batch: Batch) -> float:
    """Return the floating-point operations of a training step on this batch, of the costliest phase.

    Those of matrix products and convolutions, forwards and backwards; the model is left as it was.
    """
    few = batch.rows(slice(_COUNTED))
    most = 0
    for phase in model.phase_parameters():
        with _restored(model), FlopCounterMode(display=False) as counter:
            _try_step(model.training_losses, phase, few)
        most = max(most, counter.get_total_flops())
    return most * len(batch) / len(few)


def _compiling_pays(model: Trainable, batch: Batch, steps: int) -> tuple[bool, str]:
    if not model.supports_compile:
        return False, f"{type(model).__name__} is not made for it"
    if batch.device.type == "cuda":
        return True, "on a GPU"
    if not any(shutil.which(name) for name in (os.environ.get("CXX", "g++"), "clang++")):
        return False, "there is no C++ compiler"
    total = steps * operations(model, batch)
    text = f"{total / 1e12:,.0f} of {COMPILING_PAYS / 1e12:,.0f} Tflop from which on it pays on a CPU"
    return total >= COMPILING_PAYS, text


def _failure(losses: Losses, model: Trainable, batch: Batch) -> str:
    """Return why a step with these losses fails, in a line; empty if it does not."""
    for phase in model.phase_parameters():
        try:
            with _restored(model):
                _try_step(losses, phase, batch)
        except Exception as error:  # the compiler has many errors of its own, none of them public
            return f"{type(error).__name__}: {error}".strip().splitlines()[0]
    return ""


def _try_step(losses: Losses, phase: str, batch: Batch) -> None:
    generator = torch.Generator(batch.device).manual_seed(0)
    losses(batch, phase, generator)["loss"].backward()  # type: ignore[no-untyped-call]  # torch does not annotate it


@contextlib.contextmanager
def _restored(model: Trainable) -> Iterator[None]:
    """Give the model back as it was: its buffers change in a step, and gradients are left behind."""
    buffers = {name: value.clone() for name, value in model.named_buffers()}
    try:
        yield
    finally:
        model.zero_grad(set_to_none=True)
        with torch.no_grad():
            for name, value in model.named_buffers():
                value.copy_(buffers[name])
