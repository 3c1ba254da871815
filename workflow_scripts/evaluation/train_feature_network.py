"""Train the feature network of a dataset, and find its principal components and clusters."""

from dataclasses import dataclass
from pathlib import Path

import torch

from galforge.core.command_line import run_entry
from galforge.core.files import file_digest, write_json
from galforge.core.provenance import code_digest, source_closure, versions
from galforge.core.tensor_files import write_tensors
from galforge.datasets.stamp_file import read_stamps
from galforge.evaluation.comparable import comparable
from galforge.evaluation.feature_training import Settings, train_feature_space
from galforge.evaluation.reference_split import hashed_order, stamp_names


@dataclass(frozen=True)
class Files:
    """The dataset, and the feature space that is made: its tensors, and a record of its training."""

    dataset: Path
    weights: Path
    record: Path


def main(files: Files, settings: Settings) -> None:
    """Train on the dataset's training stamps."""
    # One thread: the order of sums, and so the last bits, does not depend on free cores.
    torch.set_num_threads(1)
    train = read_stamps(files.dataset, "train")
    rows = hashed_order(stamp_names(train.catalog), "feature network")[: settings.stamps]
    images = torch.from_numpy(comparable(train.image[rows]))
    tensors, training = train_feature_space(images, settings)
    write_tensors(files.weights, tensors)
    record = {
        **settings.model_dump(),
        "dataset": train.attributes["dataset"],
        "dataset_digest": train.attributes["digest"],
        "image_shape": list(images.shape[1:]),
        "training_stamps": len(rows),
        **training,
        "weights_digest": file_digest(files.weights),
        "code": code_digest(source_closure("evaluation.train_feature_network")),
        "versions": versions(),
    }
    write_json(files.record, record)


if __name__ == "__main__":
    run_entry(main)
