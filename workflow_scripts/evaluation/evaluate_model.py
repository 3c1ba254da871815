"""Score a model or a control against real stamps, with the floor beside every score."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from galforge.core.command_line import run_entry
from galforge.core.errors import InputError
from galforge.core.files import write_json
from galforge.datasets.same_galaxies import check_rows, check_same_galaxies
from galforge.datasets.stamp_file import read_attributes, read_catalog, read_stamps
from galforge.evaluation.comparison import Sample
from galforge.evaluation.judgement import Reconstruction, judge, score_reconstruction
from galforge.evaluation.sample_files import (
    Scoring,
    ScoringFiles,
    read_morphology,
    read_reference,
    read_sample,
)
from galforge.evaluation.score_records import read_floor
from galforge.evaluation.variants import VARIANTS
from galforge.models.record import read_record


@dataclass(frozen=True)
class Files(ScoringFiles):
    """The reference and its floor; the samples, raw and noise-matched, with what was measured; the scores.

    A model also has its record, its reconstructions of the test split, and their morphology; a control, and
    samples of a model of others, have none of the three.
    """

    floor: Path
    stamps: tuple[Path, Path]
    morphology: tuple[Path, Path]
    features: tuple[Path, Path]
    scores: Path
    record: Path | None = None
    reconstruction: Path | None = None
    reconstructed: Path | None = None


def main(files: Files, settings: Scoring) -> None:
    """Judge the samples in both variants, and the reconstructions."""
    reference, _ = read_reference(
        files.dataset, files.real, files.real_features, settings.parameters, settings.count
    )
    per_variant = zip(VARIANTS, files.stamps, files.morphology, files.features, strict=True)
    samples = {
        variant: read_sample(stamps, morphology, features, settings.parameters)
        for variant, stamps, morphology, features in per_variant
    }
    attributes = read_attributes(files.stamps[0])
    # A model of others has left samples alone.
    is_model = files.record is not None or attributes.get("source") == "samples"
    judged = judge(
        samples,
        reference,
        read_floor(files.floor),
        settings,
        read_reconstruction(files, reference, settings),
        str(attributes.get("reason", "")),
        is_model=is_model,
    )
    kind = "model" if is_model else "control"
    named = {"model": str(attributes["model"]), "kind": kind, **read_training(files.record)}
    write_json(files.scores, judged | named)


def read_training(record: Path | None) -> dict[str, Any]:
    """Return how long a model was trained and how large it is; None for a control."""
    keys = ("training_seconds", "parameters")
    training = read_record(record) if record else dict.fromkeys(keys)
    return {key: training[key] for key in keys}


def read_reconstruction(files: Files, reference: Sample, settings: Scoring) -> Reconstruction:
    """Return how well a model reconstructs the test split; nothing for one that does not.

    Raises
    ------
    InputError
        If the reconstructions are not of that split.
    """
    path = files.reconstruction
    if path is None or files.reconstructed is None:
        return Reconstruction()
    reconstruction = read_stamps(path)
    if len(reconstruction) == 0:
        return Reconstruction()
    split = reconstruction.attributes.get("split")
    if split != "test":
        raise InputError(f"{path}: its attribute split is {split!r}, not 'test'")
    real = read_stamps(files.dataset, split="test")
    if real.image.shape != reconstruction.image.shape:
        raise InputError(
            f"{path}: holds images of shape {reconstruction.image.shape}, "
            f"the test split of {files.dataset} {real.image.shape}"
        )
    check_same_galaxies(path, reconstruction.catalog, real.catalog, files.dataset)
    table = read_morphology(files.reconstructed, settings.parameters)
    check_rows(files.reconstructed, table, reconstruction.catalog, path)
    # A row of the reconstructions is one of the test split; the reference names rows of the dataset.
    rows = np.flatnonzero(read_catalog(files.dataset)["split"] == "test")[table["row"].to_numpy()]
    return score_reconstruction(
        real.image, reconstruction.image, reference.morphology, table.set_index(rows), settings
    )


if __name__ == "__main__":
    run_entry(main)
