"""The section ``evaluation``: how models are judged."""

from typing import Annotated, Literal

from galforge.configuration.sections.common import Parameter
from galforge.core.settings import EachOnce, Section, setting
from galforge.evaluation.feature_settings import FeatureSpaceSettings
from galforge.evaluation.segmentation import Segmentation

Control = Literal[
    "control_memorizer", "control_parametric", "control_shuffled_phases", "control_repeated_stamp"
]


class Features(FeatureSpaceSettings):
    """A small network that is trained on the real training stamps; scores are computed on its features."""

    inception: str | None = setting(
        "TorchScript file of Inception, inception-2015-12-05.pt, for further scores; null: none", min_length=1
    )


class Evaluation(Section):
    """How models are judged."""

    count: int = setting("stamps that a model is judged on; as many real ones, twice", ge=10)
    resamples: int = setting("random halves of the stamps behind each error", ge=10, le=10000)
    controls: Annotated[list[Control], EachOnce] = setting(
        "generators that are no models, judged beside them"
    )
    features: Features = setting("the network whose features are compared")
    segmentation: Segmentation = setting("how the galaxy is found in its stamp")
    parameters: Annotated[list[Parameter], EachOnce] = setting(
        "scored by their Wasserstein distance to the real stamps", source="statmorph", min_length=1
    )
