from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
COSMOS_BTK = PROJECT.parent / "shared" / "data" / "cosmos_btk"
GALAXY_ZOO = PROJECT.parent / "shared" / "data" / "galaxy_zoo"


@pytest.fixture(scope="session")
def cosmos_btk():
    """The directory of a hundred real HST COSMOS galaxies, which is not part of the project."""
    if not COSMOS_BTK.is_dir():
        pytest.skip("the real COSMOS galaxies (../shared/data/cosmos_btk) are not here")
    return COSMOS_BTK


@pytest.fixture(scope="session")
def galaxy_zoo():
    """The folder of 376 real Galaxy Zoo pictures, which is not part of the project."""
    if not GALAXY_ZOO.is_dir():
        pytest.skip("the real Galaxy Zoo pictures (../shared/data/galaxy_zoo) are not here")
    return GALAXY_ZOO
