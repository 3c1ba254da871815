"""The settings of a stamp's segmentation, for the configuration and the measurement. No statmorph here."""

from galforge.core.settings import Section, setting


class Segmentation(Section):
    """How the galaxy of a stamp is found, and measured by statmorph."""

    # config.yaml has the values of Holzschuh et al. (2022), arXiv:2203.11956, for the first three.

    threshold: float = setting("over the background", unit="standard deviations", gt=0)
    connected_pixels: int = setting("least size of a source", unit="px", ge=1)
    smoothing: int = setting("side of the box that smooths the source's outline", unit="px", ge=1, le=64)
    # The samples of some models have next to no noise, and a threshold near zero would take the whole stamp
    # as the source. 0.005 is a peak signal-to-noise ratio of 200, which hardly any stamp of HST COSMOS
    # reaches, so real stamps keep their own noise.
    noise_floor: float = setting(
        "least noise that a stamp is taken to have, of its maximum minus its minimum", ge=0, lt=1
    )
    # statmorph corrects asymmetry and smoothness with this patch; it halves the side until a patch is free
    # of the source. 16 is a quarter of a 64 px stamp, so such a patch fits in a corner even of a stamp that
    # its galaxy fills; statmorph's default of 32 does not.
    skybox_size: int = setting(
        "side of the patch of sky that the background is measured in",
        unit="px",
        source="statmorph",
        ge=2,
        le=64,
    )
