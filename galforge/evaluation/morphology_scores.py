"""Distances between what was measured on the stamps of two samples."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.evaluation.distances import (
    column_distances,
    fault_of_pair,
    sliced_wasserstein,
)
from galforge.evaluation.resampling import Resamples, Score, of_fractions, score_of, scores_of
from galforge.evaluation.usable import usable_matrix
from galforge.evaluation.variants import MOMENTS

# Parameters that belong together, grouped as by Hackstein et al. (2023).
GROUPS = {
    "sliced_cas": ("concentration", "asymmetry", "smoothness"),
    "sliced_mid": ("multimode", "intensity", "deviation"),
    "sliced_gini_m20": ("gini", "m20"),
    "sliced_shape": ("rhalf_ellip", "ellipticity_asymmetry", "sersic_n"),
}

_WORST = 0.99  # quantile of the reference's distances from its median


def scored_parameters(
    reference: pd.DataFrame, floor: pd.DataFrame, parameters: Sequence[str]
) -> dict[str, str]:
    """Return each parameter with why real stamps give it no distance; empty text where they do."""
    known, other = usable_matrix(reference, parameters), usable_matrix(floor, parameters)
    return {
        name: fault_of_pair(known[np.isfinite(known[:, n]), n], other[np.isfinite(other[:, n]), n])
        for n, name in enumerate(parameters)
    }


def morphology_scores(
    reference: pd.DataFrame, sample: pd.DataFrame, parameters: Sequence[str], resamples: Resamples
) -> dict[str, Score]:
    """Return the distance of each parameter, and their mean.

    Parameters
    ----------
    reference, sample : DataFrame
        Measured morphology.
    parameters : sequence of str
        Those for which real stamps have a distance.
    resamples : Resamples

    Returns
    -------
    dict of str to Score
        ``distance_<parameter>``, in standard deviations of the reference, and ``mean_distance``, over all
        of them: a mean over those that happened to work would reward a model for the others. For the same
        reason a stamp without a measurement counts as the worst of a hundred real ones
        (:func:`distances_with_failures`).
    """
    known, other = _in_units(reference, sample, parameters)

    def distances(known: NDArray[np.float64], other: NDArray[np.float64]) -> dict[str, float]:
        values = distances_with_failures(known, other)
        return {
            **{f"distance_{name}": float(values[n]) for n, name in enumerate(parameters)},
            "mean_distance": float(values.mean()) if len(values) else float("nan"),
        }

    scores = scores_of(distances, known, other, resamples)
    for n, name in enumerate(parameters):
        values = [side[np.isfinite(side[:, n]), n] for side in (known, other)]
        if fault := fault_of_pair(*values):
            scores[f"distance_{name}"] = Score(None, None, fault)
            scores["mean_distance"] = Score(None, None, f"no distance of {name}: {fault}")
    return scores


def distances_with_failures(
    reference: NDArray[np.float64], sample: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the Wasserstein-1 distance of each column, in which what was not measured counts.

    Parameters
    ----------
    reference, sample : ndarray of float64, shapes (N, P) and (M, P)
        NaN where there is no measurement.

    Returns
    -------
    ndarray of float64, shape (P,)
        ``(1 - f) d + f w``: d is the distance of what was measured, f by how much the sample's fraction of
        NaN exceeds the reference's, and w the distance from the reference's median that one real value in a
        hundred exceeds.
    """
    distances = column_distances(reference, sample)
    missing = [np.isnan(side).mean(axis=0) for side in (reference, sample)]
    excess = np.maximum(missing[1] - missing[0], 0.0)
    worst = np.zeros(len(distances))
    for column in np.flatnonzero(excess):
        known = reference[np.isfinite(reference[:, column]), column]
        if len(known):
            worst[column] = np.quantile(np.abs(known - np.median(known)), _WORST)
    return np.asarray((1 - excess) * distances + excess * worst)


def joint_scores(
    reference: pd.DataFrame, sample: pd.DataFrame, group: str, resamples: Resamples
) -> dict[str, Score]:
    """Return the sliced Wasserstein distance of one of :data:`GROUPS`."""
    pair = _in_units(reference, sample, GROUPS[group])
    return score_of(group, sliced_wasserstein, *pair, resamples)


def moment_scores(reference: pd.DataFrame, sample: pd.DataFrame, resamples: Resamples) -> dict[str, Score]:
    """Return the distance of each adaptive moment, in standard deviations of the reference."""
    known, other = _in_units(reference, sample, MOMENTS)

    def distances(known: NDArray[np.float64], other: NDArray[np.float64]) -> dict[str, float]:
        values = column_distances(known, other)
        return {name: float(values[n]) for n, name in enumerate(MOMENTS)}

    return scores_of(distances, known, other, resamples)


def failure_scores(reference: pd.DataFrame, sample: pd.DataFrame, resamples: Resamples) -> dict[str, Score]:
    """Return the fraction of the sample's stamps that have no trustworthy measurement."""
    failed = (sample["status"] != "ok").to_numpy(dtype=np.float64)
    name = "failure_fraction"
    scores = score_of(name, lambda _, other: float(other.mean()), np.zeros(len(reference)), failed, resamples)
    return of_fractions(scores, [name], len(sample))


def _in_units(
    reference: pd.DataFrame, sample: pd.DataFrame, parameters: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return both samples in standard deviations of the reference, (N, P) and (M, P)."""
    known, other = usable_matrix(reference, parameters), usable_matrix(sample, parameters)
    counted = np.isfinite(known).sum(axis=0)
    unit = np.full(len(parameters), np.nan)
    for n in np.flatnonzero(counted):
        unit[n] = known[np.isfinite(known[:, n]), n].std()
    # A reference that does not vary has no unit, and so no distance.
    unit[~(unit > 0)] = np.nan
    return known / unit, other / unit
