"""Measure the features of stamps, and their nearest training stamps."""

from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file

from galforge.core.command_line import run_entry
from galforge.core.files import check_digest
from galforge.core.records import read_record
from galforge.core.settings import Section
from galforge.core.tables import write_table
from galforge.datasets.stamp_file import read_stamps
from galforge.evaluation.feature_settings import FeatureRecord
from galforge.evaluation.feature_space import FeatureSpace, measure_features
from galforge.evaluation.inception import InceptionFeatures
from galforge.evaluation.measured_stamps import measured_rows


@dataclass(frozen=True)
class Files:
    """The dataset, its feature space, Inception where it is wanted, and one table per file of stamps.

    Without files of stamps, those of a split of the dataset are measured.
    """

    dataset: Path
    weights: Path
    record: Path
    features: tuple[Path, ...]
    stamps: tuple[Path, ...] = ()
    inception: Path | None = None


class Settings(Section):
    """At most this many stamps: the first generated ones, or those of a split that are judged."""

    count: int
    split: str | None = None


def main(files: Files, settings: Settings) -> None:
    """Measure each file of stamps, or the chosen stamps of the split."""
    torch.set_num_threads(1)
    dataset = read_stamps(files.dataset)
    record = read_record(files.record, FeatureRecord)
    check_digest(files.weights, record["weights_digest"], files.record)
    space = FeatureSpace(load_file(files.weights), record)
    inception = InceptionFeatures(files.inception) if files.inception else None
    train = dataset.image[dataset.split == "train"]
    sources = (read_stamps(path) for path in files.stamps) if settings.split is None else [dataset]
    for stamps, path in zip(sources, files.features, strict=True):
        rows = measured_rows(stamps, settings.count, settings.split)
        table = measure_features(stamps.image[rows], train, space, inception)
        table.insert(0, "row", rows)
        write_table(path, table)


if __name__ == "__main__":
    run_entry(main)
