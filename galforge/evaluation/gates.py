"""What a sample must pass to be ranked with the others: few copies, mixtures and failures."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from galforge.evaluation.variants import VARIANTS

# By this much more than held-out stamps have: a few of 100 stamps are no evidence, and samples of copies have
# from 0.6 to 1.
EXCESS = 0.1

GATES = {
    "copies": ("memorized_fraction", "are copies of training stamps"),
    "mixtures": ("mixed_fraction", "are sums of two training stamps"),
    "failures": ("failure_fraction", "cannot be measured"),
}


def closed_gates(scores: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> dict[str, str]:
    """Return the gates that a sample does not pass, each with the reason.

    A gate is closed where a fraction exceeds the floor's by more than :data:`EXCESS` and by more than two
    errors of their difference, in either variant of the sample.

    Parameters
    ----------
    scores : mapping
        By variant and score, as :func:`galforge.evaluation.scores.beside_floor` gives them.
    """
    closed = {}
    for gate, (name, what) in GATES.items():
        rows = [scores[variant][name] for variant in VARIANTS if name in scores[variant]]
        too_many = [row for row in rows if _exceeds(row)]
        if too_many:
            worst = max(too_many, key=lambda row: row["value"])
            closed[gate] = f"{worst['value']:.0%} {what}, {worst['floor']:.0%} of held-out stamps"
    return closed


def _exceeds(row: Mapping[str, Any]) -> bool:
    if row["value"] is None or row["floor"] is None:
        return False
    excess = row["value"] - row["floor"]
    error = np.hypot(row["error"] or 0.0, row["floor_error"] or 0.0)
    return bool(excess > EXCESS and excess > 2 * error)
