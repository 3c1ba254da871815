"""Train one network that recognizes, in one of its variants and repeats, and measure it."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pandas as pd

import galforge
from galforge.core.command_line import run_entry
from galforge.core.files import file_digest, write_json
from galforge.core.provenance import code_digest, source_closure, versions
from galforge.core.tables import write_table
from galforge.core.tensor_files import write_tensors
from galforge.datasets.stamp_file import read_attributes
from galforge.models.base import describe
from galforge.models.trainable import Trainable
from galforge.networks import registry as networks
from galforge.recognition.recognizer import Recognizer
from galforge.recognition.settings import RecognizerTraining
from galforge.recognition.training import PreparedRecognizer, prepare_recognizer
from galforge.training.outcome import Outcome
from galforge.training.state import StateStore


@dataclass(frozen=True)
class Files:
    """The dataset, one with labels; what is published; folders of the state and of predictions on the way."""

    dataset: Path
    weights: Path
    record: Path
    history: Path
    steps: Path
    predictions: Path
    state: Path
    interim: Path
    labelled: Path | None = None


def main(files: Files, settings: RecognizerTraining) -> None:
    """Train from where the last try was, and publish."""
    prepared = prepare_recognizer(settings, files.dataset, files.labelled)
    datasets = [path for path in (files.dataset, files.labelled) if path is not None]
    digests = [str(read_attributes(path)["digest"]) for path in datasets]
    code = code_digest(source_closure("recognition.train_recognizer", [networks.module(settings.network)]))
    store = StateStore(files.state, prepared.key(code, *digests))
    with store.locked():
        if store.load() is None:
            shutil.rmtree(files.interim, ignore_errors=True)
        outcome = prepared.run(store, lambda row, judged: predict(files.interim, prepared, row, judged))
        publish(files, prepared, outcome, digests, code)
        store.discard()


def predict(
    folder: Path, prepared: PreparedRecognizer, row: dict[str, float], judged: Trainable | None
) -> None:
    """Write what the network says after an epoch, if it is one of those that the settings ask for."""
    step = prepared.settings.predict_step
    # The files of a resumed training's past are there.
    if step is not None and row["epoch"] % step == 0 and judged is not None:
        said = prepared.answers(cast(Recognizer, judged))
        write_table(folder / f"epoch_{row['epoch']:.0f}.csv", prepared.predictions(said))


def publish(
    files: Files, prepared: PreparedRecognizer, outcome: Outcome, digests: list[str], code: str
) -> None:
    """Write weights and what lies beside them, the record last."""
    said = prepared.answers(prepared.recognizer) if outcome.status == "ok" else None
    write_tensors(files.weights, outcome.weights)
    write_table(files.history, pd.DataFrame(outcome.history or {"epoch": [], "step": []}))
    write_table(files.steps, pd.DataFrame(outcome.interim or {"step": []}))
    nothing: dict[str, Any] = {"identifier": [], "split": []}
    write_table(files.predictions, pd.DataFrame(nothing) if said is None else prepared.predictions(said))
    write_json(
        files.record,
        {
            **prepared.settings.model_dump(),
            **describe(prepared.recognizer),
            "names": list(prepared.names),
            "image_shape": list(prepared.sides["train"].images.shape[1:]),
            "stamps": {split: len(side.images) for split, side in prepared.sides.items()},
            "status": outcome.status,
            "reason": outcome.reason,
            "published_epoch": outcome.epoch,
            "training_seconds": outcome.seconds,
            "measures": {} if said is None else prepared.measures(said),
            "dataset_digests": digests,
            "weights_digest": file_digest(files.weights),
            "code": code,
            "versions": {"galforge": galforge.__version__, **versions()},
        },
    )


if __name__ == "__main__":
    run_entry(main)
