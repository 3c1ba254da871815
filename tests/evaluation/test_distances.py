import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, wasserstein_distance, wasserstein_distance_nd

from galforge.evaluation.distances import (
    MINIMUM_COUNT,
    column_distances,
    sliced_wasserstein,
    wasserstein,
)
from galforge.evaluation.morphology_scores import morphology_scores
from galforge.evaluation.reference_split import split_reference
from galforge.evaluation.resampling import Resamples, random_halves
from galforge.evaluation.usable import usable_values


def table(values, **columns):
    return pd.DataFrame(
        {"row": range(len(values)), "status": "ok", "flag_sersic": 0, "gini": values, "sersic_n": values}
    ).assign(**columns)


def distance_of(reference, sample):
    resamples = Resamples.draw(len(reference), len(sample), 2, 1)
    return morphology_scores(table(reference), table(sample), ["gini"], resamples)["distance_gini"]


def test_shifted_sample_is_the_shift_in_units_of_the_reference():
    values = np.random.default_rng(1).gamma(2.0, 3.0, 200)
    assert distance_of(values, values + 1.7).value == pytest.approx(1.7 / values.std())
    assert distance_of(values, values[::-1]).value == pytest.approx(0, abs=1e-12)


def test_gaussians_of_other_widths_have_the_closed_form():
    # W1 of N(0, 1) and N(0, s) is |s - 1| E|x| = |s - 1| sqrt(2 / pi), here at the quantiles.
    quantiles = norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    distance = distance_of(quantiles, 1.5 * quantiles).value
    assert distance == pytest.approx(0.5 * np.sqrt(2 / np.pi), rel=1e-3)
    # The reference gives the unit: seen from the wider sample the distance is smaller.
    assert distance_of(1.5 * quantiles, quantiles).value == pytest.approx(distance / 1.5, rel=1e-9)


def test_samples_of_other_sizes():
    reference = np.repeat([0.0, 1.0], 10)  # deviation 0.5
    # Moving 3/4 - 1/2 of the mass by 1 costs 0.25.
    assert distance_of(reference, np.array([0.0] * 3 + [1.0] * 9)).value == pytest.approx(0.5)


def test_too_few_values_and_a_constant_reference_say_why():
    many, few = np.arange(30.0), np.arange(MINIMUM_COUNT - 1.0)
    assert distance_of(many, few) == (None, None, "the sample has 9 usable values, not 10")
    assert distance_of(few, many) == (None, None, "the reference has 9 usable values, not 10")
    assert distance_of(np.full(30, 0.1), many) == (None, None, "the reference does not vary")


def test_only_trustworthy_values_are_used():
    values = np.arange(6.0)
    values[1], values[2] = np.nan, np.inf
    measured = table(
        values, status=["ok", "ok", "ok", "no source", "ok", "ok"], flag_sersic=[0, 0, 0, 0, 2, 1]
    )
    assert usable_values(measured, "gini").tolist() == [0.0, 4.0, 5.0]
    assert usable_values(measured, "sersic_n").tolist() == [0.0, 5.0]


def test_halves_are_disjoint_of_the_same_size_and_do_not_depend_on_the_order():
    real = table(np.arange(51.0)).assign(identifier=np.arange(51) + 1000)
    reference, floor = split_reference(real, 100)
    assert len(reference) == len(floor) == 25
    assert not set(reference["identifier"]) & set(floor["identifier"])
    shuffled = split_reference(real.sample(frac=1, random_state=3), 100)[0]
    assert set(shuffled["identifier"]) == set(reference["identifier"])
    # No half follows the order of the table: each has galaxies from both ends.
    assert 5 < (reference["row"] < 25).sum() < 20
    reference, floor = split_reference(real, 10)
    assert len(reference) == len(floor) == 10


def test_rows_name_the_stamps_of_a_table_without_identifiers():
    reference, floor = split_reference(table(np.arange(8.0)), 4)
    assert sorted([*reference["row"], *floor["row"]]) == list(range(8))


def test_floor_is_below_the_distance_of_another_distribution():
    rng = np.random.default_rng(7)
    reference, floor = split_reference(table(rng.normal(size=400)), 200)
    known = usable_values(reference, "gini")
    near = distance_of(known, usable_values(floor, "gini")).value
    far = distance_of(known, rng.normal(loc=1.0, size=200)).value
    assert 0 < near < 0.3
    assert far == pytest.approx(1.0, abs=0.3)


def test_columns_have_scipys_distances():
    rng = np.random.default_rng(3)
    first, second = rng.gamma(2, size=(40, 3)), rng.normal(size=(27, 3)).round(1)  # with ties
    expected = [wasserstein_distance(first[:, n], second[:, n]) for n in range(3)]
    np.testing.assert_allclose(wasserstein(first, second), expected, rtol=1e-12)
    first[3, 1] = np.nan
    gap = column_distances(first, second)
    assert gap[1] == pytest.approx(wasserstein_distance(np.delete(first[:, 1], 3), second[:, 1]))
    first[:, 2] = np.nan
    assert np.isnan(column_distances(first, second)[2])


def test_sliced_distance_of_a_shift_has_the_closed_form():
    # Projected on a unit vector u a shift by v moves by |u . v|; over directions on the circle its
    # mean is 2 |v| / pi, and over those on the sphere |v| / 2.
    rng = np.random.default_rng(4)
    for dimensions, mean in ((2, 2 / np.pi), (3, 0.5)):
        sample = rng.normal(size=(50, dimensions))
        shift = np.zeros(dimensions)
        shift[0] = 7.0
        assert sliced_wasserstein(sample, sample + shift) == pytest.approx(7 * mean, rel=0.15)
        other = rng.normal(loc=1.0, size=(50, dimensions))
        # The distance of projections is never more than that in space.
        assert sliced_wasserstein(sample, other) <= wasserstein_distance_nd(sample, other)


def test_stamps_that_lack_a_parameter_are_not_in_a_joint_distance():
    sample = np.random.default_rng(5).normal(size=(30, 2))
    holed = np.concatenate([sample, [[np.nan, 1e9], [1e9, np.nan]]])
    assert sliced_wasserstein(sample, holed) == pytest.approx(0, abs=1e-12)
    assert np.isnan(sliced_wasserstein(sample, np.full((30, 2), np.nan)))


def test_spread_over_random_halves_is_the_standard_error():
    # For a mean it is s / sqrt(n), exactly in expectation (Shao & Wu 1989).
    sample = np.random.default_rng(6).normal(size=400)
    halves = random_halves(400, 2000, seed=1)
    assert halves.shape == (2000, 200)
    assert all(len(set(half)) == 200 for half in halves[:5].tolist())
    spread = sample[halves].mean(axis=1).std(ddof=1)
    assert spread == pytest.approx(sample.std(ddof=1) / 20, rel=0.08)
