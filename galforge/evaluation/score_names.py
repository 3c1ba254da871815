"""What the scores of a model are called, before any is computed.

The scores themselves are stated in :mod:`galforge.evaluation.score_table`, which imports what computes them;
this imports nothing heavy, since the Snakefile reads it.
"""

from collections.abc import Sequence
from typing import Final

from galforge.evaluation.variants import MOMENTS, OPTIONAL_SPACES, SPACE_SCORES, SPACES

_COMPARED: Final = (
    "mean_distance", "failure_fraction", "sliced_cas", "sliced_mid", "sliced_gini_m20", "sliced_shape",
    *MOMENTS, "radial_profile", "power_spectrum", "cluster_error", "missing_tails", "memorized_fraction",
    "mixed_fraction", "neighbour_distance",
)  # fmt: skip
_TESTS: Final = ("classifier", "pqmass")
_SHOWN_TO_TESTS: Final = ("light", "pixels", "morphology", "features")
_RECONSTRUCTED: Final = (
    *(f"reconstruction_{error}" for error in ("mse", "bce", "residual_fraction", "ssim")),
    *(
        f"reconstruction_{name}_{end}"
        for name in ("flux", "half_light_radius")
        for end in ("median", "spread")
    ),
)
_ALWAYS_CORRELATED: Final = ("flux_ellip", "rhalf_ellip")


def score_names(parameters: Sequence[str], with_inception: bool) -> list[str]:
    """Return the names of all scores of a model that reconstructs.

    Parameters
    ----------
    parameters : sequence of str
        Morphological parameters that are scored.
    with_inception : bool
        Whether there are features of Inception.
    """
    spaces = SPACES + (OPTIONAL_SPACES if with_inception else ())
    return [
        *_COMPARED,
        *(f"distance_{name}" for name in parameters),
        *(f"{name}_{space}" for space in spaces for name in SPACE_SCORES),
        *(f"{test}_{view}" for test in _TESTS for view in _SHOWN_TO_TESTS),
        *_RECONSTRUCTED,
        *(f"reconstruction_correlation_{name}" for name in dict.fromkeys([*parameters, *_ALWAYS_CORRELATED])),
    ]
