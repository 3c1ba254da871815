"""Measure the features of stamps, and their nearest training stamps."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file

from galforge.core.command_line import run_entry
from galforge.core.files import check_digest, read_json
from galforge.core.settings import Section
from galforge.core.tables import write_table
from galforge.datasets.stamp_file import Stamps, read_stamps
from galforge.evaluation.feature_space import FeatureSpace, measure_features
from galforge.evaluation.inception import InceptionFeatures
from galforge.evaluation.reference_split import reference_order


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
    record = read_json(files.record)
    check_digest(files.weights, record["weights_digest"], files.record)
    space = FeatureSpace(load_file(files.weights), record)
    inception = InceptionFeatures(files.inception) if files.inception else None
    train = dataset.image[dataset.split == "train"]
    for (rows, images), path in zip(choose(dataset, files, settings), files.features, strict=True):
        table = measure_features(images, train, space, inception)
        table.insert(0, "row", rows)
        write_table(path, table)


def choose(
    dataset: Stamps, files: Files, settings: Settings
) -> list[tuple[NDArray[np.intp], NDArray[np.float32]]]:
    """Return rows and images of the stamps that are measured, one pair per table."""
    if settings.split is None:
        generated = [read_stamps(path).image[: settings.count] for path in files.stamps]
        return [(np.arange(len(images)), images) for images in generated]
    of_split = np.flatnonzero(dataset.split == settings.split)
    rows = of_split[np.sort(reference_order(dataset.catalog.iloc[of_split])[: settings.count])]
    return [(rows, dataset.image[rows])]


if __name__ == "__main__":
    run_entry(main)
