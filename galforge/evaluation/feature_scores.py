"""Scores on features: how realistic, how diverse, how honest a sample is."""

from collections.abc import Callable

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
from galforge.evaluation.resampling import Resamples, Score, of_fractions, score_of, scores_of
from galforge.evaluation.variants import SPACES

FRACTIONS = ("precision", "recall", "coverage")
LEAST_STAMPS = 2  # with features on each side, for a distance between their distributions

Scores = dict[str, Score]


def space_columns(table: pd.DataFrame, space: str) -> list[str]:
    """Return the columns of one space's features."""
    return [name for name in table.columns if name.startswith(f"{space}_")]


def has_space(features: pd.DataFrame, space: str) -> bool:
    """Return whether features were measured in a space; in the optional ones not everybody can."""
    return space in SPACES or bool(space_columns(features, space))


def frechet_scores(reference: pd.DataFrame, sample: pd.DataFrame, space: str, resamples: Resamples) -> Scores:
    """Return the Frechet distance in a space, of the stamps that have features."""
    return _of_space(f"frechet_{space}", frechet_distance, reference, sample, space, resamples)


def kernel_scores(reference: pd.DataFrame, sample: pd.DataFrame, space: str, resamples: Resamples) -> Scores:
    """Return the kernel distance in a space."""
    return _of_space(f"kid_{space}", kernel_distance, reference, sample, space, resamples)


def fidelity_scores(
    reference: pd.DataFrame, sample: pd.DataFrame, space: str, resamples: Resamples
) -> Scores:
    """Return precision, recall, density and coverage in a space."""
    known, other = (_values(table, space_columns(table, space)) for table in (reference, sample))
    # Once for all resamples: distances in many features take far longer than what is made of them.
    pairs = Pairs.of(known, other)
    finite = [np.asarray(np.isfinite(side).all(axis=1)) for side in (known, other)]

    def statistic(rows: NDArray[np.intp], others: NDArray[np.intp]) -> dict[str, float]:
        values = manifold_scores(pairs.take(rows[finite[0][rows]], others[finite[1][others]]))
        return {f"{name}_{space}": value for name, value in values.items()}

    scores = scores_of(statistic, np.arange(len(known)), np.arange(len(other)), resamples)
    return of_fractions(scores, [f"{name}_{space}" for name in FRACTIONS], len(sample))


def cluster_scores(reference: pd.DataFrame, sample: pd.DataFrame, resamples: Resamples) -> Scores:
    """Return how differently the clusters of the reference's features are filled."""
    known, other = (table["cluster"].to_numpy(dtype=np.float64) for table in (reference, sample))
    return score_of("cluster_error", _cluster_error, known, other, resamples)


def neighbour_scores(reference: pd.DataFrame, sample: pd.DataFrame, resamples: Resamples) -> Scores:
    """Return how near the sample lies to training stamps, over how near held-out stamps do.

    ``neighbour_distance`` is the ratio of the median distances in the space of principal components: 1 is
    right, 0 is what copies have.
    """

    def ratio(known: NDArray[np.float64], other: NDArray[np.float64]) -> float:
        typical = float(np.median(known))
        return float(np.median(other)) / typical if typical > 0 else float("nan")

    known, other = (table["neighbour_distance"].to_numpy(dtype=np.float64) for table in (reference, sample))
    return score_of("neighbour_distance", ratio, known, other, resamples)


def copied_scores(reference: pd.DataFrame, sample: pd.DataFrame, resamples: Resamples) -> Scores:
    """Return ``memorized_fraction`` and ``mixed_fraction``."""
    known, other = (_values(table, list(copies.COLUMNS)) for table in (reference, sample))
    return copies.copy_scores(known, other, resamples)


def learned_features(table: pd.DataFrame) -> NDArray[np.float64]:
    """Return what a classifier sees of measured features: those of all spaces that everybody has, (N, F)."""
    return _values(table, [name for space in SPACES for name in space_columns(table, space)])


def _of_space(
    name: str,
    distance: Callable[[NDArray[np.float64], NDArray[np.float64]], float],
    reference: pd.DataFrame,
    sample: pd.DataFrame,
    space: str,
    resamples: Resamples,
) -> Scores:
    def statistic(known: NDArray[np.float64], other: NDArray[np.float64]) -> float:
        known, other = _finite(known), _finite(other)
        return distance(known, other) if min(len(known), len(other)) >= LEAST_STAMPS else float("nan")

    known, other = (_values(table, space_columns(table, space)) for table in (reference, sample))
    return score_of(name, statistic, known, other, resamples)


def _cluster_error(reference: NDArray[np.float64], sample: NDArray[np.float64]) -> float:
    known, other = (side[np.isfinite(side)].astype(np.intp) for side in (reference, sample))
    return cluster_error(known, other) if len(known) and len(other) else float("nan")


def _values(table: pd.DataFrame, columns: list[str]) -> NDArray[np.float64]:
    return np.asarray(table[columns].to_numpy(dtype=np.float64))


def _finite(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(values[np.isfinite(values).all(axis=1)])
