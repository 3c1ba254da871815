"""Every score, stated once: its group, which direction is better, and the function that computes it.

A new score is a function from a comparison to named scores, and a line in :data:`SCORES`.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from galforge.core.seeds import derive_seed
from galforge.evaluation.classifier import classifier_score
from galforge.evaluation.comparison import Comparison, Sample
from galforge.evaluation.distances import usable_matrix
from galforge.evaluation.feature_scores import feature_scores, learned_features
from galforge.evaluation.light import light_scores
from galforge.evaluation.light_features import light_features
from galforge.evaluation.morphology_scores import (
    failure_scores,
    joint_scores,
    moment_scores,
    morphology_scores,
)
from galforge.evaluation.resampling import Score
from galforge.evaluation.tails import tail_scores
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
    """

    group: str
    better: str
    function: Callable[[Comparison], dict[str, Score]] | None = None


def _morphology(pair: Comparison) -> dict[str, Score]:
    return morphology_scores(
        pair.reference.morphology, pair.sample.morphology, pair.parameters, pair.resamples
    )


def _failures(pair: Comparison) -> dict[str, Score]:
    return failure_scores(pair.reference.morphology, pair.sample.morphology, pair.resamples)


def _joint(pair: Comparison) -> dict[str, Score]:
    return joint_scores(pair.reference.morphology, pair.sample.morphology, pair.resamples)


def _moments(pair: Comparison) -> dict[str, Score]:
    return moment_scores(pair.reference.morphology, pair.sample.morphology, pair.resamples)


def _light(pair: Comparison) -> dict[str, Score]:
    return light_scores(pair.reference.image, pair.sample.image, pair.resamples)


def _features(pair: Comparison) -> dict[str, Score]:
    return feature_scores(pair.reference.features, pair.sample.features, pair.resamples)


def _tails(pair: Comparison) -> dict[str, Score]:
    return tail_scores(pair.reference.morphology, pair.sample.morphology, pair.parameters)


def _classifiers(pair: Comparison) -> dict[str, Score]:
    views: dict[str, Callable[[Sample], NDArray[np.float64]]] = {
        "light": lambda side: light_features(side.image),
        "morphology": lambda side: usable_matrix(side.morphology, pair.parameters),
        "features": lambda side: learned_features(side.features),
    }
    seed = derive_seed(pair.seed, "classifier")
    return {
        f"classifier_{name}": classifier_score(view(pair.reference), view(pair.sample), seed)
        for name, view in views.items()
    }


SCORES = {
    "mean_distance": StatedScore("morphology", "lower", _morphology),
    "failure_fraction": StatedScore("morphology", "lower", _failures),
    "sliced_cas": StatedScore("joint", "lower", _joint),
    "sliced_mid": StatedScore("joint", "lower", _joint),
    "sliced_gini_m20": StatedScore("joint", "lower", _joint),
    "sliced_shape": StatedScore("joint", "lower", _joint),
    **{name: StatedScore("moments", "lower", _moments) for name in MOMENTS},
    "radial_profile": StatedScore("light", "lower", _light),
    "power_spectrum": StatedScore("light", "lower", _light),
    **{
        f"{name}_{space}": StatedScore("features", better, _features)
        for space in SPACES + OPTIONAL_SPACES
        for name, better in SPACE_SCORES.items()
    },
    "cluster_error": StatedScore("diversity", "lower", _features),
    "missing_tails": StatedScore("diversity", "lower", _tails),
    "memorized_fraction": StatedScore("copies", "lower", _features),
    "mixed_fraction": StatedScore("copies", "lower", _features),
    "neighbour_distance": StatedScore("copies", "none", _features),
    "classifier_light": StatedScore("classifiers", "lower", _classifiers),
    "classifier_morphology": StatedScore("classifiers", "lower", _classifiers),
    "classifier_features": StatedScore("classifiers", "lower", _classifiers),
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
    "distance_": StatedScore("morphology", "lower"),
    "reconstruction_correlation_": StatedScore("reconstruction", "higher"),
}


def stated(score: str) -> StatedScore:
    """Return what is stated of a score."""
    of_parameter = (entry for prefix, entry in OF_PARAMETERS.items() if score.startswith(prefix))
    return next(of_parameter, None) or SCORES[score]


def all_scores(pair: Comparison) -> dict[str, Score]:
    """Return every score of a sample, in the order of the table."""
    scores: dict[str, Score] = {}
    for function in dict.fromkeys(entry.function for entry in SCORES.values() if entry.function):
        scores |= function(pair)
    return scores
