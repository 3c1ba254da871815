"""The scores of real stamps against other real stamps: the floor of every score."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from galforge.core.seeds import derive_seed
from galforge.evaluation.comparison import Sample
from galforge.evaluation.morphology_scores import scored_parameters
from galforge.evaluation.resampling import SPLITS, Score, averaged
from galforge.evaluation.sample_files import Scoring
from galforge.evaluation.scores import as_row, failure_fraction, score_sample


def judge_floor(reference: Sample, floor: Sample, settings: Scoring) -> dict[str, Any]:
    """Return what ``floor.json`` says about the two halves of the real stamps.

    Parameters
    ----------
    reference, floor : Sample
        From :func:`galforge.evaluation.sample_files.read_reference`.
    settings : Scoring

    Returns
    -------
    dict of str
        ``count``, ``failures``, ``parameters`` and ``scores``, averaged over :data:`SPLITS` random splits of
        the stamps into halves; a parameter without a distance between real stamps has the reason.
    """
    faults = scored_parameters(reference.morphology, floor.morphology, settings.parameters)
    scored = [name for name, fault in faults.items() if not fault]
    averaged = average_floor(reference.joined(floor), scored, settings.seed)
    scores = {name: as_row(name, score) for name, score in averaged.items()}
    for name, fault in faults.items():
        if fault:
            scores[f"distance_{name}"] = as_row(f"distance_{name}", Score(None, None, fault))
    if not scored:
        scores["mean_distance"]["reason"] = (
            f"no parameter can be scored on {2 * len(reference)} real stamps: "
            f"{faults[settings.parameters[0]]}"
        )
    return {
        "count": {"real": 2 * len(reference), "reference": len(reference)},
        "failures": {
            "reference": failure_fraction(reference.morphology),
            "floor": failure_fraction(floor.morphology),
        },
        "parameters": settings.parameters,
        "scores": scores,
    }


def average_floor(real: Sample, parameters: Sequence[str], seed: int) -> dict[str, Score]:
    """Return every score of one half of real stamps against the other, averaged over random splits.

    Parameters
    ----------
    real : Sample
        2n held-out stamps.
    parameters : sequence of str
        Morphological parameters for which real stamps have a distance.
    seed : int

    Returns
    -------
    dict of str to Score
        The error is the standard deviation over the splits: by how much a sample of n real stamps differs
        from n others by chance.
    """
    half = len(real) // 2
    generator = np.random.default_rng(derive_seed(seed, "splits of the floor"))
    splits = []
    for _ in range(SPLITS):
        rows = generator.permutation(len(real))
        reference, floor = real.take(rows[:half]), real.take(rows[half : 2 * half])
        splits.append(score_sample(reference, floor, parameters, 0, seed))
    return {name: averaged([split[name] for split in splits]) for name in splits[0]}
