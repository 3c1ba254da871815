"""The settings of a feature space, for the configuration and the stage that makes it. No torch here."""

from typing import Annotated

from pydantic import Field

from galforge.core.names import Sha256
from galforge.core.records import Statement
from galforge.core.settings import Section, setting

MOST_FEATURES = 512


class FeatureSpaceSettings(Section):
    """The network whose features are compared, and what is computed of them."""

    size: int = setting("features, and as many principal components", ge=2, le=MOST_FEATURES)
    steps: int = setting("training steps", ge=1)
    batch_size: int = setting("stamps per training step", unit="stamps", ge=4, le=4096)
    clusters: int = setting("clusters of the cluster metric", source="Hackstein et al. (2023)", ge=2, le=100)
    stamps: int = setting("most training stamps that are used", ge=16)


class FeatureRecord(Statement):
    """What is used of the record of a feature network, whoever wrote it."""

    size: Annotated[int, Field(ge=1, le=MOST_FEATURES)]
    image_shape: tuple[Annotated[int, Field(ge=1, le=64)], int, int]
    weights_digest: Sha256
