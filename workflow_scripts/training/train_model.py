"""Train one model on one dataset and publish its weights."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from galforge.core.command_line import argument_parser, parse_settings, run_entry, strict
from galforge.core.device import choose_device, keep_freed_memory, memory_format
from galforge.core.files import file_digest, write_json
from galforge.core.progress import announce
from galforge.core.provenance import code_digest, versions
from galforge.core.seeds import derive_seed
from galforge.core.tables import write_table
from galforge.core.tensor_files import write_tensors
from galforge.datasets.stamp_file import read_attributes
from galforge.models.base import describe
from galforge.models.building import build_model
from galforge.training.augmentation import Augmentation
from galforge.training.augmented_stamps import AugmentedStamps
from galforge.training.data import open_stamps
from galforge.training.execution import choose_execution
from galforge.training.loop import Outcome, train
from galforge.training.recipe import Recipe
from galforge.training.state import StateStore
from galforge.training.tensorboard import board

# Set where the configuration wants it; not one of the settings, for no weight depends on it.
TENSORBOARD_VARIABLE = "GALFORGE_TENSORBOARD"


@strict
@dataclass(frozen=True)
class Settings:
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
    device: str
    threads: int
    data: str
    precision: str
    compile: bool | str
    augmentation: Augmentation | None = None


def main() -> None:
    """Run the stage."""
    parser = argument_parser(__doc__)
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--code", type=Path, nargs="+", required=True, help="the sources of this stage")
    parser.add_argument("--state-directory", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--extras", type=Path, required=True)
    parser.add_argument("--record", type=Path, required=True)
    parser.add_argument("--history", type=Path, required=True)
    arguments = parser.parse_args()
    settings = parse_settings(Settings, arguments.settings)

    torch.set_num_threads(settings.threads)
    keep_freed_memory()
    device = choose_device(settings.device)
    training, validation = open_stamps(settings.data, arguments.dataset, device)
    if settings.augmentation is not None:
        training = AugmentedStamps(training, settings.augmentation)
    torch.manual_seed(derive_seed(settings.seed, "weights", settings.model))
    model = build_model(settings.family, settings.settings, training.image_shape)
    model = model.to(device, memory_format=memory_format(device))  # type: ignore[call-overload]  # torch annotates no memory_format
    facts = describe(model)
    label = f"train_model {settings.dataset}/{settings.model}"
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

    digest = read_attributes(arguments.dataset)["digest"]
    code = code_digest(arguments.code)
    # All that the weights depend on.
    parts = [arguments.settings, digest, code, device.type, asdict(execution), torch.__version__]
    key = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    store = StateStore(arguments.state_directory, key)
    with store.locked():
        seed = derive_seed(settings.seed, "training", settings.model)
        boards = os.environ.get(TENSORBOARD_VARIABLE)
        outcome = train(
            model,
            training,
            validation,
            settings.recipe,
            seed,
            store,
            label,
            execution=execution,
            watch=board(Path(boards) / settings.dataset / settings.model) if boards else None,
        )
        write_tensors(arguments.weights, outcome.weights)
        write_tensors(arguments.extras, extras(outcome))
        # A training that failed in its first epoch has a table with a header alone.
        history = pd.DataFrame(outcome.history or {"epoch": [], "step": []})
        write_table(arguments.history, history)
        write_json(
            arguments.record,
            {
                **asdict(settings),
                **facts,
                "status": outcome.status,
                "reason": outcome.reason,
                "warnings": outcome.warnings,
                "published_epoch": outcome.epoch,
                "image_shape": training.image_shape,
                "training_stamps": training.count,
                "training_seconds": outcome.seconds,
                "effective": effective,
                "execution": asdict(execution),
                "device_used": torch.cuda.get_device_name() if device.type == "cuda" else "cpu",
                "dataset_digest": digest,
                "weights_digest": file_digest(arguments.weights),
                "extras_digest": file_digest(arguments.extras),
                "code": code,
                "versions": versions(),
            },
        )
        store.discard()


def extras(outcome: Outcome) -> dict[str, Tensor]:
    """Return what a training leaves beside its weights: ``remainder/<name>``, and its film if it has one.

    ``film/frames`` is uint8 (frames, stamps, C, H, W), ``film/steps`` int64 (frames,).
    """
    tensors = {f"remainder/{name}": value for name, value in outcome.remainder.items()}
    if outcome.film:
        tensors["film/frames"] = torch.stack(outcome.film)
        tensors["film/steps"] = torch.tensor(outcome.film_steps)
    return tensors


if __name__ == "__main__":
    run_entry(main)
