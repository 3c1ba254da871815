"""The sections ``evaluation`` and ``latents``: how models are judged, and what is asked of their latents."""

from typing import Annotated, Literal

from pydantic import Field

from galforge.configuration.sections.common import EachOnce
from galforge.core.settings import Section, setting

Control = Literal[
    "control_memorizer", "control_parametric", "control_shuffled_phases", "control_repeated_stamp"
]

Parameter = Literal[
    "concentration", "asymmetry", "smoothness", "gini", "m20", "multimode", "intensity", "deviation",
    "outer_asymmetry", "shape_asymmetry", "ellipticity_asymmetry", "ellipticity_centroid",
    "elongation_asymmetry", "rpetro_circ", "rpetro_ellip", "rhalf_circ", "rhalf_ellip", "rmax_circ",
    "rmax_ellip", "r20", "r50", "r80", "gini_m20_bulge", "gini_m20_merger", "sersic_n", "sersic_rhalf",
    "sersic_ellip",
]  # fmt: skip


class Features(Section):
    """A small network that is trained on the real training stamps; scores are computed on its features."""

    size: int = setting("features, and as many principal components", ge=2, le=512)
    steps: int = setting("of its training", ge=1)
    batch_size: int = setting("of its training", unit="stamps", ge=4, le=4096)
    clusters: int = setting("of the cluster metric", source="Hackstein et al. (2023)", ge=2, le=100)
    stamps: int = setting("most training stamps that are used", ge=16)
    inception: str | None = setting(
        "TorchScript file of Inception, inception-2015-12-05.pt, for further scores; null: none", min_length=1
    )


class Segmentation(Section):
    """How the galaxy of a stamp is found, and measured by statmorph."""

    threshold: float = setting("over the background", unit="standard deviations", gt=0)
    connected_pixels: int = setting("least size of a source", unit="px", ge=1)
    smoothing: int = setting("side of the box that smooths the source's outline", unit="px", ge=1, le=64)
    noise_floor: float = setting(
        "least noise that a stamp is taken to have, of its maximum minus its minimum", ge=0, lt=1
    )
    skybox_size: int = setting(
        "side of the patch of sky that the background is measured in",
        unit="px",
        source="statmorph",
        ge=2,
        le=64,
    )


class Evaluation(Section):
    """How models are judged."""

    count: int = setting("stamps that a model is judged on; as many real ones, twice", ge=10)
    resamples: int = setting("random halves of the stamps behind each error", ge=10, le=10000)
    controls: Annotated[list[Control], EachOnce] = setting(
        "generators that are no models, judged beside them"
    )
    features: Features = setting("of the network whose features are compared")
    segmentation: Segmentation = setting("of the galaxy in its stamp")
    parameters: Annotated[list[Parameter], EachOnce] = setting(
        "scored by their Wasserstein distance to the real stamps", source="statmorph", min_length=1
    )


class Latents(Section):
    """What is asked of the latents of models that encode."""

    traversed: int = setting("latents drawn from -3 to 3 standard deviations", ge=1, le=64)
    galaxies: int = setting("held-out stamps that are turned and made noisier", ge=1, le=1000)
    angles: Annotated[list[Annotated[float, Field(gt=0, lt=360)]], EachOnce] = setting(
        "by which they are turned", unit="degrees", min_length=1
    )
    snr: Annotated[list[Annotated[float, Field(gt=0)]], EachOnce] = setting(
        "signal-to-noise ratios that white noise is added down to",
        source="Danilov (2020), Eq. 2, Fig. 12",
        min_length=1,
    )
