"""Images that many stamps share, each kept once."""

import hashlib

import numpy as np
from numpy.typing import NDArray


class DistinctImages:
    """Images, equal ones once, numbered in the order in which they first come.

    Parameters
    ----------
    side : int
        Of all of them.
    dtype : type
        In which they are kept, and compared.
    """

    def __init__(self, side: int, dtype: type[np.floating]) -> None:
        self._side, self._dtype = side, dtype
        self._numbers: dict[bytes, int] = {}
        self._images: list[NDArray[np.floating]] = []

    def number(self, image: NDArray[np.floating]) -> int:
        """Return the number of an image, which is added where it is new."""
        kept = np.ascontiguousarray(image, dtype=self._dtype)
        digest = hashlib.sha256(kept.tobytes()).digest()
        if digest not in self._numbers:
            self._numbers[digest] = len(self._images)
            self._images.append(kept)
        return self._numbers[digest]

    def array(self) -> NDArray[np.floating]:
        """Return them all, shape (M, side, side)."""
        return np.array(self._images, dtype=self._dtype).reshape(-1, self._side, self._side)
