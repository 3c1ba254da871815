"""What a benchmark returns, and how it is shown."""

from typing import NamedTuple


class Comparison(NamedTuple):
    """Two rates in the same unit, and how far the two results differ."""

    what: str
    reference: str
    reference_rate: float
    ours_rate: float
    unit: str
    difference: str


def show(comparison: Comparison) -> None:
    """Print one row."""
    print(
        f"| {comparison.what} | {comparison.reference}: {comparison.reference_rate:.3g} {comparison.unit} "
        f"| {comparison.ours_rate:.3g} {comparison.unit} "
        f"| {comparison.ours_rate / comparison.reference_rate:.2f} | {comparison.difference} |",
        flush=True,
    )
