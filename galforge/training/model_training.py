"""The training of one model on one dataset: from settings to a model and its stamps, and to a record."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from galforge.core.device import choose_device, keep_freed_memory, memory_format
from galforge.core.progress import announce, remark
from galforge.core.seeds import derive_seed
from galforge.datasets.conditions import Condition, fit_conditions, records_of
from galforge.datasets.observing_conditions import read_noise_correlation, read_psf_bank, read_units
from galforge.datasets.stamp_file import read_catalog
from galforge.models import registry as models
from galforge.models.base import GenerativeModel, describe
from galforge.models.building import build_model
from galforge.training.augmentation_settings import Augmentation
from galforge.training.augmented_stamps import AugmentedStamps
from galforge.training.carrying_out import CarryingOut
from galforge.training.data import StampSource, open_stamps
from galforge.training.execution import Execution, choose_execution
from galforge.training.forgetting import ForgetfulStamps
from galforge.training.known import Wanted
from galforge.training.loop import Watch, train
from galforge.training.outcome import Outcome
from galforge.training.recipe import Recipe
from galforge.training.state import StateStore
from galforge.training.validation import EVALUATION_BATCH


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
    conditions: tuple[str, ...] = ()
    forgotten: float = 0.0

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
    conditions : tuple of Condition
        What the model can be asked for with.
    observed : dict
        Unit of flux, zero point and pixel scale of the stamps, of a model in flux.
    """

    settings: Training
    model: GenerativeModel
    training: StampSource
    validation: StampSource
    device: torch.device
    execution: Execution
    facts: dict[str, Any]
    effective: dict[str, float]
    conditions: tuple[Condition, ...] = ()
    observed: dict[str, Any] = field(default_factory=dict)

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

    def run(self, store: StateStore, watch: Watch | None = None) -> Outcome:
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
            "conditions": records_of(self.conditions),
            "observed": self.observed,
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
    wanted = wanted_of(settings, dataset)
    training, validation = open_stamps(settings.data, dataset, device, wanted)
    if settings.augmentation is not None:
        angles = angle_pairs(wanted.conditions)
        training = AugmentedStamps(training, settings.augmentation, angles, unit_range=not wanted.in_flux)
    if wanted.conditions and settings.forgotten:
        training = ForgetfulStamps(training, wanted.conditions, settings.forgotten)
    torch.manual_seed(derive_seed(settings.seed, "weights", settings.model))
    model = build_model(settings.family, settings.settings, training.image_shape, len(wanted.conditions))
    if wanted.in_flux:
        model.observe(*observing(dataset))
    model = model.to(device, memory_format=memory_format(device))  # type: ignore[call-overload]  # torch annotates no memory_format
    model.prepare(training.batches(EVALUATION_BATCH))
    facts = describe(model)
    label = settings.label
    announce(f"{label}: {facts['parameters']:,} parameters, {training.count:,} stamps, {device.type}")
    batch_size = min(settings.recipe.batch_size, training.count)
    effective = model.effective_settings(batch_size)
    for name, value in effective.items():
        remark(f"{label}: {name.replace('_', ' ')} {value:.3g}")
    execution = choose_execution(
        settings.precision,
        settings.compile,
        model,
        next(training.batches(batch_size)),
        settings.recipe.epochs * (training.count // batch_size),
    )
    return PreparedTraining(
        settings,
        model,
        training,
        validation,
        device,
        execution,
        facts,
        effective,
        wanted.conditions,
        read_units(dataset) if wanted.in_flux else {},
    )


def wanted_of(settings: Training, dataset: Path) -> Wanted:
    """Return what the model is given of each stamp, and announce which conditions are missing for some.

    Raises
    ------
    InputError
        If a condition is none that the dataset's stamps could be told apart by.
    """
    in_flux = models.settings_class(settings.family).in_flux
    if not settings.conditions:
        return Wanted((), in_flux)
    catalog = read_catalog(dataset)
    trained = catalog[catalog["split"] == "train"]
    conditions = fit_conditions(settings.conditions, trained)
    for column, missing in dict.fromkeys((each.column, each.missing) for each in conditions if each.missing):
        announce(f"{settings.label}: {column} is missing for {missing:,} of {len(trained):,} stamps")
    return Wanted(conditions, in_flux)


def observing(dataset: Path) -> tuple[Tensor, Tensor]:
    """Return the correlation of a dataset's noise, (2 K + 1, 2 K + 1), and its PSFs, (M, 1, P, P)."""
    correlation = torch.from_numpy(read_noise_correlation(dataset))
    return correlation.float(), torch.from_numpy(read_psf_bank(dataset)[0])[:, None]


def angle_pairs(conditions: Sequence[Condition]) -> list[tuple[int, int]]:
    """Return where in the conditions cosine and sine of each angle are."""
    starts = [number for number, each in enumerate(conditions) if each.kind == "cosine"]
    return [(start, start + 1) for start in starts]


def extras(outcome: Outcome) -> dict[str, Tensor]:
    """Return what a training leaves beside its weights: ``remainder/<name>``, and its film if it has one.

    ``film/frames`` is uint8 (frames, stamps, C, H, W), ``film/steps`` int64 (frames,).
    """
    tensors = {f"remainder/{name}": value for name, value in outcome.remainder.items()}
    if outcome.film:
        tensors["film/frames"] = torch.stack(outcome.film)
        tensors["film/steps"] = torch.tensor(outcome.film_steps)
    return tensors
