"""Two-sample tests by classifiers, and the tails that a sample lacks."""

import galsim
import numpy as np
import pandas as pd
import pytest

from galforge.evaluation.classifier import area_error, classifier_score
from galforge.evaluation.light_features import light_features
from galforge.evaluation.moments import measure_moments
from galforge.evaluation.tails import missing_tails, moment_widths
from tests.evaluation.test_copies import NOISE, draw


def test_one_distribution_is_at_chance_and_two_are_told_apart():
    rng = np.random.default_rng(1)
    same = [classifier_score(*rng.normal(size=(2, 100, 6)), seed) for seed in range(40)]
    assert np.mean([score.value for score in same]) == pytest.approx(0.5, abs=0.03)
    # The error that is claimed is the scatter that is seen; held-out folds add a little.
    scatter = np.std([score.value for score in same])
    assert np.mean([score.error for score in same]) == pytest.approx(scatter, rel=0.4)
    assert classifier_score(rng.normal(size=(100, 6)), rng.normal(1.5, size=(100, 6)), 1).value > 0.95


def test_a_sample_that_is_too_narrow_is_told_by_its_spread():
    rng = np.random.default_rng(2)
    narrow = classifier_score(rng.normal(size=(150, 4)), 0.4 * rng.normal(size=(150, 4)), 1)
    assert narrow.value > 0.85


def test_too_few_stamps_are_no_score():
    values = np.random.default_rng(3).normal(size=(20, 2))
    values[4:] = np.nan
    assert classifier_score(values, values, 1).reason == "fewer than 5 stamps can be shown to a classifier"


def test_the_error_of_the_area_is_that_of_hanley_and_mcneil():
    # Their Table I: areas of 0.893 and 58 and 51 cases have an error of 0.032.
    assert area_error(0.893, 58, 51) == pytest.approx(0.032, abs=0.0015)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("change", ["white noise", "checkerboard", "hot pixel", "none"])
def test_the_light_tells_what_morphology_does_not_see(change, seed):
    real, other = np.split(draw(200, seed=20 + seed), 2)
    rng = np.random.default_rng(seed)
    if change == "white noise":
        other = other + 0.5 * NOISE * rng.standard_normal(other.shape)
    elif change == "checkerboard":
        y, x = np.indices((40, 40))
        other = other + 0.5 * NOISE * (-1.0) ** (x + y)
    elif change == "hot pixel":
        other[np.arange(100), rng.integers(3, 37, 100), rng.integers(3, 37, 100)] += 12 * NOISE
    shown = [images - images.min(axis=(1, 2), keepdims=True) for images in (real, other)]
    shown = [images / images.max(axis=(1, 2), keepdims=True) for images in shown]
    score = classifier_score(*(light_features(images) for images in shown), 1)
    floor_error = area_error(0.5, 100, 100)
    if change == "none":
        assert abs(score.value - 0.5) < 3.5 * floor_error
    else:
        assert score.value - 0.5 > 3 * floor_error


def table(**columns):
    count = len(next(iter(columns.values())))
    moments = dict.fromkeys(("moments_size", "moments_e1", "moments_e2"), np.nan)
    return pd.DataFrame({"status": ["ok"] * count, "flag_sersic": 0, **moments, **columns})


@pytest.mark.parametrize(("count", "cut"), [(100, 0.8), (500, 0.9)])
def test_a_missing_tail_is_named(count, cut):
    rng = np.random.default_rng(4)
    reference = table(rhalf_ellip=rng.lognormal(size=count), gini=rng.normal(size=count))
    wide = rng.lognormal(size=4 * count)
    narrow = wide[wide < np.quantile(wide, cut)][:count]
    sample = table(rhalf_ellip=narrow, gini=rng.normal(size=count))
    assert missing_tails(reference, sample, ["rhalf_ellip", "gini"]) == ["high rhalf_ellip"]
    assert missing_tails(reference, sample.assign(status="no source"), ["rhalf_ellip"]) == []


def test_galaxies_that_are_wide_along_their_major_axis_are_missed_though_no_parameter_says_so():
    """Held-out galaxies without the widest tenth passed, also 500 of them."""
    rng = np.random.default_rng(6)

    def drawn(count):
        size, e1, e2 = rng.lognormal(1, 0.4, count), *rng.uniform(-0.5, 0.5, (2, count))
        return table(moments_size=size, moments_e1=e1, moments_e2=e2, gini=rng.normal(size=count))

    reference, many = drawn(500), drawn(2000)
    width = moment_widths(many)
    sample = many[width < np.quantile(width, 0.9)][:500]
    assert missing_tails(reference, sample, ["gini"]) == ["high width"]
    assert missing_tails(reference, many[:500], ["gini"]) == []


def test_the_width_is_sigma_along_the_major_axis():
    image = galsim.Gaussian(sigma=4).shear(q=0.4, beta=0.7 * galsim.radians).drawImage(nx=64, ny=64, scale=1)
    moments = measure_moments(image.array.astype(float))
    measured = table(**{name: [moments[name]] for name in ("moments_size", "moments_e1", "moments_e2")})
    assert moment_widths(measured)[0] == pytest.approx(4 / np.sqrt(0.4), rel=0.01)


def test_real_stamps_are_rarely_said_to_lack_a_tail():
    rng = np.random.default_rng(5)
    names = [f"p{n}" for n in range(10)]

    def sample():
        return table(**{name: rng.normal(size=100) for name in names})

    accused = sum(bool(missing_tails(sample(), sample(), names)) for _ in range(100))
    assert accused <= 8
