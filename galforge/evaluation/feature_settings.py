"""The settings of a feature space, for the configuration and the stage that makes it. No torch here."""

from galforge.core.settings import Section, setting


class FeatureSpaceSettings(Section):
    """The network whose features are compared, and what is computed of them."""

    size: int = setting("features, and as many principal components", ge=2, le=512)
    steps: int = setting("of its training", ge=1)
    batch_size: int = setting("of its training", unit="stamps", ge=4, le=4096)
    clusters: int = setting("of the cluster metric", source="Hackstein et al. (2023)", ge=2, le=100)
    stamps: int = setting("most training stamps that are used", ge=16)
