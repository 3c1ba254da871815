"""What a sample must pass to be ranked with the others: few copies, mixtures and failures."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from galforge.evaluation.variants import RANKED, VARIANTS

# By this much more than held-out stamps have: a few of 100 stamps are no evidence, and samples of copies have
# from 0.6 to 1.
EXCESS = 0.1

# By gate: the fraction that it looks at, what this says of the stamps, and in which variants it is looked at.
# Measurability is asked of stamps with noise alone: of those without any, statmorph takes the last wisps of a
# galaxy for sky that was not subtracted (19 of 100 stamps of eth_dcgan, with noise 3). Stamps that hold
# nothing get no noise, and fail there, too.
GATES = {
    "copies": ("memorized_fraction", "are copies of training stamps", VARIANTS),
    "mixtures": ("mixed_fraction", "are sums of two training stamps", VARIANTS),
    "failures": ("failure_fraction", "cannot be measured", (RANKED,)),
}


def closed_gates(scores: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> dict[str, str]:
    """Return the gates that a sample does not pass, each with the reason.

    A gate is closed where a fraction exceeds the floor's by more than :data:`EXCESS` and by more than two
    errors of their difference, in any of the variants that the gate looks at.

    Parameters
    ----------
    scores : mapping
        By variant and score, as :func:`galforge.evaluation.scores.beside_floor` gives them.
    """
    closed = {}
    for gate, (name, what, variants) in GATES.items():
        rows = [scores[variant][name] for variant in variants if name in scores[variant]]
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
