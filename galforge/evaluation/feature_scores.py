"""Scores on features: how realistic, how diverse, how honest a sample is."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.evaluation import copies
from galforge.evaluation.feature_distances import (
    Pairs,
    cluster_error,
    frechet_distance,
    kernel_distance,
    manifold_scores,
)
from galforge.evaluation.neighbours import neighbour_scores
from galforge.evaluation.resampling import Resamples, Score, Statistic, of_fractions, score_of, scores_of
from galforge.evaluation.variants import OPTIONAL_SPACES, SPACE_SCORES, SPACES

FRACTIONS = ("precision", "recall", "coverage")


def space_columns(table: pd.DataFrame, space: str) -> list[str]:
    """Return the columns of one space's features."""
    return [name for name in table.columns if name.startswith(f"{space}_")]


def feature_scores(reference: pd.DataFrame, sample: pd.DataFrame, resamples: Resamples) -> dict[str, Score]:
    """Return every score on features but the classifier's.

    Parameters
    ----------
    reference, sample : DataFrame
        Measured features; stamps that have none (NaN) are left out.
    resamples : Resamples

    Returns
    -------
    dict of str to Score
        ``<score>_<space>`` for each of :data:`SPACE_SCORES`, :data:`SPACES` and those of
        :data:`OPTIONAL_SPACES` that the reference has, ``cluster_error``, ``neighbour_distance``,
        ``memorized_fraction`` and ``mixed_fraction``.
    """
    scores: dict[str, Score] = {}
    optional = [space for space in OPTIONAL_SPACES if space_columns(reference, space)]
    for space in (*SPACES, *optional):
        known, other = (_values(table, space_columns(table, space)) for table in (reference, sample))
        rows, others = (np.arange(len(side)) for side in (known, other))
        in_space = scores_of(_space_statistic(space, known, other), rows, others, resamples)
        scores |= of_fractions(in_space, [f"{name}_{space}" for name in FRACTIONS], len(sample))

    known, other = (table["cluster"].to_numpy(dtype=np.float64) for table in (reference, sample))
    scores |= score_of("cluster_error", _cluster_error, known, other, resamples)
    known, other = (table["neighbour_distance"].to_numpy(dtype=np.float64) for table in (reference, sample))
    scores |= neighbour_scores(known, other, resamples)
    known, other = (_values(table, list(copies.COLUMNS)) for table in (reference, sample))
    return scores | copies.copy_scores(known, other, resamples)


def learned_features(table: pd.DataFrame) -> NDArray[np.float64]:
    """Return what a classifier sees of measured features: those of all spaces, (N, F)."""
    return _values(table, [name for space in SPACES for name in space_columns(table, space)])


def _cluster_error(reference: NDArray[np.float64], sample: NDArray[np.float64]) -> float:
    known, other = (side[np.isfinite(side)].astype(np.intp) for side in (reference, sample))
    return cluster_error(known, other) if len(known) and len(other) else float("nan")


def _values(table: pd.DataFrame, columns: list[str]) -> NDArray[np.float64]:
    return np.asarray(table[columns].to_numpy(dtype=np.float64))


def _space_statistic(space: str, reference: NDArray[np.float64], sample: NDArray[np.float64]) -> Statistic:
    """Return the scores of a space as a statistic of rows of the reference and of the sample."""
    # Once for all resamples: distances in many features take far longer than what is made of them.
    pairs = Pairs.of(reference, sample)
    finite = [np.asarray(np.isfinite(side).all(axis=1)) for side in (reference, sample)]

    def statistic(rows: NDArray[np.intp], others: NDArray[np.intp]) -> dict[str, float]:
        rows, others = rows[finite[0][rows]], others[finite[1][others]]
        if min(len(rows), len(others)) < 2:
            return {f"{name}_{space}": float("nan") for name in SPACE_SCORES}
        known, other = reference[rows], sample[others]
        values = {
            "frechet": frechet_distance(known, other),
            "kid": kernel_distance(known, other),
            **manifold_scores(pairs.take(rows, others)),
        }
        return {f"{name}_{space}": value for name, value in values.items()}

    return statistic
