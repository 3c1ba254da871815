"""The settings of a stamp's segmentation, for the configuration and the measurement. No statmorph here."""

import math

from galforge.core.settings import Section, setting

LEAST_SKYBOX = 16  # px; that of stamps of 64 px


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
    skybox_size: int | None = setting(
        "side of the patch of sky that the background is measured in; null: the power of two that is nearest "
        "to a quarter of the stamp's side, at least 16",
        unit="px",
        source="statmorph",
        ge=2,
        le=256,
    )

    def skybox_of(self, side: int) -> int:
        """Return the side of the patch of sky in stamps of this side, in pixels.

        statmorph corrects asymmetry and smoothness with this patch, so its noise is theirs: at 128 px the
        asymmetry of symmetric galaxies scatters by 0.045 with 16 px and by 0.031 with 32. A quarter of the
        side fits in a corner even of a stamp that its galaxy fills; where it does not, statmorph halves it
        until a patch is free of the source, hence the power of two.
        """
        if self.skybox_size is not None:
            return self.skybox_size
        return int(max(LEAST_SKYBOX, 2 ** round(math.log2(side / 4))))
