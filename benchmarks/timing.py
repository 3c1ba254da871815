"""What a benchmark returns, and how it is shown."""

import time
from collections.abc import Callable
from typing import NamedTuple


class Comparison(NamedTuple):
    """Two rates in the same unit, and how far the two results differ."""

    what: str
    reference: str
    reference_rate: float
    ours_rate: float
    unit: str
    difference: str


def second_epoch_rate(epoch: Callable[[], object], count: int) -> float:
    """Return how many of ``count`` items an epoch passes per second, after a first one to warm up."""
    epoch()
    start = time.perf_counter()
    epoch()
    return count / (time.perf_counter() - start)


def show(comparison: Comparison) -> None:
    """Print one row."""
    print(
        f"| {comparison.what} | {comparison.reference}: {comparison.reference_rate:.3g} {comparison.unit} "
        f"| {comparison.ours_rate:.3g} {comparison.unit} "
        f"| {comparison.ours_rate / comparison.reference_rate:.2f} | {comparison.difference} |",
        flush=True,
    )
