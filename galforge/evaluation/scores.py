"""Every score of a sample against the reference, each beside that of the floor."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from galforge.evaluation.comparison import Comparison, Sample
from galforge.evaluation.resampling import Resamples, Score, is_tied
from galforge.evaluation.score_table import all_scores, stated
from galforge.evaluation.statuses import summarize_failures


def score_sample(
    reference: Sample, sample: Sample, parameters: Sequence[str], draws: int, seed: int
) -> dict[str, Score]:
    """Return every score of a sample.

    Parameters
    ----------
    reference, sample : Sample
        Samples of equal size, at least two stamps each.
    parameters : sequence of str
        Morphological parameters for which real stamps have a distance.
    draws : int
        Random halves behind each error.
    seed : int
    """
    resamples = Resamples.draw(len(reference), len(sample), draws, seed)
    return all_scores(Comparison(reference, sample, parameters, resamples, seed))


def sample_fault(morphology: pd.DataFrame, count: int) -> str:
    """Return why a sample cannot be judged: too few stamps, or none that could be measured."""
    if len(morphology) < count:
        return f"returned {len(morphology)} of {count} stamps"
    failed = morphology["status"][morphology["status"] != "ok"]
    if len(failed) == len(morphology):
        return f"no stamp of {len(morphology)} could be measured: {summarize_failures(failed)}"
    return ""


def as_row(name: str, score: Score) -> dict[str, Any]:
    """Return a score as JSON values, with its group and which direction is better."""
    how = stated(name)
    return {**score._asdict(), "group": how.group, "better": how.better}


def beside_floor(
    scores: Mapping[str, Score], floor: Mapping[str, Score], fault: str = ""
) -> dict[str, dict[str, Any]]:
    """Return the scores as JSON values, each with the floor's.

    Parameters
    ----------
    scores, floor : mapping of str to Score
        The floor has every score.
    fault : str
        Why there is nothing to score; only the floor's scores are then given.
    """
    rows = {}
    for name, real in floor.items():
        # A score that real stamps do not have says nothing about a model.
        score = Score(None, None, real.reason or fault) if real.reason or fault else scores[name]
        how = stated(name)
        rows[name] = {
            **as_row(name, score if how.has_error else score._replace(error=None)),
            "floor": real.value,
            "floor_error": real.error,
            "tied": is_tied(score, real, how.better),
        }
    return rows


def without_floor(scores: Mapping[str, Score]) -> dict[str, dict[str, Any]]:
    """Return scores that real stamps do not have, in the form of :func:`beside_floor`."""
    return {
        name: {**as_row(name, score), "floor": None, "floor_error": None, "tied": None}
        for name, score in scores.items()
    }


def failure_fraction(table: pd.DataFrame) -> float | None:
    """Return the fraction of stamps whose status is not ``"ok"``; None if there are no stamps."""
    return float((table["status"] != "ok").mean()) if len(table) else None
