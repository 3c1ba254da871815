"""What a score is computed from: two samples of stamps, and the draws behind its error."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.evaluation.resampling import Resamples


@dataclass(frozen=True)
class Sample:
    """Stamps and what was measured on them.

    Attributes
    ----------
    morphology, features : DataFrame of N rows
    image : ndarray, shape (N, H, W)
        Normalized; colour stamps are the mean over their channels.
    """

    morphology: pd.DataFrame
    features: pd.DataFrame
    image: NDArray[np.floating]

    def __len__(self) -> int:
        return len(self.image)

    def take(self, rows: NDArray[np.intp]) -> "Sample":
        """Return these stamps."""
        return Sample(self.morphology.iloc[rows], self.features.iloc[rows], self.image[rows])

    def first(self, count: int) -> "Sample":
        """Return the first stamps."""
        return self.take(np.arange(min(count, len(self))))

    def joined(self, other: "Sample") -> "Sample":
        """Return these stamps and then those of another sample."""
        return Sample(
            pd.concat([self.morphology, other.morphology]),
            pd.concat([self.features, other.features]),
            np.concatenate([self.image, other.image]),
        )


@dataclass(frozen=True)
class Comparison:
    """A sample beside the reference.

    Attributes
    ----------
    reference, sample : Sample
        Samples of equal size, at least two stamps each.
    parameters : sequence of str
        Morphological parameters for which real stamps have a distance.
    resamples : Resamples
        Random halves of both, for the errors.
    seed : int
    """

    reference: Sample
    sample: Sample
    parameters: Sequence[str]
    resamples: Resamples
    seed: int
