"""Files of lensed galaxies: stamp files with the light of the sources, and what networks made of them."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from galforge.core.errors import InputError
from galforge.datasets.stamp_parts import opened_stamps, whole_part

SOURCE = "source/image"


def read_lenses(path: Path) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return pictures (N, 1, H, H) and the light of their sources (N, H, H), in the unit of the dataset.

    Raises
    ------
    InputError
        If the file has no sources.
    """
    with opened_stamps(path) as file:
        if SOURCE not in file:
            raise InputError(f"{path}: has no {SOURCE}; allowed: a file of draw_lenses")
        return whole_part(file, "image"), whole_part(file, SOURCE)


def read_reconstructions(path: Path) -> dict[str, NDArray[np.float32]]:
    """Return reconstructed sources (N, H, H) by who made them."""
    with opened_stamps(path) as file:
        names = list(file["reconstruction"]) if "reconstruction" in file else []
        return {name: whole_part(file, f"reconstruction/{name}") for name in names}
