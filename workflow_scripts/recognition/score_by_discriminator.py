"""Ask the discriminator of a GAN for the similarity of a dataset's stamps to those of its training."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import torch

from galforge.core.command_line import run_entry
from galforge.core.device import choose_device
from galforge.core.errors import InputError
from galforge.core.tables import write_table
from galforge.datasets.stamp_file import read_stamps
from galforge.models.adversarial import AdversarialModel
from galforge.models.batch import Batch
from galforge.models.building import load_model
from galforge.models.placement import Placement
from galforge.models.record import read_record
from galforge.models.trainable import evaluating
from galforge.recognition.recognizer import BATCH


@dataclass(frozen=True)
class Files:
    """The GAN, with the weights that sampling does not need; its dataset; the table that is made."""

    weights: Path
    extras: Path
    model: Path
    dataset: Path
    scores: Path


class Settings(Placement):
    """The column of the scores that are to be told."""

    column: str


def main(files: Files, settings: Settings) -> None:
    """Write the discriminator's answer for each stamp beside its score; no row where the training failed."""
    facts = read_record(files.model)
    stamps = read_stamps(files.dataset)
    if settings.column not in stamps.catalog:
        raise InputError(f"{files.dataset}: has no column {settings.column}")
    columns = {
        "identifier": stamps.catalog["identifier"].to_numpy(),
        "split": stamps.split,
        "actual": stamps.catalog[settings.column].to_numpy(dtype=float),
    }
    if facts["status"] != "ok":
        write_table(files.scores, pd.DataFrame(columns).assign(answer=0.0).iloc[:0])
        return
    torch.set_num_threads(settings.threads)
    model = load_model(files.weights, files.model, files.extras).to(choose_device(settings.device))
    assert isinstance(model, AdversarialModel)  # the configuration was checked
    device = next(model.parameters()).device
    with evaluating(model):
        parts = torch.split(torch.from_numpy(stamps.image), BATCH)
        answer = torch.cat([model.score(Batch(part.to(device))).float().cpu() for part in parts])
    write_table(files.scores, pd.DataFrame({**columns, "answer": answer.double().numpy()}))


if __name__ == "__main__":
    run_entry(main)
