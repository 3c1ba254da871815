"""Training, validation and test stamps."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.seeds import uniform_of


def split_by_identifier(
    identifiers: Iterable[int], validation: float, test: float, seed: int
) -> NDArray[np.str_]:
    """Assign each galaxy to a side by a hash of its identifier.

    A galaxy never changes sides: not when others are added, removed or reordered, not when a limit
    of the selection changes. (The paper's published code splits in file order.)

    Parameters
    ----------
    identifiers : iterable of int
    validation, test : float
        Expected fractions of the galaxies; the rest is for training.
    seed : int

    Returns
    -------
    ndarray of str, shape (N,)
        ``"train"``, ``"validation"`` or ``"test"``.
    """
    position = np.array([uniform_of(seed, "split", int(identifier)) for identifier in identifiers])
    return np.where(position < test, "test", np.where(position < test + validation, "validation", "train"))
