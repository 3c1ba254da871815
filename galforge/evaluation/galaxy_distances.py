"""How far apart what is measured of a model's galaxies and of the survey's lies, in units and in words."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from galforge.core.isolation import isolated
from galforge.core.seeds import derive_seed
from galforge.evaluation.asked import Galaxies
from galforge.evaluation.distances import MINIMUM_COUNT, fault_of_pair
from galforge.evaluation.morphology_scores import distances_with_failures
from galforge.evaluation.resampling import Resamples, Score, floor_of, is_tied, scores_of, without
from galforge.evaluation.scales import Scale, coordinates

# What galaxies in flux are compared in, and what all galaxies are.
PHYSICAL: Final[Mapping[str, Scale]] = {
    "flux": "logarithm",
    "half_light_radius": "logarithm",
    "ellipticity": "linear",
}
SIZE_MAGNITUDE: Final = "size_magnitude"
OF_STAMPS: Final[Mapping[str, Scale]] = {
    "half_light_radius": "logarithm",
    "ellipticity": "linear",
    "width": "logarithm",
    "non_uniformity": "logarithm",
}
THIRDS: Final = 3


def energy_distance(reference: NDArray[np.float64], sample: NDArray[np.float64]) -> float:
    """Return the energy distance of two samples of points.

    Parameters
    ----------
    reference, sample : ndarray of float64, shapes (N, D) and (M, D)
        In comparable units; points that lack a coordinate are left out.

    Returns
    -------
    float
        sqrt(2 E|X - Y| - E|X - X'| - E|Y - Y'|), which is 0 for equal distributions alone; NaN where a side
        has fewer than two points.

    References
    ----------
    Szekely & Rizzo (2013), J. Stat. Plan. Inference 143, 1249.
    """
    known, other = (side[np.isfinite(side).all(axis=1)] for side in (reference, sample))
    if min(len(known), len(other)) < 2:
        return float("nan")
    across, within, among = (
        float(cdist(*pair).mean()) for pair in ((known, other), (known, known), (other, other))
    )
    return float(np.sqrt(max(0.0, 2 * across - within - among)))


def quantity_matrix(measured: pd.DataFrame, quantities: Mapping[str, Scale]) -> NDArray[np.float64]:
    """Return quantities, none of them an angle, as they are compared, (N, P)."""
    columns = [
        coordinates(measured[name].to_numpy(dtype=np.float64), scale)[:, 0]
        for name, scale in quantities.items()
    ]
    return np.stack(columns, axis=1) if columns else np.zeros((len(measured), 0))


class Sides(NamedTuple):
    """The survey's galaxies in two halves, and those that are compared with the first of them."""

    reference: Galaxies
    floor: Galaxies
    sample: Galaxies
    baseline: Galaxies | None = None

    def there(self) -> list[Galaxies]:
        """Return the sides, without a baseline that is not there."""
        return [side for side in self if side is not None]

    def matrices(self, quantities: Mapping[str, Scale]) -> "Matrices":
        """Return quantities of all, as they are compared."""
        return Matrices(*(quantity_matrix(side.measured, quantities) for side in self.there()))


class Matrices(NamedTuple):
    """Numbers of the galaxies of :class:`Sides`, shapes (N, P), (N, P), (M, P) and (K, P)."""

    reference: NDArray[np.float64]
    floor: NDArray[np.float64]
    sample: NDArray[np.float64]
    baseline: NDArray[np.float64] | None = None

    def taken(self, chosen: Sequence[NDArray[np.bool_]]) -> "Matrices":
        """Return the rows that are chosen of each."""
        sides = [side for side in self if side is not None]
        return Matrices(*(side[rows] for side, rows in zip(sides, chosen, strict=True)))


def distance_rows(sides: Matrices, names: Sequence[str], draws: int, seed: int) -> dict[str, dict[str, Any]]:
    """Return the Wasserstein-1 distance of each column, beside floor and baseline, as JSON values.

    Parameters
    ----------
    sides : Matrices
    names : sequence of str
        P of them; ``size_magnitude`` is added where ``flux`` and ``half_light_radius`` are among them.
    draws : int
        Random halves behind each error.
    seed : int

    Returns
    -------
    dict
        By name: ``value``, ``error``, ``floor``, ``floor_error``, ``tied``, ``reason``, and
        ``baseline`` and ``baseline_error``, None without a baseline. A distance is in standard deviations of
        the reference, and a galaxy that could not be measured counts as the worst of a hundred real ones
        (:func:`galforge.evaluation.morphology_scores.distances_with_failures`). ``size_magnitude`` is the
        :func:`energy_distance` in the plane of the two.
    """
    scores = _scores(sides.reference, sides.sample, names, draws, seed)
    baseline = {} if sides.baseline is None else _scores(sides.reference, sides.baseline, names, draws, seed)
    floors: dict[str, Score] = {}
    if any(score.value is not None for score in scores.values()):
        real = np.concatenate([sides.reference, sides.floor])
        floors = isolated(
            "floor of distances", lambda: _floors(real, names, seed), lambda failed: without(scores, failed)
        )
    none = Score(None, None, "")
    rows = {}
    for name, score in scores.items():
        floor, beside = floors.get(name, none), baseline.get(name, none)
        # A distance says nothing without that of real galaxies.
        if floor.reason and score.value is not None:
            score, beside = Score(None, None, floor.reason), none
        rows[name] = {
            **score._asdict(),
            "floor": floor.value,
            "floor_error": floor.error,
            "tied": is_tied(score, floor, "lower"),
            "baseline": beside.value,
            "baseline_error": beside.error,
        }
    return rows


def _scores(
    reference: NDArray[np.float64], sample: NDArray[np.float64], names: Sequence[str], draws: int, seed: int
) -> dict[str, Score]:
    """Return the distances of a sample, or the reasons why there are none."""
    faults = {name: _fault(reference[:, n], sample[:, n]) for n, name in enumerate(names)}
    if {"flux", "half_light_radius"} <= set(names):
        faults[SIZE_MAGNITUDE] = faults["flux"] or faults["half_light_radius"]

    def computed() -> dict[str, Score]:
        resamples = Resamples.draw(len(reference), len(sample), draws, seed)
        with np.errstate(invalid="ignore", divide="ignore"):
            return scores_of(_distances(names), reference, sample, resamples)

    scores: dict[str, Score] = {}
    if not all(faults.values()):
        scores = isolated(
            f"distances in {', '.join(faults)}", computed, lambda failed: without(faults, failed)
        )
    return {name: Score(None, None, fault) if fault else scores[name] for name, fault in faults.items()}


def _floors(real: NDArray[np.float64], names: Sequence[str], seed: int) -> dict[str, Score]:
    with np.errstate(invalid="ignore", divide="ignore"):
        return floor_of(_distances(names), real, seed)


def _fault(reference: NDArray[np.float64], sample: NDArray[np.float64]) -> str:
    return fault_of_pair(*(side[np.isfinite(side)] for side in (reference, sample)))


def _distances(
    names: Sequence[str],
) -> Callable[[NDArray[np.float64], NDArray[np.float64]], dict[str, float]]:
    plane = [names.index(name) for name in ("flux", "half_light_radius") if name in names]

    def statistic(reference: NDArray[np.float64], sample: NDArray[np.float64]) -> dict[str, float]:
        unit = np.full(len(names), np.nan)
        for column in np.flatnonzero(np.isfinite(reference).any(axis=0)):
            unit[column] = np.nanstd(reference[:, column])
        known, other = reference / unit, sample / unit
        found = dict(zip(names, distances_with_failures(known, other).tolist(), strict=True))
        # A shift of both, as that from flux to magnitude, changes nothing.
        return found | (
            {SIZE_MAGNITUDE: energy_distance(known[:, plane], other[:, plane])} if len(plane) == 2 else {}
        )

    return statistic


def physical_scores(sides: Sides, draws: int, seed: int) -> dict[str, dict[str, Any]]:
    """Return the distances of galaxies in flux, as :func:`distance_rows`."""
    seed = derive_seed(seed, "physical scores")
    return distance_rows(sides.matrices(PHYSICAL), list(PHYSICAL), draws, seed)


def third_edges(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the least, the two dividing and the largest value of thirds of a sample, (4,)."""
    return np.asarray(np.quantile(values[np.isfinite(values)], np.arange(THIRDS + 1) / THIRDS))


def within_thirds(
    condition: str, sides: Sides, quantities: Mapping[str, Scale], draws: int, seed: int
) -> list[dict[str, Any]]:
    """Return the distances within thirds of a condition.

    Parameters
    ----------
    condition : str
        A column of numbers of what was asked.
    sides : Sides
        The thirds are those of both halves of the survey's galaxies together.
    quantities : mapping of str to str
        What is compared, each with its scale.
    draws, seed : int

    Returns
    -------
    list of dict
        Of each third: ``low`` and ``high``, its limits; ``count`` of the sample's galaxies in it;
        ``distances`` as of :func:`distance_rows`, in standard deviations of the reference's galaxies in it.
    """
    matrices = sides.matrices(quantities)
    asked = [side.asked[condition].to_numpy(dtype=np.float64) for side in sides.there()]
    real = np.concatenate(asked[:2])
    if np.isfinite(real).sum() < THIRDS * MINIMUM_COUNT:
        return []
    edges = third_edges(real)
    rows = []
    for third in range(THIRDS):
        # What is asked beyond the reference's range belongs to the outer thirds.
        low = -np.inf if third == 0 else edges[third]
        high = np.inf if third == THIRDS - 1 else edges[third + 1]
        inside = [np.isfinite(values) & (values >= low) & (values < high) for values in asked]
        rows.append(
            {
                "low": float(edges[third]),
                "high": float(edges[third + 1]),
                "count": int(inside[2].sum()),
                "distances": distance_rows(
                    matrices.taken(inside), list(quantities), draws, derive_seed(seed, condition, third)
                ),
            }
        )
    return rows
