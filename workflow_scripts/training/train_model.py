"""Train one model on one dataset and publish its weights."""

import os
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

import galforge
from galforge.core.command_line import run_entry
from galforge.core.files import file_digest, write_json
from galforge.core.provenance import code_digest, source_closure, versions
from galforge.core.tables import write_table
from galforge.core.tensor_files import write_tensors
from galforge.datasets.stamp_file import read_attributes
from galforge.models.registry import modules_of
from galforge.training.model_training import PreparedTraining, Training, extras, prepare_training
from galforge.training.outcome import Outcome
from galforge.training.state import StateStore
from galforge.training.tensorboard import board

# Set where the configuration wants it; not one of the settings, for no weight depends on it.
TENSORBOARD_VARIABLE = "GALFORGE_TENSORBOARD"


@dataclass(frozen=True)
class Files:
    """The dataset; what is published of the model; the folder of the state, which resumes a training."""

    dataset: Path
    weights: Path
    extras: Path
    record: Path
    history: Path
    state: Path


def main(files: Files, settings: Training) -> None:
    """Train from where the last try was, and publish."""
    prepared = prepare_training(settings, files.dataset)
    digest = str(read_attributes(files.dataset)["digest"])
    modules = modules_of(settings.family, settings.settings)
    code = code_digest(source_closure("training.train_model", modules))
    store = StateStore(files.state, prepared.key(digest, code))
    with store.locked():
        boards = os.environ.get(TENSORBOARD_VARIABLE)
        watch = board(Path(boards) / settings.dataset / settings.model) if boards else None
        outcome = prepared.run(store, watch)
        publish(files, prepared, outcome, digest, code)
        store.discard()


def publish(files: Files, prepared: PreparedTraining, outcome: Outcome, digest: str, code: str) -> None:
    """Write weights and what lies beside them, the record last."""
    write_tensors(files.weights, outcome.weights)
    write_tensors(files.extras, extras(outcome))
    # A training that failed in its first epoch has a table with a header alone.
    write_table(files.history, pd.DataFrame(outcome.history or {"epoch": [], "step": []}))
    write_json(
        files.record,
        {
            **prepared.record(outcome),
            "dataset_digest": digest,
            "weights_digest": file_digest(files.weights),
            "extras_digest": file_digest(files.extras),
            "code": code,
            "versions": {"galforge": galforge.__version__, **versions()},
        },
    )


if __name__ == "__main__":
    run_entry(main)
