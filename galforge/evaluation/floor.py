"""The scores of real stamps against other real stamps: the floor of every score."""

from typing import Any

from galforge.evaluation.comparison import Sample
from galforge.evaluation.morphology_scores import scored_parameters
from galforge.evaluation.sample_files import Scoring
from galforge.evaluation.scores import failure_fraction, score_sample


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
        ``count``, ``failures``, ``parameters`` and ``scores``; a parameter without a distance between real
        stamps has the reason.
    """
    faults = scored_parameters(reference.morphology, floor.morphology, settings.parameters)
    scored = [name for name, fault in faults.items() if not fault]
    scores = {
        name: score._asdict()
        for name, score in score_sample(reference, floor, scored, settings.resamples, settings.seed).items()
    }
    for name, fault in faults.items():
        if fault:
            scores[f"distance_{name}"] = {"value": None, "error": None, "reason": fault}
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
