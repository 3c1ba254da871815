"""The scores by name: their groups, and which direction is better.

The report reads this, so it imports nothing heavy.
"""

from typing import NamedTuple

RANKED = "noise_matched"
VARIANTS = ("raw", RANKED)
# Reconstructions are scored beside their originals, so there is no floor.
RECONSTRUCTED = "reconstructed"

# Adaptive moments of the light; each is a column of the morphology tables and a score.
MOMENTS = ("moments_size", "moments_e1", "moments_e2", "moments_rho4")

SPACES = ("network", "pca")  # spaces of features
# Spaces that exist only where the user has the weights; they add scores and change none.
OPTIONAL_SPACES = ("inception",)
SPACE_SCORES = {
    "frechet": "lower",
    "kid": "lower",
    "precision": "higher",
    "recall": "higher",
    "density": "higher",
    "coverage": "higher",
}


class Kind(NamedTuple):
    """Group of a score, and which direction is better: ``lower``, ``higher`` or ``none``."""

    group: str
    better: str


KINDS = {
    "mean_distance": Kind("morphology", "lower"),
    "failure_fraction": Kind("morphology", "lower"),
    "sliced_cas": Kind("joint", "lower"),
    "sliced_mid": Kind("joint", "lower"),
    "sliced_gini_m20": Kind("joint", "lower"),
    "sliced_shape": Kind("joint", "lower"),
    **{name: Kind("moments", "lower") for name in MOMENTS},
    "radial_profile": Kind("light", "lower"),
    "power_spectrum": Kind("light", "lower"),
    **{
        f"{name}_{space}": Kind("features", better)
        for space in SPACES + OPTIONAL_SPACES
        for name, better in SPACE_SCORES.items()
    },
    "cluster_error": Kind("diversity", "lower"),
    "memorized_fraction": Kind("honesty", "lower"),
    "neighbour_distance": Kind("honesty", "none"),
    "classifier_accuracy": Kind("honesty", "lower"),
    "reconstruction_mse": Kind("reconstruction", "lower"),
    "reconstruction_bce": Kind("reconstruction", "lower"),
    "reconstruction_residual_fraction": Kind("reconstruction", "lower"),
    "reconstruction_ssim": Kind("reconstruction", "higher"),
    # A relative error has a sign: 0 is right.
    "reconstruction_flux_median": Kind("reconstruction", "none"),
    "reconstruction_flux_spread": Kind("reconstruction", "lower"),
    "reconstruction_half_light_radius_median": Kind("reconstruction", "none"),
    "reconstruction_half_light_radius_spread": Kind("reconstruction", "lower"),
}

# Scores that exist once per parameter of the configuration, by the beginning of their names.
OF_PARAMETERS = {
    "distance_": Kind("morphology", "lower"),
    "reconstruction_correlation_": Kind("reconstruction", "higher"),
}


def kind_of(score: str) -> Kind:
    """Return group and direction of a score."""
    matches = (kind for prefix, kind in OF_PARAMETERS.items() if score.startswith(prefix))
    return next(matches, None) or KINDS[score]
