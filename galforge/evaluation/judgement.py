"""How a model or a control is judged: its scores beside those of the floor, or why there are none."""

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.core.isolation import isolated
from galforge.evaluation.comparison import Sample
from galforge.evaluation.gates import closed_gates
from galforge.evaluation.reconstruction import (
    ERRORS,
    count_measured_again,
    kept_morphology_scores,
    kept_names,
    reconstruction_errors,
    reconstruction_scores,
)
from galforge.evaluation.resampling import Score, without
from galforge.evaluation.sample_files import Scoring
from galforge.evaluation.scores import (
    beside_floor,
    failure_fraction,
    sample_fault,
    score_sample,
    without_floor,
)
from galforge.evaluation.variants import FAILED, NOT_SCORED, OK, RANKED, RECONSTRUCTED, VARIANTS

NO_IMAGE = ("not finite", "constant")  # statuses of stamps that hold nothing


class Reconstruction(NamedTuple):
    """How many stamps a model reconstructs, how many of them were measured again, and how well.

    The defaults are those of what does not reconstruct.
    """

    reconstructed: int = 0
    measured_again: int = 0
    scores: Mapping[str, Score] = {}


def judge(
    samples: Mapping[str, Sample],
    reference: Sample,
    floor: Mapping[str, Any],
    settings: Scoring,
    reconstruction: Reconstruction,
    reason: str = "",
    is_model: bool = True,
) -> dict[str, Any]:
    """Return what ``scores.json`` says about the stamps of a model or a control.

    A score that cannot be had is absent with its reason, and costs no other score.

    Parameters
    ----------
    samples : mapping of str to Sample
        By :data:`galforge.evaluation.variants.VARIANTS`.
    reference : Sample
        Real stamps that the samples are compared with.
    floor : mapping
        The content of ``floor.json``.
    settings : Scoring
    reconstruction : Reconstruction
    reason : str
        Why there are no samples, where there are none.
    is_model : bool
        Only a model can have failed: a control that a survey does not allow is not scored.
    """
    real = {name: Score(*(row[key] for key in Score._fields)) for name, row in floor["scores"].items()}
    # As many as the reference holds, so that floor and model are compared at the same sizes.
    compared = {variant: sample.first(len(reference)) for variant, sample in samples.items()}
    fault = reason or find_fault(samples, settings.count)
    scores: dict[str, dict[str, Score]] = {variant: {} for variant in VARIANTS}
    if not fault:
        scored = [name for name in settings.parameters if not real[f"distance_{name}"].reason]
        scores = {
            variant: score_sample(reference, sample, scored, settings.resamples, settings.seed)
            for variant, sample in compared.items()
        }
    judged = {variant: beside_floor(scores[variant], real, fault) for variant in VARIANTS}
    ranked = judged[RANKED]
    unranked = str(ranked["mean_distance"]["reason"])
    return {
        "dataset": floor["dataset"],
        "simulated": floor["simulated"],
        "status": FAILED if fault and is_model else NOT_SCORED if unranked else OK,
        "reason": fault or unranked,
        "gates": closed_gates(judged),
        "count": {
            **floor["count"],
            "generated": len(samples[RANKED]),
            "compared": len(compared[RANKED]),
            "reconstructed": reconstruction.reconstructed,
            "measured_again": reconstruction.measured_again,
        },
        "failures": {**floor["failures"], "generated": failure_fraction(compared[RANKED].morphology)},
        "distance": {name: _as_pair(ranked[f"distance_{name}"]) for name in settings.parameters},
        "mean_distance": _as_pair(ranked["mean_distance"]),
        "scores": judged | {RECONSTRUCTED: without_floor(reconstruction.scores)},
    }


def find_fault(samples: Mapping[str, Sample], count: int) -> str:
    """Return why a model cannot be judged; empty where it can.

    With noise added, statmorph measures something on any stamp: that a stamp is constant is seen in the raw
    variant. What statmorph alone cannot measure there, it may measure where there is noise.
    """
    raw = samples["raw"].morphology
    empty = raw["status"].isin(NO_IMAGE).all()
    return (sample_fault(raw, count) if empty else "") or sample_fault(samples[RANKED].morphology, count)


def score_reconstruction(
    images: NDArray[np.float32],
    reconstructed: NDArray[np.float32],
    reference: pd.DataFrame,
    morphology: pd.DataFrame,
    settings: Scoring,
) -> Reconstruction:
    """Return how well a model reconstructs stamps.

    Parameters
    ----------
    images, reconstructed : ndarray, shape (N, C, H, W)
        All stamps of a split, and their reconstructions.
    reference : DataFrame
        Morphology of real stamps, with their ``row`` in the dataset.
    morphology : DataFrame
        Morphology of the reconstructions that were measured; its index is the original's row in the dataset.
    settings : Scoring
    """
    original = reference[reference["row"].isin(morphology.index)]
    tables = original, morphology.loc[original["row"]]
    draws = settings.resamples, settings.seed
    scores: dict[str, Score] = {}
    for name in ERRORS:
        scores |= isolated(
            f"reconstruction_{name}",
            partial(_error_scores, images, reconstructed, name, *draws),
            partial(without, [f"reconstruction_{name}"]),
        )
    scores |= isolated(
        "morphology of the reconstructions",
        lambda: kept_morphology_scores(*tables, settings.parameters, *draws),
        partial(without, kept_names(settings.parameters)),
    )
    usable = int(np.isfinite(reconstructed).all(axis=(1, 2, 3)).sum())
    return Reconstruction(usable, count_measured_again(*tables), scores)


def _error_scores(
    images: NDArray[np.float32], reconstructed: NDArray[np.float32], name: str, draws: int, seed: int
) -> dict[str, Score]:
    return reconstruction_scores(reconstruction_errors(images, reconstructed, [name]), draws, seed)


def _as_pair(score: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "model": score["value"],
        **{key: score[key] for key in ("error", "floor", "floor_error", "tied", "reason")},
    }
