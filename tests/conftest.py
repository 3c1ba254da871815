from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
COSMOS_BTK = PROJECT.parent / "shared" / "data" / "cosmos_btk"


@pytest.fixture(scope="session")
def cosmos_btk():
    """The directory of a hundred real HST COSMOS galaxies, which is not part of the project."""
    if not COSMOS_BTK.is_dir():
        pytest.skip("the real COSMOS galaxies (../shared/data/cosmos_btk) are not here")
    return COSMOS_BTK
