"""Names that the judge and the report share: outcomes, variants of a sample, feature spaces. No imports."""

OK = "ok"
FAILED = "failed"  # a training that diverged, or a model that returned nothing of use
NOT_SCORED = "not scored"  # there are stamps, but the score that ranks them cannot be had

RANKED = "noise_matched"
VARIANTS = ("raw", RANKED)
# Reconstructions are scored beside their originals, so there is no floor.
RECONSTRUCTED = "reconstructed"

# Galaxies measured by what was asked: the model's, held-out ones of the survey, the parametric control's.
MODEL, SURVEY, BASELINE = "model", "survey", "baseline"

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
