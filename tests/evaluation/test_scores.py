import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import bootstrap, spearmanr
from skimage.metrics import structural_similarity as skimage_similarity

from galforge.evaluation import copies
from galforge.evaluation.comparison import Sample
from galforge.evaluation.light import curve_difference, power_spectra, radial_profiles
from galforge.evaluation.morphology_scores import GROUPS, scored_parameters
from galforge.evaluation.reconstruction import (
    count_measured_again,
    kept_morphology_scores,
    reconstruction_errors,
    reconstruction_scores,
    structural_similarity,
)
from galforge.evaluation.resampling import Score, averaged, is_tied, of_fractions
from galforge.evaluation.score_table import stated
from galforge.evaluation.scores import beside_floor, sample_fault, score_sample
from galforge.evaluation.variants import MOMENTS

PARAMETERS = ["gini", "sersic_n"]
FEATURES = ["network_00", "network_01", "pca_00", "pca_01", "neighbour_distance"]
COLUMNS = sorted({name for group in GROUPS.values() for name in group} | set(MOMENTS))


def sample(count, seed, shift=0.0, **columns):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({name: rng.normal(size=count) for name in COLUMNS})
    table["gini"] = rng.normal(0.5, 0.05, count) + 0.05 * shift
    table["sersic_n"] = rng.lognormal(0, 0.5, count)
    table = table.assign(**{"status": "ok", "flag_sersic": 0} | columns)
    features = pd.DataFrame({name: rng.normal(size=count) for name in FEATURES})
    features = features.assign(cluster=rng.integers(0, 3, count), **dict.fromkeys(copies.COLUMNS, 1.0))
    return Sample(table, features, rng.random((count, 16, 16)))


@pytest.fixture(scope="module")
def reference():
    return sample(100, seed=1)


def scores_of(reference, other):
    return score_sample(reference, other, PARAMETERS, draws=50, seed=3)


def test_a_shift_is_measured_with_its_error_and_is_no_tie(reference):
    floor, near, far = (
        scores_of(reference, other) for other in (sample(100, 2), sample(100, 3), sample(100, 4, shift=2.0))
    )
    assert far["distance_gini"].value == pytest.approx(2.0, abs=0.4)
    # The error of the difference of two means of 100, in units of the deviation: sqrt(2 / 100).
    assert far["distance_gini"].error == pytest.approx(np.sqrt(0.02), rel=0.3)
    values = [far[f"distance_{name}"].value for name in PARAMETERS]
    assert far["mean_distance"].value == pytest.approx(np.mean(values))
    assert is_tied(near["mean_distance"], floor["mean_distance"], "lower") is True
    assert is_tied(far["mean_distance"], floor["mean_distance"], "lower") is False
    assert far["sliced_gini_m20"].value > 2 * near["sliced_gini_m20"].value
    # None of 100 failed: the error is that of one stamp.
    assert near["failure_fraction"] == Score(0.0, 0.01)
    assert near["precision_network"].error >= 0.01
    assert all(stated(name).better in ("lower", "higher", "none") for name in floor)
    assert {stated(name).group for name in floor} == {
        "morphology", "joint", "moments", "light", "features", "diversity", "copies", "classifiers", "cells",
    }  # fmt: skip
    shifted = far["frechet_network"].value, far["classifier_features"].value
    assert shifted == (pytest.approx(near["frechet_network"].value, abs=0.5), pytest.approx(0.5, abs=0.15))
    assert near["classifier_morphology"].value < 0.65 < far["classifier_morphology"].value
    beside = beside_floor(far, floor)
    json.dumps(beside, allow_nan=False)
    # Halves say nothing of the errors of these.
    without = {name for name, row in beside.items() if row["value"] is not None and row["error"] is None}
    assert without == {"frechet_network", "frechet_pca", "kid_network", "kid_pca", "cluster_error"}


def test_the_same_stamps_have_the_same_scores_whatever_else_is_scored(reference):
    assert scores_of(reference, sample(100, 2)) == scores_of(reference, sample(100, 2))


@pytest.mark.parametrize(
    ("better", "value", "tied"),
    [
        ("lower", 0.28, True),
        ("lower", 0.29, False),
        ("lower", 0.01, True),
        ("higher", 0.11, False),
        ("higher", 0.12, True),
        ("none", 9, None),
    ],
)
@pytest.mark.parametrize("error", [0.0, 0.06, 9.0, None])
def test_a_tie_is_within_the_scatter_of_real_stamps_however_well_the_score_is_known(
    better, value, tied, error
):
    floor = Score(0.3 if better == "higher" else 0.1, 0.08)
    assert is_tied(Score(value, error), floor, better) is tied


def test_equal_scores_without_spread_are_tied():
    assert is_tied(Score(1.0, 0.0), Score(1.0, 0.0), "higher") is True
    assert is_tied(Score(0.0, 0.0), Score(0.1, 0.0), "lower") is True


def test_a_score_is_rarely_worse_than_the_floor_for_real_samples():
    generator = np.random.default_rng(0)
    splits = generator.standard_normal((2000, 20)) + 5
    floors = [averaged([Score(value, None) for value in values]) for values in splits]
    accused = [
        is_tied(Score(value, None), floor, "lower") is False
        for value, floor in zip(generator.standard_normal(2000) + 5, floors, strict=True)
    ]
    assert 0.01 < np.mean(accused) < 0.04, "of a normal distribution; tails are longer"


def test_a_fraction_of_real_stamps_is_known_to_one_stamp_at_best():
    scores = [of_fractions({"copies": Score(0.0, None)}, ["copies"], 50)["copies"]] * 3
    assert averaged(scores) == Score(0.0, 0.02)
    assert is_tied(Score(0.03, None), averaged(scores), "lower") is True
    assert is_tied(Score(0.06, None), averaged(scores), "lower") is False


def test_failures_are_a_score_and_count_as_the_worst_real_values_in_the_others(reference):
    clean = sample(100, 2)
    table = clean.morphology.copy()
    table.loc[:19, "status"], table.loc[:19, "gini"] = "no source", 1e6
    spoilt = scores_of(reference, Sample(table, clean.features, clean.image))
    assert spoilt["failure_fraction"].value == pytest.approx(0.2)
    assert spoilt["failure_fraction"].error == pytest.approx(np.sqrt(0.2 * 0.8 / 100), rel=0.35)
    # 0.2 of the stamps count as far from the median as one real value in a hundred: 2.6 deviations.
    clean_distance = scores_of(
        reference, Sample(clean.morphology[20:], clean.features[20:], clean.image[20:])
    )
    expected = 0.8 * clean_distance["distance_gini"].value + 0.2 * 2.58
    assert spoilt["distance_gini"].value == pytest.approx(expected, abs=0.1)


def test_a_parameter_that_few_stamps_have_is_no_distance_and_no_mean(reference):
    few = sample(100, 2, flag_sersic=2)
    scores = scores_of(reference, few)
    reason = "the sample has 0 usable values, not 10"
    assert scores["distance_sersic_n"] == Score(None, None, reason)
    assert scores["mean_distance"] == Score(None, None, f"no distance of sersic_n: {reason}")
    assert scores["distance_gini"].value < 0.5
    json.dumps({name: score._asdict() for name, score in scores.items()}, allow_nan=False)


def test_parameters_that_real_stamps_have_no_distance_of_are_named(reference):
    flat = reference.morphology.assign(sersic_n=1.0)
    assert scored_parameters(flat, sample(100, 2).morphology, PARAMETERS) == {
        "gini": "",
        "sersic_n": "the reference does not vary",
    }
    few = sample(6, 2).morphology
    assert scored_parameters(few, few, ["gini"]) == {"gini": "the reference has 6 usable values, not 10"}


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (["ok"] * 3, "returned 3 of 100 stamps"),
        ([], "returned 0 of 100 stamps"),
        (
            ["not finite"] * 60 + ["constant"] * 40,
            "no stamp of 100 could be measured: 60 not finite, 40 constant",
        ),
        (["ok"] * 2 + ["constant"] * 98, ""),
    ],
)
def test_a_sample_that_cannot_be_judged_says_why(status, reason):
    assert sample_fault(pd.DataFrame({"status": status}), 100) == reason


def test_a_failed_model_has_the_floors_scores_and_none_of_its_own(reference):
    floor = scores_of(reference, sample(100, 2))
    found = beside_floor({}, floor, "loss is NaN at step 12")
    assert set(found) == set(floor)
    assert found["distance_gini"] == {
        "value": None,
        "error": None,
        "reason": "loss is NaN at step 12",
        "group": "morphology",
        "better": "lower",
        "floor": floor["distance_gini"].value,
        "floor_error": floor["distance_gini"].error,
        "tied": None,
    }


def test_radial_profile_is_that_of_the_drawn_profile():
    y, x = np.mgrid[:64, :64] - 31.5
    image = np.hypot(y, x)[None]
    profile = radial_profiles(image)[0]
    assert len(profile) == 32
    # The mean radius of a ring from k to k + 1 is 2 (3 k^2 + 3 k + 1) / (3 (2 k + 1)).
    k = np.arange(32)
    expected = 2 * (3 * k**2 + 3 * k + 1) / (3 * (2 * k + 1))
    np.testing.assert_allclose(profile[4:], expected[4:], rtol=0.02)


def test_power_spectrum_of_a_wave_and_of_white_noise():
    x = np.arange(64) * np.ones((64, 1))
    wave = np.cos(2 * np.pi * 5 * x / 64)[None]
    spectrum = power_spectra(wave)[0]
    assert spectrum.argmax() + 1 == 5
    noise = np.random.default_rng(1).standard_normal((40, 64, 64))
    # White noise of unit variance has unit power at every frequency.
    np.testing.assert_allclose(10 ** power_spectra(noise).mean(axis=0)[3:], 1.0, atol=0.1)


def test_curves_that_are_a_deviation_apart_differ_by_one():
    rng = np.random.default_rng(2)
    curves = rng.normal(size=(500, 7)) * np.arange(1, 8)
    assert curve_difference(curves, curves + curves.std(axis=0)) == pytest.approx(1.0)
    assert curve_difference(curves, curves) == 0
    assert np.isnan(curve_difference(np.ones((5, 3)), np.zeros((5, 3))))


def test_reconstructions_that_are_not_finite_are_left_out_of_the_mean():
    image = np.random.default_rng(1).random((4, 1, 16, 16))
    reconstruction = image + 0.1
    reconstruction[1, 0, 3, 3] = np.nan
    errors = reconstruction_errors(image, reconstruction)
    assert len(errors) == 3
    assert errors["mse"].to_numpy() == pytest.approx(0.01)
    assert list(errors) == ["mse", "bce", "residual_fraction", "ssim"]
    assert len(reconstruction_errors(image, np.full_like(image, np.nan))) == 0


def test_structural_similarity_is_that_of_scikit_image():
    rng = np.random.default_rng(2)
    image = rng.random((3, 1, 40, 40))
    other = np.clip(image + 0.2 * rng.standard_normal(image.shape), 0, 1)
    expected = [
        skimage_similarity(
            first[0], second[0], data_range=1, gaussian_weights=True, sigma=1.5, use_sample_covariance=True
        )
        for first, second in zip(image, other, strict=True)
    ]
    np.testing.assert_allclose(structural_similarity(image, other), expected, rtol=1e-6)
    np.testing.assert_allclose(structural_similarity(image, image), 1)


def test_kept_morphology_is_measured_on_the_galaxies_that_both_have():
    rng = np.random.default_rng(3)
    original = pd.DataFrame({"flux_ellip": rng.uniform(1, 2, 50), "rhalf_ellip": rng.uniform(3, 9, 50)})
    original = original.assign(gini=rng.normal(size=50), status="ok", flag_sersic=0)
    other = original.assign(
        flux_ellip=0.9 * original["flux_ellip"],
        rhalf_ellip=original["rhalf_ellip"] * (1 + 0.1 * np.linspace(-1, 1, 50)),
        gini=-original["gini"],
    )
    other.loc[7, "status"] = "no source"
    assert count_measured_again(original, other) == 49
    scores = kept_morphology_scores(original, other, ["gini"], 10, seed=1)
    kept = {name.removeprefix("reconstruction_"): score.value for name, score in scores.items()}
    assert kept["correlation_gini"] == pytest.approx(-1)
    assert kept["correlation_flux_ellip"] == pytest.approx(1)
    assert (kept["flux_median"], kept["flux_spread"]) == (pytest.approx(-0.1), pytest.approx(0, abs=1e-12))
    assert kept["half_light_radius_spread"] == pytest.approx(0.068, abs=0.004)
    none = kept_morphology_scores(original[:2], other[:2], ["gini"], 10, seed=1)
    assert {score.value for score in none.values()} == {None}
    assert all(score.reason == f"{name} is not defined on these stamps" for name, score in none.items())


def test_errors_of_reconstructions_are_those_of_means():
    rng = np.random.default_rng(5)
    image = rng.random((200, 1, 16, 16))
    shift = rng.normal(0.0, 0.1, 200)
    reconstruction = image + shift[:, None, None, None]
    errors = reconstruction_errors(image, reconstruction)
    scores = reconstruction_scores(errors, 2000, seed=1)
    assert {name.removeprefix("reconstruction_"): score.value for name, score in scores.items()} == (
        pytest.approx(dict(errors.mean()))
    )
    # The standard error of a mean; the squared error of a stamp is its shift's square.
    expected = (shift**2).std(ddof=1) / np.sqrt(200)
    assert scores["reconstruction_mse"].error == pytest.approx(expected, rel=0.06)
    assert scores == reconstruction_scores(errors, 2000, seed=1)
    reconstruction[:] = np.nan
    gone = reconstruction_scores(reconstruction_errors(image, reconstruction), 10, seed=1)
    assert {(score.value, score.error) for score in gone.values()} == {(None, None)}
    json.dumps([score._asdict() for score in gone.values()], allow_nan=False)


def test_errors_of_kept_morphology_are_those_of_a_bootstrap_of_galaxies():
    rng = np.random.default_rng(6)
    flux, radius = rng.uniform(1, 2, 300), rng.uniform(3, 9, 300)
    original = pd.DataFrame({"flux_ellip": flux, "rhalf_ellip": radius, "gini": rng.normal(size=300)})
    original = original.assign(status="ok", flag_sersic=0)
    other = original.assign(
        flux_ellip=flux * rng.normal(0.9, 0.1, 300), gini=original["gini"] + rng.normal(size=300)
    )
    other.loc[:9, "status"] = "no source"
    scores = kept_morphology_scores(original, other, ["gini"], 1000, seed=1)
    assert scores["reconstruction_half_light_radius_spread"] == Score(0.0, 0.0)

    def error(statistic, *columns):
        drawn = bootstrap(
            columns, statistic, paired=True, vectorized=False, n_resamples=1000, method="basic", rng=2
        )
        return drawn.standard_error

    known = slice(10, None)
    correlation = spearmanr(original["gini"][known], other["gini"][known]).statistic
    assert scores["reconstruction_correlation_gini"].value == pytest.approx(correlation)
    gini = error(lambda *pair: spearmanr(*pair).statistic, original["gini"][known], other["gini"][known])
    assert scores["reconstruction_correlation_gini"].error == pytest.approx(gini, rel=0.15)
    # For values from a Gaussian of sigma, a median's is sqrt(pi / 2 n) sigma.
    median = scores["reconstruction_flux_median"]
    assert median.value == pytest.approx(-0.1, abs=0.03)
    assert median.error == pytest.approx(0.1 * np.sqrt(np.pi / 2 / 290), rel=0.3)
