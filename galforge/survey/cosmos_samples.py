"""The COSMOS training samples of GalSim, as published (Zenodo record 3242143)."""

from typing import NamedTuple


class CosmosSample(NamedTuple):
    """Address of a sample's archive, its hash where that is known, and the catalogue's file name."""

    url: str
    hash: str | None
    catalog: str


# The limiting F814W magnitude is the name of a sample.
SAMPLES: dict[str, CosmosSample] = {
    "23.5": CosmosSample(
        url="https://zenodo.org/records/3242143/files/COSMOS_23.5_training_sample.tar.gz",
        # Not known: the server's own hash is taken and shown, and the configuration can pin it.
        hash=None,
        catalog="real_galaxy_catalog_23.5.fits",
    ),
    "25.2": CosmosSample(
        url="https://zenodo.org/records/3242143/files/COSMOS_25.2_training_sample.tar.gz",
        hash="md5:e05cfe60c037c645d61ac70545cc2a99",
        catalog="real_galaxy_catalog_25.2.fits",
    ),
}

CREDIT = (
    "HST COSMOS (Scoville et al. 2007, Koekemoer et al. 2007); training sample by Mandelbaum et al. "
    "(2012, 2014), Zenodo record 3242143"
)

# Size that a sample may unpack to; that of 25.2 is 6.0 GB.
UNPACKED_LIMIT_GB = 20.0
