"""Score a model or a control against real stamps, with the floor beside every score."""

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from galforge.core.command_line import parse_settings, run_entry
from galforge.core.errors import InputError
from galforge.core.files import read_json, write_json
from galforge.datasets.stamp_file import read_attributes, read_catalog, read_stamps
from galforge.evaluation.reconstruction import (
    count_measured_again,
    kept_morphology_scores,
    reconstruction_errors,
    reconstruction_scores,
)
from galforge.evaluation.resampling import Score
from galforge.evaluation.sample_files import (
    Scoring,
    read_morphology,
    read_reference,
    read_sample,
    scoring_parser,
)
from galforge.evaluation.scores import (
    Sample,
    beside_floor,
    failure_fraction,
    sample_fault,
    score_sample,
    without_floor,
)
from galforge.evaluation.variants import RANKED, RECONSTRUCTED, VARIANTS

NO_IMAGE = ("not finite", "constant")  # statuses of stamps that hold nothing


def main() -> None:
    """Run the stage."""
    parser = scoring_parser(__doc__)
    pair: dict[str, Any] = {"type": Path, "nargs": 2, "required": True, "metavar": ("RAW", "MATCHED")}
    parser.add_argument("--floor", type=Path, required=True, help="the dataset's floor.json")
    parser.add_argument("--stamps", **pair, help="generated stamps, raw and with noise")
    parser.add_argument("--morphology", **pair, help="of the generated stamps, raw and with noise")
    parser.add_argument("--features", **pair, help="of the generated stamps, raw and with noise")
    parser.add_argument("--model", type=Path, help="the model's model.json; none of a control")
    parser.add_argument("--reconstruction", type=Path, help="of the test split; none of a control")
    parser.add_argument("--reconstructed", type=Path, help="morphology of the reference, reconstructed")
    arguments = parser.parse_args()
    settings = parse_settings(Scoring, arguments.settings)

    floor = read_json(arguments.floor)
    real = {name: Score(**score) for name, score in floor["scores"].items()}
    scored = [name for name in settings.parameters if not real[f"distance_{name}"].reason]
    reference, _ = read_reference(
        arguments.dataset, arguments.real, arguments.real_features, settings.parameters, settings.count
    )
    files = zip(VARIANTS, arguments.stamps, arguments.morphology, arguments.features, strict=True)
    samples = {
        variant: read_sample(stamps, morphology, features, settings.parameters)
        for variant, stamps, morphology, features in files
    }
    names = read_attributes(arguments.stamps[0])
    fault = (
        str(names.get("reason", "")) or find_fault(samples, settings.count) or real["mean_distance"].reason
    )
    scores: dict[str, dict[str, Score]] = {variant: {} for variant in VARIANTS}
    if not fault:
        for variant, sample in samples.items():
            # As many as the reference holds, so that floor and model are compared at the same sizes.
            compared = sample.first(len(reference))
            scores[variant] = score_sample(reference, compared, scored, settings.resamples, settings.seed)
        fault = scores[RANKED]["mean_distance"].reason
    found = {variant: beside_floor(scores[variant], real, fault) for variant in VARIANTS}
    ranked = found[RANKED]
    counts, reconstructed = _reconstruction(arguments, reference, settings)
    write_json(
        arguments.output,
        {
            "dataset": floor["dataset"],
            "model": str(names["model"]),
            "kind": "model" if arguments.model else "control",
            "status": "failed" if fault else "ok",
            "reason": fault,
            "simulated": floor["simulated"],
            "count": {
                **floor["count"],
                "generated": len(samples[RANKED]),
                "compared": min(len(samples[RANKED]), len(reference)),
                **counts,
            },
            "failures": {
                **floor["failures"],
                "generated": failure_fraction(samples[RANKED].first(len(reference)).morphology),
            },
            "distance": {name: _as_pair(ranked[f"distance_{name}"]) for name in settings.parameters},
            "mean_distance": _as_pair(ranked["mean_distance"]),
            "scores": found | {RECONSTRUCTED: without_floor(reconstructed)},
            **_training(arguments.model),
        },
    )


def find_fault(samples: dict[str, Sample], count: int) -> str:
    """Return why a model cannot be judged.

    Noise makes something measurable of any stamp, so that one is constant is seen in the raw variant.
    What only statmorph cannot do there, it may do where there is noise.
    """
    raw = samples["raw"].morphology
    empty = raw["status"].isin(NO_IMAGE).all()
    return (sample_fault(raw, count) if empty else "") or sample_fault(samples[RANKED].morphology, count)


def _as_pair(score: dict[str, Any]) -> dict[str, Any]:
    return {
        "model": score["value"],
        **{key: score[key] for key in ("error", "floor", "floor_error", "tied", "reason")},
    }


def _training(path: Path | None) -> dict[str, Any]:
    keys = ("training_seconds", "parameters")
    record = read_json(path) if path else dict.fromkeys(keys)
    return {key: record[key] for key in keys}


def _reconstruction(
    arguments: argparse.Namespace, reference: Sample, settings: Scoring
) -> tuple[dict[str, int], dict[str, Score]]:
    """Return how many stamps a model reconstructs, and how well; no scores of one that does not."""
    dataset, path = arguments.dataset, arguments.reconstruction
    nothing = {"reconstructed": 0, "measured_again": 0}
    if path is None:
        return nothing, {}
    reconstruction = read_stamps(path)
    if len(reconstruction) == 0:
        return nothing, {}
    split = read_attributes(path).get("split")
    if split != "test":
        raise InputError(f"{path}: its attribute split is {split!r}, not 'test'")
    real = read_stamps(dataset, split="test")
    if real.image.shape != reconstruction.image.shape:
        raise InputError(
            f"{path}: holds images of shape {reconstruction.image.shape}, "
            f"the test split of {dataset} {real.image.shape}"
        )
    table = read_morphology(arguments.reconstructed, settings.parameters)
    # A row of the reconstructions is one of the test split; the reference names rows of the dataset.
    rows = np.flatnonzero(read_catalog(dataset)["split"] == "test")[table["row"].to_numpy()]
    table = table.set_index(rows)
    original = reference.morphology[reference.morphology["row"].isin(rows)]
    tables = original, table.loc[original["row"]]
    errors = reconstruction_errors(real.image, reconstruction.image)
    draws = settings.resamples, settings.seed
    return (
        {"reconstructed": len(errors), "measured_again": count_measured_again(*tables)},
        {
            **reconstruction_scores(errors, *draws),
            **kept_morphology_scores(*tables, settings.parameters, *draws),
        },
    )


if __name__ == "__main__":
    run_entry(main)
