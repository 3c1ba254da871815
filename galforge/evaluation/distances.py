"""How far apart the morphology of two samples of stamps lies."""

import numpy as np
from numpy.typing import NDArray

from galforge.core.seeds import derive_seed

MINIMUM_COUNT = 10  # values on each side, below which a distance says nothing
DIRECTIONS = 64  # per sliced distance


def wasserstein(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the Wasserstein-1 distances of the columns of two samples.

    Parameters
    ----------
    first, second : ndarray of float64, shapes (N, K) and (M, K)
        Finite.

    Returns
    -------
    ndarray of float64, shape (K,)
        The area between the two empirical distribution functions.
    """
    values = np.concatenate([first, second])
    order = np.argsort(values, axis=0, kind="stable")
    of_first = order < len(first)
    gap = np.cumsum(of_first, axis=0) / len(first) - np.cumsum(~of_first, axis=0) / len(second)
    steps = np.diff(np.take_along_axis(values, order, axis=0), axis=0)
    return np.asarray((np.abs(gap[:-1]) * steps).sum(axis=0))


def fault_of_pair(reference: NDArray[np.float64], sample: NDArray[np.float64]) -> str:
    """Return why two samples of a parameter, (N,) and (M,), have no distance; empty if they have."""
    for name, values in (("reference", reference), ("sample", sample)):
        if len(values) < MINIMUM_COUNT:
            return f"the {name} has {len(values)} usable values, not {MINIMUM_COUNT}"
    # Equal values may have a deviation of some 1e-17, by rounding.
    if reference.std() <= 1e-12 * np.abs(reference).max():
        return "the reference does not vary"
    return ""


def column_distances(reference: NDArray[np.float64], sample: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the Wasserstein-1 distance of each column, shape (P,); NaN where a side has no value.

    Parameters
    ----------
    reference, sample : ndarray of float64, shapes (N, P) and (M, P)
        NaN where there is no measurement.
    """
    distances = np.full(reference.shape[1], np.nan)
    for column in range(reference.shape[1]):
        known, other = (side[np.isfinite(side[:, column]), column] for side in (reference, sample))
        if len(known) and len(other):
            distances[column] = wasserstein(known[:, None], other[:, None])[0]
    return distances


def sliced_wasserstein(reference: NDArray[np.float64], sample: NDArray[np.float64]) -> float:
    """Return the sliced Wasserstein-1 distance of two samples of several parameters at once.

    Parameters
    ----------
    reference, sample : ndarray of float64, shapes (N, D) and (M, D)
        In comparable units; stamps that lack one of the parameters are left out.

    Returns
    -------
    float
        Mean over :data:`DIRECTIONS` fixed directions of the distance of the projections. NaN where a
        side has fewer than two stamps with all parameters.

    References
    ----------
    Bonneel et al. (2015), J. Math. Imaging Vis. 51, 22.
    """
    known, other = (side[np.isfinite(side).all(axis=1)] for side in (reference, sample))
    if min(len(known), len(other)) < 2:
        return float("nan")
    dimensions = reference.shape[1]
    generator = np.random.default_rng(derive_seed(0, "directions", dimensions))
    directions = generator.standard_normal((dimensions, DIRECTIONS))
    directions /= np.linalg.norm(directions, axis=0)
    return float(wasserstein(known @ directions, other @ directions).mean())
