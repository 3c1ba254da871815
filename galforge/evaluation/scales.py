"""On which scale a quantity of galaxies is compared. NumPy alone, for figures as well."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Scale = Literal["linear", "logarithm", "angle"]


def coordinates(values: NDArray[np.float64], scale: Scale) -> NDArray[np.float64]:
    """Return values (N,) as they are compared, (N, K), NaN where one is missing.

    K is 1; of angles 2, cosine and sine of the double angle, in which half a turn is a full circle.
    """
    values = np.where(np.isfinite(values), values, np.nan)
    if scale == "angle":
        return np.stack([np.cos(2 * values), np.sin(2 * values)], axis=1)
    if scale == "logarithm":
        with np.errstate(invalid="ignore", divide="ignore"):
            values = np.where(values > 0, np.log10(values), np.nan)
    return values[:, None]
