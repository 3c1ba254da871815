"""Latents: signal-to-noise ratios, correlations, traversals, against closed forms."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from galforge.datasets.latent_file import Latents
from galforge.evaluation.galaxy_parameters import galaxy_parameters
from galforge.evaluation.latents import (
    band_of,
    correlate,
    count_bands,
    ellipticity_components,
    followed,
    latent_shift,
    latent_snr,
    posteriors,
    summarize_latents,
    traversal,
)


@pytest.fixture
def known():
    """Means of scatter 2, 30 and 0.1 and widths 0.5, 0.1 and 1: ratios 4, 300 and 0.1."""
    signs = np.tile([1.0, -1.0], 20)
    mean = np.stack([2 * signs, 5 + 30 * signs, 0.1 * signs], axis=1)
    deviation = np.tile([0.5, 0.1, 1.0], (40, 1))
    # Half of the galaxies better known than the other: it is the mean width that counts.
    deviation[::2] *= 1.5
    deviation[1::2] *= 0.5
    return mean, deviation


def test_snr_is_scatter_over_mean_width(known):
    assert latent_snr(*known) == pytest.approx([4, 300, 0.1])


def test_bands_end_at_20_and_200():
    bands = [band_of(value) for value in (19.99, 20, 200, 200.01)]
    assert bands == ["over-regularized", "plausible", "plausible", "under-regularized"]


def test_summary_is_sorted_and_in_closed_form(known):
    table = summarize_latents(*known)
    assert table["latent"].tolist() == [1, 0, 2]
    assert count_bands(table) == {"over-regularized": 2, "plausible": 0, "under-regularized": 1}
    assert table["center"].tolist() == pytest.approx([5, 0, 0], abs=1e-12)
    assert table["scatter"].tolist() == pytest.approx([30, 2, 0.1])
    assert table["width"].tolist() == pytest.approx([0.1, 0.5, 1.0])
    assert table["skewness"].tolist() == pytest.approx([0, 0, 0], abs=1e-9)
    # KL of N(m, s) from N(0, 1): (m^2 + s^2 - 1 - ln s^2) / 2, for s = 0.75 and 0.25 and m = +-2.
    expected = np.mean([(4 + s**2 - 1 - np.log(s**2)) / 2 for s in (0.75, 0.25)])
    assert table["divergence"][1] == pytest.approx(expected)


def test_distance_from_the_prior():
    random = np.random.default_rng(1)
    mean = np.stack([random.standard_normal(4000), np.full(4000, 10.0)], axis=1)
    table = summarize_latents(mean, np.ones_like(mean)).set_index("latent")
    assert table["normal_distance"][0] < 0.03  # 1.63 / sqrt(4000) is exceeded once in a hundred
    assert table["normal_distance"][1] == pytest.approx(1)


def test_correlation_is_spearmans():
    random = np.random.default_rng(2)
    latents = random.standard_normal((60, 3))
    values = np.exp(latents[:, 1]) + 0.5 * random.standard_normal(60)
    values[:7] = np.nan
    constant = np.ones(60)
    few = np.where(np.arange(60) < 5, latents[:, 0], np.nan)
    ties = np.round(latents[:, 2])
    table = correlate(latents, pd.DataFrame({"a": values, "b": constant, "c": few, "d": ties}))
    found = table.set_index(["parameter", "latent"])["correlation"]
    for latent in range(3):
        assert found["a", latent] == pytest.approx(spearmanr(values[7:], latents[7:, latent]).statistic)
        assert found["d", latent] == pytest.approx(spearmanr(ties, latents[:, latent]).statistic)
    assert np.isnan(found["b", 0])
    assert np.isnan(found["c", 0])
    best = followed(table)
    assert [entry["parameter"] for entry in best] == ["d", "a"]
    assert (best[0]["latent"], best[1]["latent"]) == (2, 1)
    assert best[1]["count"] == 53


def test_ellipticity_components():
    e1, e2 = ellipticity_components(np.array([1 / 3, 1 / 3, 1.0]), np.array([0, np.pi / 4, 1.0]))
    assert e1 == pytest.approx([0.5, 0, 0])
    assert e2 == pytest.approx([0, 0.5, 0])
    # A half turn is no turn.
    once, again = (ellipticity_components(np.array([0.5]), np.array([angle])) for angle in (0.3, 0.3 + np.pi))
    assert np.ravel(once) == pytest.approx(np.ravel(again))


def test_traversal_changes_one_latent_at_a_time(known):
    vectors = traversal(summarize_latents(*known), [1, 0], np.array([-3.0, 0.0, 2.0]))
    assert vectors.shape == (2, 3, 3)
    assert vectors[0] == pytest.approx(np.array([[0, -85, 0], [0, 5, 0], [0, 65, 0]]), abs=1e-12)
    assert vectors[1] == pytest.approx(np.array([[-6, 5, 0], [0, 5, 0], [4, 5, 0]]), abs=1e-12)


def test_shift_is_in_units_of_the_scatter():
    original = np.zeros((2, 3))
    changed = np.array([[3.0, 4.0, 9.0], [0.0, 0.0, 9.0]])
    assert latent_shift(changed, original, np.array([3.0, 1.0, 0.0])) == pytest.approx([np.sqrt(17 / 2), 0])


def test_galaxies_drawn_at_random_are_sqrt_2_apart():
    random = np.random.default_rng(3)
    latents = random.standard_normal((2, 200, 50)) * np.linspace(0.1, 5, 50)
    shift = latent_shift(latents[0], latents[1], np.linspace(0.1, 5, 50))
    assert np.sqrt((shift**2).mean()) == pytest.approx(np.sqrt(2), rel=0.03)


def test_posteriors_that_are_not_finite_are_left_out():
    mean = np.zeros((14, 2), np.float32)
    mean[3, 1] = np.nan
    log_variance = np.full((14, 2), np.log(0.25), np.float32)
    log_variance[5, 0] = np.inf
    names, split = np.arange(14), np.full(14, "test")
    known = posteriors(Latents(mean, log_variance, names, split, {"reason": ""}))
    assert known.reason == ""
    assert np.flatnonzero(~known.rows).tolist() == [3, 5]
    assert known.deviation == pytest.approx(np.full((12, 2), 0.5), rel=1e-6)
    mean[:6] = np.nan
    assert posteriors(Latents(mean, log_variance, names, split)).reason == (
        "the latents of only 8 of 14 stamps are finite"
    )
    nothing = np.zeros((0, 0), np.float32)
    empty = Latents(nothing, nothing, names[:0], split[:0], {"reason": "a GAN has no encoder"})
    assert posteriors(empty).reason == "a GAN has no encoder"


def test_parameters_come_from_catalogue_and_trusted_measurements():
    catalog = pd.DataFrame(
        {
            "identifier": [7, 8, 9],
            "snr": [20.0, 30.0, 40.0],
            "pixel_scale": 0.03,
            "sersic_axis_ratio": [1.0, 1 / 3, 1 / 3],
            "position_angle": [0.0, 0.0, np.pi / 4],
        }
    )
    morphology = pd.DataFrame(
        {
            "identifier": [9, 8],
            "status": ["ok", "no source"],
            "flag_sersic": [4, 0],
            "gini": [0.5, 0.6],
            "sersic_n": [3.0, 1.0],
        }
    )
    table = galaxy_parameters(catalog, morphology, ["gini", "sersic_n"])
    assert "pixel_scale" not in table, "what is the same for all cannot be correlated with"
    assert table["measured_gini"].isna().tolist() == [True, True, False]
    assert table["measured_gini"][2] == 0.5
    assert table["measured_sersic_n"].isna().all(), "a failed fit is not trusted"
    assert table["snr"].tolist() == [20, 30, 40]
    assert table["ellipticity_1"].tolist() == pytest.approx([0, 0.5, 0])
    assert table["ellipticity_2"].tolist() == pytest.approx([0, 0, 0.5])
