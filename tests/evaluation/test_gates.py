"""What a sample must pass before its rank counts."""

import numpy as np
import pytest

from galforge.evaluation.comparison import Sample
from galforge.evaluation.floor import judge_floor
from galforge.evaluation.gates import closed_gates
from galforge.evaluation.judgement import Reconstruction, judge
from galforge.evaluation.sample_files import Scoring
from tests.evaluation.test_scores import PARAMETERS, sample

SETTINGS = Scoring(parameters=PARAMETERS, count=100, resamples=20, seed=1)


@pytest.fixture(scope="module")
def floor():
    return {"dataset": "drawn", "simulated": True, **judge_floor(sample(100, 1), sample(100, 2), SETTINGS)}


def judged(generated, floor):
    return judge(
        {"raw": generated, "noise_matched": generated}, sample(100, 1), floor, SETTINGS, Reconstruction()
    )


def test_real_stamps_pass_all_gates(floor):
    assert judged(sample(100, 3), floor)["gates"] == {}


def test_a_sample_of_which_most_stamps_are_empty_is_held_back_and_far(floor):
    """With 80 of 100 stamps constant, the others real, it was tied with the floor and second in the table."""
    whole = sample(100, 3)
    table = whole.morphology.copy()
    table.loc[20:, "status"] = "constant"
    scores = judged(Sample(table, whole.features, whole.image), floor)
    assert scores["gates"] == {"failures": "80% cannot be measured, 0% of held-out stamps"}
    mean = scores["mean_distance"]
    assert mean["tied"] is False
    assert mean["model"] > 5 * mean["floor"]


@pytest.mark.parametrize(
    ("value", "error", "closed"),
    [(0.10, 0.01, False), (0.13, 0.01, True), (0.13, 0.06, False), (0.95, 0.02, True), (None, None, False)],
)
def test_a_gate_closes_on_more_than_a_tenth_and_two_errors(value, error, closed):
    row = {"value": value, "error": error, "floor": 0.01, "floor_error": 0.01}
    gates = closed_gates({"raw": {}, "noise_matched": {"memorized_fraction": row}})
    assert ("copies" in gates) is closed


def test_stamps_without_noise_need_not_be_measurable(floor):
    """Before, eth_dcgan was held back: statmorph takes the wisps of 19 noise-free stamps for a sky."""
    row = {"value": 0.2, "error": 0.02, "floor": 0.0, "floor_error": 0.01}
    assert closed_gates({"raw": {"failure_fraction": row}, "noise_matched": {}}) == {}
    assert set(closed_gates({"raw": {}, "noise_matched": {"failure_fraction": row}})) == {"failures"}
    assert set(closed_gates({"raw": {"memorized_fraction": row}, "noise_matched": {}})) == {"copies"}


def test_the_floor_is_the_mean_over_divisions_and_its_error_their_scatter(floor):
    real = sample(100, 1).joined(sample(100, 2))
    gini = real.morphology["gini"].to_numpy() / 0.05
    rng = np.random.default_rng(1)
    halves = [rng.permutation(200) for _ in range(300)]
    gaps = [np.abs(np.sort(gini[rows[:100]]) - np.sort(gini[rows[100:]])).mean() for rows in halves]
    score = floor["scores"]["distance_gini"]
    assert score["value"] == pytest.approx(np.mean(gaps), rel=0.2)
    assert score["error"] == pytest.approx(np.std(gaps), rel=0.5)
