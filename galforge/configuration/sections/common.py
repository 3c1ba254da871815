"""Types of values that several sections share."""

from typing import Annotated, Literal

from pydantic import StringConstraints

FilePath = Annotated[str, StringConstraints(min_length=1)]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^/\s]+/\S+$")]
Hash = Annotated[str, StringConstraints(pattern="^(md5:[0-9a-f]{32}|sha256:[0-9a-f]{64})$")]
# What statmorph measures of a galaxy, by its own names.
Parameter = Literal[
    "concentration", "asymmetry", "smoothness", "gini", "m20", "multimode", "intensity", "deviation",
    "outer_asymmetry", "shape_asymmetry", "ellipticity_asymmetry", "ellipticity_centroid",
    "elongation_asymmetry", "rpetro_circ", "rpetro_ellip", "rhalf_circ", "rhalf_ellip", "rmax_circ",
    "rmax_ellip", "r20", "r50", "r80", "gini_m20_bulge", "gini_m20_merger", "sersic_n", "sersic_rhalf",
    "sersic_ellip",
]  # fmt: skip
