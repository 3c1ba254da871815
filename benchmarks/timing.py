"""What a benchmark returns."""

from typing import NamedTuple


class Comparison(NamedTuple):
    """Two rates in the same unit, and how far the two results differ."""

    what: str
    reference: str
    reference_rate: float
    ours_rate: float
    unit: str
    difference: str
