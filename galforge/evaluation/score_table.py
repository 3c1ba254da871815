"""Every score, stated once: its group, which direction is better, and the function that computes it.

A new score is a function from a comparison to named scores, and a line in :data:`SCORES`.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from galforge.core.isolation import isolated
from galforge.core.seeds import derive_seed
from galforge.evaluation.classifier import classifier_score
from galforge.evaluation.comparison import Comparison, Sample
from galforge.evaluation.feature_scores import (
    cluster_scores,
    copied_scores,
    fidelity_scores,
    frechet_scores,
    has_space,
    kernel_scores,
    learned_features,
    neighbour_scores,
)
from galforge.evaluation.light import CURVES, light_scores
from galforge.evaluation.light_features import light_features
from galforge.evaluation.morphology_scores import (
    GROUPS,
    failure_scores,
    joint_scores,
    moment_scores,
    morphology_scores,
)
from galforge.evaluation.pixel_features import pixel_features
from galforge.evaluation.pqmass import pqmass_score
from galforge.evaluation.resampling import Score, without
from galforge.evaluation.tails import tail_scores
from galforge.evaluation.usable import usable_matrix
from galforge.evaluation.variants import MOMENTS, OPTIONAL_SPACES, SPACE_SCORES, SPACES


class StatedScore(NamedTuple):
    """How a score is read, and where it comes from.

    Attributes
    ----------
    group : str
        Scores of a group ask the same question.
    better : str
        ``lower``, ``higher`` or ``none``.
    function : callable, optional
        Gives this score, and maybe others, by name; None for scores of reconstructions, which are compared
        with their originals.
    has_error : bool
        Whether the scatter over halves is the score's error. It is not for squared distances, which are
        larger on halves and scatter more, nor for shares of clusters: 1.65 to 1.85 times what repeated draws
        of real stamps show (docs/evaluation.md). Such a score is given without an error.
    """

    group: str
    better: str
    function: Callable[[Comparison], dict[str, Score]] | None = None
    has_error: bool = True


def _morphology(pair: Comparison) -> dict[str, Score]:
    return morphology_scores(
        pair.reference.morphology, pair.sample.morphology, pair.parameters, pair.resamples
    )


def _failures(pair: Comparison) -> dict[str, Score]:
    return failure_scores(pair.reference.morphology, pair.sample.morphology, pair.resamples)


def _joint(pair: Comparison, group: str) -> dict[str, Score]:
    return joint_scores(pair.reference.morphology, pair.sample.morphology, group, pair.resamples)


def _moments(pair: Comparison) -> dict[str, Score]:
    return moment_scores(pair.reference.morphology, pair.sample.morphology, pair.resamples)


def _light(pair: Comparison, curve: str) -> dict[str, Score]:
    return light_scores(pair.reference.image, pair.sample.image, curve, pair.resamples)


def _in_space(pair: Comparison, function: Callable[..., dict[str, Score]], space: str) -> dict[str, Score]:
    if not has_space(pair.reference.features, space):
        return {}
    return function(pair.reference.features, pair.sample.features, space, pair.resamples)


def _clusters(pair: Comparison) -> dict[str, Score]:
    return cluster_scores(pair.reference.features, pair.sample.features, pair.resamples)


def _tails(pair: Comparison) -> dict[str, Score]:
    return tail_scores(pair.reference.morphology, pair.sample.morphology, pair.parameters)


def _copies(pair: Comparison) -> dict[str, Score]:
    return copied_scores(pair.reference.features, pair.sample.features, pair.resamples)


def _neighbours(pair: Comparison) -> dict[str, Score]:
    return neighbour_scores(pair.reference.features, pair.sample.features, pair.resamples)


def _two_sample_tests(pair: Comparison, view: str) -> dict[str, Score]:
    known, other = _VIEWS[view](pair)
    return {
        f"classifier_{view}": classifier_score(known, other, derive_seed(pair.seed, "classifier")),
        f"pqmass_{view}": pqmass_score(known, other, derive_seed(pair.seed, "centres of cells")),
    }


def _pixels(pair: Comparison) -> Iterable[NDArray[np.float64]]:
    sides = [pair.reference.image, pair.sample.image]
    shown = pixel_features(np.concatenate(sides), derive_seed(pair.seed, "filters"))
    return np.split(shown, [len(sides[0])])


def _of_each(
    pair: Comparison, view: Callable[[Sample, Sequence[str]], NDArray[np.float64]]
) -> Iterable[NDArray[np.float64]]:
    return [view(side, pair.parameters) for side in (pair.reference, pair.sample)]


# What a two-sample test is shown of each stamp: of the reference, and of the sample.
_VIEWS: dict[str, Callable[[Comparison], Iterable[NDArray[np.float64]]]] = {
    "light": partial(_of_each, view=lambda side, _: light_features(side.image)),
    "pixels": _pixels,
    "morphology": partial(_of_each, view=lambda side, parameters: usable_matrix(side.morphology, parameters)),
    "features": partial(_of_each, view=lambda side, _: learned_features(side.features)),
}
_TWO_SAMPLE_TESTS = {view: partial(_two_sample_tests, view=view) for view in _VIEWS}

_SPACE_FUNCTIONS = {"frechet": frechet_scores, "kid": kernel_scores}  # the others are found together
_IN_SPACES = {
    (function, space): partial(_in_space, function=function, space=space)
    for space in SPACES + OPTIONAL_SPACES
    for function in (*_SPACE_FUNCTIONS.values(), fidelity_scores)
}

SCORES = {
    "mean_distance": StatedScore("morphology", "lower", _morphology),
    "failure_fraction": StatedScore("morphology", "lower", _failures),
    **{name: StatedScore("joint", "lower", partial(_joint, group=name)) for name in GROUPS},
    **{name: StatedScore("moments", "lower", _moments) for name in MOMENTS},
    **{name: StatedScore("light", "lower", partial(_light, curve=name)) for name in CURVES},
    **{
        f"{name}_{space}": StatedScore(
            "features",
            better,
            _IN_SPACES[_SPACE_FUNCTIONS.get(name, fidelity_scores), space],
            has_error=name not in _SPACE_FUNCTIONS,
        )
        for space in SPACES + OPTIONAL_SPACES
        for name, better in SPACE_SCORES.items()
    },
    "cluster_error": StatedScore("diversity", "lower", _clusters, has_error=False),
    "missing_tails": StatedScore("diversity", "lower", _tails),
    "memorized_fraction": StatedScore("copies", "lower", _copies),
    "mixed_fraction": StatedScore("copies", "lower", _copies),
    "neighbour_distance": StatedScore("copies", "none", _neighbours),
    **{
        f"classifier_{view}": StatedScore("classifiers", "lower", test)
        for view, test in _TWO_SAMPLE_TESTS.items()
    },
    **{f"pqmass_{view}": StatedScore("cells", "lower", test) for view, test in _TWO_SAMPLE_TESTS.items()},
    "reconstruction_mse": StatedScore("reconstruction", "lower"),
    "reconstruction_bce": StatedScore("reconstruction", "lower"),
    "reconstruction_residual_fraction": StatedScore("reconstruction", "lower"),
    "reconstruction_ssim": StatedScore("reconstruction", "higher"),
    # A relative error has a sign: 0 is right.
    "reconstruction_flux_median": StatedScore("reconstruction", "none"),
    "reconstruction_flux_spread": StatedScore("reconstruction", "lower"),
    "reconstruction_half_light_radius_median": StatedScore("reconstruction", "none"),
    "reconstruction_half_light_radius_spread": StatedScore("reconstruction", "lower"),
}

# Scores of which there is one per parameter of the configuration, by how their names begin.
OF_PARAMETERS = {
    "distance_": StatedScore("morphology", "lower", _morphology),
    "reconstruction_correlation_": StatedScore("reconstruction", "higher"),
}


def stated(score: str) -> StatedScore:
    """Return what is stated of a score."""
    of_parameter = (entry for prefix, entry in OF_PARAMETERS.items() if score.startswith(prefix))
    return next(of_parameter, None) or SCORES[score]


def all_scores(pair: Comparison) -> dict[str, Score]:
    """Return every score of a sample, in the order of the table; one whose function fails is the reason."""
    names: dict[Callable[[Comparison], dict[str, Score]], list[str]] = {}
    for name, entry in SCORES.items():
        if entry.function:
            names.setdefault(entry.function, []).append(name)
    for prefix, entry in OF_PARAMETERS.items():
        if entry.function:
            names[entry.function] += [f"{prefix}{parameter}" for parameter in pair.parameters]
    scores: dict[str, Score] = {}
    for function, given in names.items():
        scores |= isolated(", ".join(given), partial(function, pair), partial(without, given))
    return scores
