"""PQMass, against the numbers of the package of its authors."""

import numpy as np
import pytest

from galforge.evaluation.pqmass import pqmass_score


# Mean of pqm_chi2 over 300 tessellations divided by 79, of pqm 0.6.3, for these draws with 80 references.
@pytest.mark.parametrize(("shift", "theirs"), [(0.0, 0.913), (0.2, 1.223), (0.5, 2.477)])
def test_the_statistic_is_that_of_its_authors(shift, theirs):
    generator = np.random.default_rng(5)
    known, other = generator.normal(size=(400, 5)), generator.normal(size=(400, 5)) + shift
    assert pqmass_score(known, other, 1).value == pytest.approx(theirs, rel=0.05)


@pytest.mark.parametrize(("shift", "mean"), [(0.0, 1.0), (0.6, None)])
def test_it_is_one_by_chance_and_its_error_is_what_is_seen(shift, mean):
    scores = []
    for seed in range(60):
        known, other = np.random.default_rng(seed).normal(size=(2, 100, 5))
        scores.append(pqmass_score(known, other + shift, seed))
    values, errors = np.array([(score.value, score.error) for score in scores]).T
    assert errors.mean() == pytest.approx(values.std(), rel=0.5)
    if mean:
        assert values.mean() == pytest.approx(mean, abs=0.05)
    else:
        assert values.mean() > 1 + 5 * errors.mean()


def test_what_is_not_finite_is_left_out_and_too_few_are_no_score():
    known, other = np.random.default_rng(1).normal(size=(2, 50, 3))
    holed = other.copy()
    holed[::10] = np.nan
    assert pqmass_score(known, holed, 1).value == pytest.approx(
        pqmass_score(known, other[np.arange(50) % 10 > 0], 1).value
    )
    assert "too few stamps" in pqmass_score(known[:5], other[:5], 1).reason
    assert "too few stamps" in pqmass_score(known[:, :0], other[:, :0], 1).reason


def test_columns_count_alike_whatever_their_units():
    known, other = np.random.default_rng(2).normal(size=(2, 100, 3))
    units = np.array([1e-6, 1.0, 1e6])
    assert pqmass_score(known * units, other * units, 1).value == pytest.approx(
        pqmass_score(known, other, 1).value
    )
