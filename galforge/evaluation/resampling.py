"""A score with its error."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from galforge.core.seeds import derive_seed

SPLITS = 20  # of held-out stamps into two halves, behind a floor; one split alone may be far off
# By how many of the floor's errors a score may be worse than the floor. Beyond two lie up to 10 % of real
# samples, where a score has a long tail; beyond 2.3 at most 8 % for any score (docs/evaluation.md).
TOLERANCE = 2.3


class Score(NamedTuple):
    """A score of a sample, or why there is none.

    Attributes
    ----------
    value : float or None
    error : float or None
        Its standard error; None where there is no value, or where too few halves had one.
    reason : str
        Empty where there is a value.
    """

    value: float | None
    error: float | None
    reason: str = ""


def uncomputed(fault: str) -> str:
    """Return the reason of a number whose computation failed."""
    return f"could not be computed ({fault})"


def without(names: Iterable[str], fault: str) -> dict[str, Score]:
    """Return scores that could not be computed."""
    return {name: Score(None, None, uncomputed(fault)) for name in names}


def random_halves(count: int, draws: int, seed: int) -> NDArray[np.intp]:
    """Return random halves of a sample, without replacement.

    The standard deviation of a statistic over such halves estimates its standard error on the whole
    sample: the delete-d jackknife multiplies it by sqrt((n - d) / d), which is 1 at d = n / 2.
    Unlike a bootstrap with replacement it never holds a stamp twice, which scores that rest on nearest
    neighbours would take for a copy.

    Parameters
    ----------
    count : int
        Stamps in the sample.
    draws : int
        Number of halves.
    seed : int

    Returns
    -------
    ndarray of int, shape (draws, count // 2)

    References
    ----------
    Shao & Wu (1989), Annals of Statistics 17, 1176.
    """
    generator = np.random.default_rng(seed)
    halves = [generator.permutation(count)[: count // 2] for _ in range(draws)]
    return np.array(halves, dtype=np.intp).reshape(draws, count // 2)


class Resamples(NamedTuple):
    """Rows of random halves of the reference and of a sample, (draws, half of the stamps) each.

    They are the same for all samples of a dataset: the seed names no model.
    """

    reference: NDArray[np.intp]
    sample: NDArray[np.intp]

    @classmethod
    def draw(cls, reference: int, sample: int, draws: int, seed: int) -> "Resamples":
        """Return random halves of a reference and a sample of these sizes."""
        return cls(
            random_halves(reference, draws, derive_seed(seed, "halves of the reference")),
            random_halves(sample, draws, derive_seed(seed, "halves of the sample")),
        )


Statistic = Callable[[NDArray[Any], NDArray[Any]], Mapping[str, float]]


def scores_of(
    statistic: Statistic, reference: NDArray[Any], sample: NDArray[Any], resamples: Resamples
) -> dict[str, Score]:
    """Return named statistics of a reference and a sample, with their errors.

    Parameters
    ----------
    statistic : callable
        Takes rows of ``reference`` and of ``sample``; NaN where undefined.
    reference, sample : ndarray, shapes (N, ...) and (M, ...)
    resamples : Resamples

    Returns
    -------
    dict of str to Score
        The error is the standard deviation over the halves (see
        :func:`random_halves`).
    """
    values = statistic(reference, sample)
    drawn = [statistic(reference[rows], sample[others]) for rows, others in zip(*resamples, strict=True)]
    return {
        name: Score(float(value), _spread([one[name] for one in drawn]))
        if np.isfinite(value)
        else Score(None, None, f"{name} is not defined on these stamps")
        for name, value in values.items()
    }


def score_of(
    name: str,
    statistic: Callable[[NDArray[Any], NDArray[Any]], float],
    reference: NDArray[Any],
    sample: NDArray[Any],
    resamples: Resamples,
) -> dict[str, Score]:
    """Return a single statistic by its name, as :func:`scores_of` does several."""
    return scores_of(lambda known, other: {name: statistic(known, other)}, reference, sample, resamples)


def floor_of(statistic: Statistic, real: NDArray[Any], seed: int) -> dict[str, Score]:
    """Return named statistics of one half of real galaxies and the other, averaged over random splits.

    Parameters
    ----------
    statistic : callable
    real : ndarray, shape (2 N, ...)
    seed : int
    """
    half = len(real) // 2
    generator = np.random.default_rng(derive_seed(seed, "splits of the floor"))
    splits = []
    for _ in range(SPLITS):
        rows = generator.permutation(len(real))
        splits.append(statistic(real[rows[:half]], real[rows[half : 2 * half]]))
    undefined = Score(None, None, "real galaxies have no such value")
    return {
        name: averaged([Score(one[name], None) if np.isfinite(one[name]) else undefined for one in splits])
        for name in splits[0]
    }


def averaged(scores: Sequence[Score]) -> Score:
    """Return the mean of a score over splits, with the standard deviation as its error.

    A score that has an error in each split has at least that, as fractions have (:func:`of_fractions`).
    """
    values = [score.value for score in scores if score.value is not None]
    if len(values) < 2:
        return scores[0]._replace(value=None, error=None, reason=scores[0].reason or scores[-1].reason)
    least = max(score.error or 0.0 for score in scores)
    return Score(float(np.mean(values)), max(least, float(np.std(values, ddof=1))))


def of_fractions(scores: Mapping[str, Score], names: Collection[str], count: int) -> dict[str, Score]:
    """Return the scores, with an error of at least one stamp's share for those that are fractions.

    A fraction that is 0 or 1 in every half has no spread, but rests on only ``count`` stamps.
    """
    return {
        name: score._replace(error=max(score.error or 0.0, 1 / count))
        if name in names and score.value is not None
        else score
        for name, score in scores.items()
    }


def _spread(values: list[float]) -> float | None:
    finite = np.array(values)[np.isfinite(values)]
    return float(finite.std(ddof=1)) if len(finite) > 1 else None


def is_tied(score: Score, floor: Score, better: str) -> bool | None:
    """Return whether a score is consistent with the floor: not worse by :data:`TOLERANCE` or more.

    The floor's error is the scatter of real stamps against others, so real stamps are rarely further off. The
    score's own error says how well it is known, and is not asked: a sample of real stamps has the floor's
    scatter.

    Parameters
    ----------
    score, floor : Score
    better : {"lower", "higher", "none"}
        The direction in which a score is better; with ``"none"`` there is no tie.
    """
    if score.value is None or floor.value is None or better == "none":
        return None
    worse = (floor.value - score.value) if better == "higher" else (score.value - floor.value)
    return bool(worse <= 0 or worse < TOLERANCE * (floor.error or 0.0))
