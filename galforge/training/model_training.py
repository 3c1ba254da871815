"""The training of one model on one dataset: from settings to a model and its stamps, and to a record."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from galforge.core.device import choose_device, keep_freed_memory, memory_format
from galforge.core.progress import announce
from galforge.core.seeds import derive_seed
from galforge.models.base import GenerativeModel, describe
from galforge.models.building import build_model
from galforge.training.augmentation_settings import Augmentation
from galforge.training.augmented_stamps import AugmentedStamps
from galforge.training.carrying_out import CarryingOut
from galforge.training.data import StampSource, open_stamps
from galforge.training.execution import Execution, choose_execution
from galforge.training.loop import train
from galforge.training.outcome import Outcome
from galforge.training.recipe import Recipe
from galforge.training.state import StateStore


class Training(CarryingOut):
    """What is trained on what, and how.

    ``threads`` belongs to the settings because the order of sums, and with it the last bits of the
    weights, depends on it: it is not the number of cores that happen to be free.
    """

    dataset: str
    model: str
    family: str
    settings: dict[str, Any]
    recipe: Recipe
    seed: int
    augmentation: Augmentation | None = None

    @property
    def label(self) -> str:
        """Who trains what, for progress lines."""
        return f"train_model {self.dataset}/{self.model}"


@dataclass(frozen=True)
class PreparedTraining:
    """A model with new weights on its device, and its stamps.

    Attributes
    ----------
    settings : Training
    model : GenerativeModel
    training, validation : StampSource
    device : torch.device
    execution : Execution
        Precision and compilation.
    facts : dict
        What the model is: see :func:`describe`.
    effective : dict of str to float
        Settings as they are at the size of the batches.
    """

    settings: Training
    model: GenerativeModel
    training: StampSource
    validation: StampSource
    device: torch.device
    execution: Execution
    facts: dict[str, Any]
    effective: dict[str, float]

    def key(self, dataset_digest: str, code: str) -> str:
        """Return a digest of all that the weights depend on."""
        parts = [
            self.settings.model_dump(),
            dataset_digest,
            code,
            self.device.type,
            asdict(self.execution),
            torch.__version__,
        ]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def run(self, store: StateStore, watch: Callable[[dict[str, float]], None] | None = None) -> Outcome:
        """Train from the saved state, if there is one, to the end."""
        return train(
            self.model,
            self.training,
            self.validation,
            self.settings.recipe,
            derive_seed(self.settings.seed, "training", self.settings.model),
            store,
            self.settings.label,
            execution=self.execution,
            watch=watch,
        )

    def record(self, outcome: Outcome) -> dict[str, Any]:
        """Return what the training was and how it ended."""
        return {
            **self.settings.model_dump(),
            **self.facts,
            "status": outcome.status,
            "reason": outcome.reason,
            "warnings": outcome.warnings,
            "published_epoch": outcome.epoch,
            "image_shape": self.training.image_shape,
            "training_stamps": self.training.count,
            "training_seconds": outcome.seconds,
            "effective": self.effective,
            "execution": asdict(self.execution),
            "device_used": torch.cuda.get_device_name() if self.device.type == "cuda" else "cpu",
        }


def prepare_training(settings: Training, dataset: Path) -> PreparedTraining:
    """Return the model, as its seed makes it, and the stamps of a dataset, on the device of the settings."""
    torch.set_num_threads(settings.threads)
    keep_freed_memory()
    device = choose_device(settings.device)
    training, validation = open_stamps(settings.data, dataset, device)
    if settings.augmentation is not None:
        training = AugmentedStamps(training, settings.augmentation)
    torch.manual_seed(derive_seed(settings.seed, "weights", settings.model))
    model = build_model(settings.family, settings.settings, training.image_shape)
    model = model.to(device, memory_format=memory_format(device))  # type: ignore[call-overload]  # torch annotates no memory_format
    facts = describe(model)
    label = settings.label
    announce(f"{label}: {facts['parameters']:,} parameters, {training.count:,} stamps, {device.type}")
    batch_size = min(settings.recipe.batch_size, training.count)
    effective = model.effective_settings(batch_size)
    for name, value in effective.items():
        announce(f"{label}: {name.replace('_', ' ')} {value:.3g}")
    execution = choose_execution(
        settings.precision,
        settings.compile,
        model,
        next(training.batches(batch_size)),
        settings.recipe.epochs * (training.count // batch_size),
    )
    return PreparedTraining(settings, model, training, validation, device, execution, facts, effective)


def extras(outcome: Outcome) -> dict[str, Tensor]:
    """Return what a training leaves beside its weights: ``remainder/<name>``, and its film if it has one.

    ``film/frames`` is uint8 (frames, stamps, C, H, W), ``film/steps`` int64 (frames,).
    """
    tensors = {f"remainder/{name}": value for name, value in outcome.remainder.items()}
    if outcome.film:
        tensors["film/frames"] = torch.stack(outcome.film)
        tensors["film/steps"] = torch.tensor(outcome.film_steps)
    return tensors
