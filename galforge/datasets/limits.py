"""The limits of a column, for the configuration and the selection. No pandas here, but for type checkers."""

import math
from typing import TYPE_CHECKING

from galforge.core.settings import Section, setting

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


class Limits(Section):
    """Both ends of a range; null, or left out, for none."""

    minimum: float | None = setting("least value that is kept", default=None)
    maximum: float | None = setting("largest value that is kept", default=None)

    def admits(self, values: "pd.Series") -> "NDArray[np.bool_]":
        """Return which values lie within the limits; a value that is not a number does not."""
        lowest = -math.inf if self.minimum is None else self.minimum
        highest = math.inf if self.maximum is None else self.maximum
        admitted: NDArray[np.bool_] = values.between(lowest, highest).to_numpy(dtype=bool)
        return admitted

    def __str__(self) -> str:
        if self.maximum is None:
            return f"≥ {self.minimum:g}" if self.minimum is not None else "any number"
        if self.minimum is None:
            return f"≤ {self.maximum:g}"
        return f"in [{self.minimum:g}, {self.maximum:g}]"
