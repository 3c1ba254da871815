"""Where the real galaxies are that some tests need; they are no part of the project."""

import os
from pathlib import Path

import pytest

VARIABLE = "GALFORGE_TEST_DATA"
BESIDE_THE_PROJECT = Path(__file__).resolve().parents[3] / "shared" / "data"


def real_data(name):
    """Return a folder of real data, by its name; a test is skipped where there is none."""
    folder = Path(os.environ.get(VARIABLE, BESIDE_THE_PROJECT)) / name
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here; {VARIABLE} says where real data are")
    return folder
