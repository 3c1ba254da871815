"""What the benchmarks compute, where a number of theirs is in the documentation."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.cheats import picked
from benchmarks.stamps_needed import stamps_needed
from galforge.evaluation.comparison import Sample


def test_pairs_are_told_apart_where_they_differ_by_two_errors():
    board = pd.DataFrame(
        {"model": ["a", "b"], "mean_distance": [0.4, 0.6], "mean_distance_error": [0.03, 0.04], "stamps": 100}
    )
    [row] = stamps_needed(board).to_dict("records")
    assert (row["first"], row["second"], row["n"]) == ("a", "b", pytest.approx(25))


def test_what_is_picked_is_nearer_than_what_is_not():
    rng = np.random.default_rng(2)

    def sample(values):
        table = pd.DataFrame({"status": "ok", "flag_sersic": 0, "gini": values})
        return Sample(table, pd.DataFrame(index=table.index), np.zeros((len(values), 2, 2)))

    reference, many = sample(rng.normal(size=50)), sample(rng.normal(1.0, 2.0, size=300))
    chosen = picked(many, reference, ["gini"], rng, exchanges=2000).morphology
    known = set(map(float, many.morphology["gini"]))
    assert len(chosen) == 50 and set(map(float, chosen["gini"])) <= known
    assert abs(np.sort(chosen["gini"]) - np.sort(reference.morphology["gini"])).mean() < 0.1
