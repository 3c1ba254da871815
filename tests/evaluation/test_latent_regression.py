"""Features from latents: what is known to be in them is found, and what is not, is not."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score

from galforge.evaluation.latent_regression import (
    LABELS,
    LEAST_TESTED,
    Split,
    classes_of,
    numbers_of,
    regress,
)

COUNT = 600


@pytest.fixture(scope="module")
def known():
    """Return latents, and a catalogue of which some columns are functions of them."""
    random = np.random.default_rng(1)
    latents = random.standard_normal((COUNT, 4))
    hidden = latents @ random.standard_normal((4, 4))  # an invertible linear map
    catalog = pd.DataFrame(
        {
            "mag_auto": 22 + 0.7 * hidden[:, 0],
            "width": 10 ** (0.5 + 0.2 * hidden[:, 1]),
            "zphot": random.random(COUNT),
            "sersic_axis_ratio": latents[:, 2] ** 2,
            "position_angle": 0.5 * np.arctan2(latents[:, 1], latents[:, 0]),
            "class_folder": np.where(latents[:, 3] > 0.4, "spiral", "smooth"),
        }
    )
    return latents, catalog


@pytest.fixture(scope="module")
def fitted(known):
    latents, catalog = known
    test = np.arange(COUNT) >= 400
    return regress(Split(latents, ~test, test), catalog, [], 1).set_index("feature")


@pytest.mark.parametrize("name", ["mag_auto", "width"])
def test_a_linear_map_of_a_feature_is_found(fitted, name):
    assert fitted.loc[name, "ridge"] == pytest.approx(1, abs=1e-3)
    assert fitted.loc[name, "network"] > 0.9
    assert fitted.loc[name, "ridge_error"] < 1e-3


def test_an_independent_feature_is_not(fitted):
    for name in ("ridge", "network"):
        value, error = fitted.loc["zphot", [name, f"{name}_error"]]
        assert abs(value) < 0.15
        assert 0 < error < 0.15


def test_a_quadratic_one_is_found_by_the_network_alone(fitted):
    assert fitted.loc["sersic_axis_ratio", "ridge"] < 0.1
    assert fitted.loc["sersic_axis_ratio", "network"] > 0.7


def test_an_angle_is_predicted_where_it_is_the_same_half_a_turn_on(fitted):
    parts = fitted.loc[["position_angle_cosine", "position_angle_sine"], "network"]
    assert (parts > 0.75).all()
    assert "position_angle" not in fitted.index


def test_classes_are_beside_the_share_of_the_largest(fitted, known):
    row = fitted.loc["class_folder"]
    test = known[1]["class_folder"][400:]
    assert row["majority"] == pytest.approx((test == "smooth").mean())
    assert row["accuracy"] > 0.93
    assert row["kind"] == "class"


def test_ridge_is_least_squares_on_galaxies_that_were_not_fitted_where_it_costs_nothing(known):
    latents, catalog = known
    noisy = catalog["mag_auto"] + np.random.default_rng(2).standard_normal(COUNT)
    test = np.arange(COUNT) % 3 == 0
    found = regress(Split(latents, ~test, test), noisy.to_frame(), [], 1)["ridge"][0]
    plain = LinearRegression().fit(latents[~test], noisy[~test])
    assert found == pytest.approx(r2_score(noisy[test], plain.predict(latents[test])), abs=0.01)


def test_the_same_seed_gives_the_same_table(known, fitted):
    latents, catalog = known
    test = np.arange(COUNT) >= 400
    again = regress(Split(latents, ~test, test), catalog[["zphot"]], [], 1).set_index("feature")
    pd.testing.assert_series_equal(
        again.loc["zphot"], fitted.loc["zphot"], check_exact=True, check_dtype=False
    )


def test_what_is_known_of_too_few_says_so(known):
    latents, catalog = known
    few = catalog["mag_auto"].where(np.arange(COUNT) < 400 + LEAST_TESTED - 1)
    test = np.arange(COUNT) >= 400
    row = regress(Split(latents, ~test, test), few.to_frame(), [], 1).iloc[0]
    assert row["reason"] == "it is known of 400 training and 9 test stamps"
    assert np.isnan(row["ridge"])


def test_features_are_those_that_vary_and_labels_come_from_the_survey():
    catalog = pd.DataFrame({f"Class{number}": [0.1, 0.9] for number in range(12)})
    catalog = catalog.assign(snr=[3.0, 30.0], width=2.0, ra=[1.0, 2.0], split=["train", "test"])
    catalog = catalog.assign(render_status=["ok", "bad"], file=["a", "b"], Class0=0.5)
    found = numbers_of(catalog, [f"Class{number}" for number in range(12)])
    assert list(found) == ["snr", *(f"Class{number}" for number in range(1, LABELS + 1))]
    assert found["snr"] == pytest.approx(np.log10([3, 30]))
    assert list(classes_of(catalog)) == ["file"]
