"""Names that the judge and the report share: variants of a sample, spaces of features. No imports."""

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
