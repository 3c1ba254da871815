"""What the benchmarks compute, where a number of theirs is in the documentation."""

import galsim
import numpy as np
import pandas as pd
import pytest

from benchmarks.cheats import picked
from benchmarks.shear import SHEAR, biases, measured
from benchmarks.stamps_needed import stamps_needed
from galforge.evaluation.comparison import Sample


def seen(rng, count, m=0.0, c=(0.0, 0.0), spread=0.0):
    """Distortions of galaxies, rotated by 0 and 90 degrees and sheared by + and -, by a biased method."""
    shape = rng.normal(scale=0.2, size=(count, 2))
    response = 1 + m + spread * rng.normal(size=count)
    responsivity = 2 * (1 - (shape**2).mean())
    return np.stack(
        [
            turn * shape
            + responsivity * (np.outer(response, (sign * SHEAR, 0)) + np.asarray(c))
            for turn in (1, -1)
            for sign in (1, -1)
        ],
        axis=1,
    )  # fmt: skip


def test_the_bias_of_shears_is_that_of_the_method():
    rng = np.random.default_rng(1)
    kinds = {"survey": seen(rng, 4000, 0.02, (1e-3, -2e-3), 0.1), "generated": seen(rng, 4000, -0.05)}
    table = biases(kinds).set_index("kind")
    assert table["m"]["survey"] == pytest.approx(0.02, abs=4 * 0.1 / np.sqrt(4000))
    assert table["m_error"]["survey"] == pytest.approx(0.1 / np.sqrt(4000), rel=0.1)
    assert table["c1"]["survey"] == pytest.approx(1e-3, rel=0.01)
    assert table["c2"]["survey"] == pytest.approx(-2e-3, rel=0.01)
    assert table["m"]["generated"] == pytest.approx(-0.05, abs=1e-3)
    assert table["apart"]["generated"] == pytest.approx(table["m"]["generated"] - table["m"]["survey"])


def test_a_round_galaxy_is_measured_without_a_bias_to_speak_of():
    shapes, resolution = measured(galsim.Gaussian(sigma=0.8, flux=100))
    assert resolution > 0.7
    response = (shapes[:, 0] * [1, -1, 1, -1]).mean() / SHEAR / 2
    assert response == pytest.approx(1, abs=0.01)


def test_what_is_not_resolved_is_no_shape():
    assert isinstance(measured(galsim.Gaussian(sigma=0.05, flux=100)), str)


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
