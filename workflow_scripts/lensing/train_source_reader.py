"""Train a network that reads off lensed pictures the latents of their sources."""

from dataclasses import dataclass
from pathlib import Path

import torch

from galforge.core.command_line import run_entry
from galforge.core.files import file_digest, write_json
from galforge.core.seeds import derive_seed
from galforge.core.tensor_files import write_tensors
from galforge.lensing.lens_files import read_lenses
from galforge.lensing.lens_settings import LensesOfSources
from galforge.lensing.source_reader import latents_of, train_reader
from galforge.models.trained import ModelFiles, load_trained


@dataclass(frozen=True)
class Files(ModelFiles):
    """The model, lenses, and the network that is trained: weights and a record."""

    lenses: Path
    reader: Path
    reader_record: Path


def main(files: Files, settings: LensesOfSources) -> None:
    """Train on the pictures of lenses; of a training of a model that failed, nothing."""
    trained = load_trained(files, settings, encodes=True)
    record = {**settings.model_dump(), "reason": trained.reason, "history": []}
    state: dict[str, torch.Tensor] = {}
    if trained.model is not None:
        images, sources = read_lenses(files.lenses)
        seed = derive_seed(settings.seed, "source reader", settings.sources)
        latents = latents_of(trained.model.cpu(), sources)
        network, record["history"] = train_reader(images, latents, settings.lenses, seed)
        state = network.state_dict()
    write_tensors(files.reader, state)
    write_json(files.reader_record, {**record, "weights_digest": file_digest(files.reader)})


if __name__ == "__main__":
    run_entry(main)
