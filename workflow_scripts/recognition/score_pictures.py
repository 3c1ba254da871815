"""Ask a trained network about the pictures of a folder or an archive: a CSV of Id and Predicted."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from galforge.core.command_line import run_entry
from galforge.core.errors import InputError
from galforge.core.progress import Progress, announce
from galforge.core.tables import write_table
from galforge.models.placement import Placement
from galforge.pictures.blocks import Preparation, prepare_file
from galforge.pictures.file_names import picture_stem
from galforge.pictures.store import PictureStore, opened_store
from galforge.recognition.trained import TrainedRecognizer, load_recognizer

BLOCK = 256  # pictures that are in memory


@dataclass(frozen=True)
class Files:
    """The network; the table that is made."""

    weights: Path
    record: Path
    scores: Path


class Settings(Placement):
    """Where the pictures are, and how they become stamps, which is as those of the dataset do."""

    pictures: str
    preparation: Preparation


def main(files: Files, settings: Settings) -> None:
    """Write what the network predicts of each picture; one that cannot be read has no row."""
    trained = load_recognizer(files.weights, files.record, settings)
    with opened_store(Path(settings.pictures)) as store:
        names = store.names()
        progress = Progress(f"score_pictures {settings.pictures}", len(names), "pictures")
        parts = [
            asked(trained, store, names[start : start + BLOCK], settings.preparation, progress)
            for start in range(0, len(names), BLOCK)
        ]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    if not len(table):
        raise InputError(f"{settings.pictures}: holds no picture that can be read")
    write_table(files.scores, table)


def asked(
    trained: TrainedRecognizer,
    store: PictureStore,
    names: list[str],
    preparation: Preparation,
    progress: Progress,
) -> pd.DataFrame:
    """Return a row for each of some pictures."""
    identifiers, images = [], []
    for name in names:
        outcome = prepare_file(store, name, preparation)
        if outcome.prepared is None:
            announce(f"{name}: no row, {outcome.status}")
        else:
            identifiers.append(picture_stem(name))
            images.append(outcome.prepared.image)
        progress.advance()
    if not images:
        return pd.DataFrame()
    said = trained.ask(np.stack(images))
    said.insert(0, "Id", identifiers)
    return said


if __name__ == "__main__":
    run_entry(main)
