"""Components and correlations of latents, and the widths of posteriors against the noise of stamps."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from galforge.evaluation.latent_structure import (
    inverse,
    mean_correlation,
    noise_correlations,
    principal_shares,
    structure_numbers,
    whitening,
)


def test_shares_are_those_of_the_axes_however_they_are_turned():
    random = np.random.default_rng(1)
    own = random.standard_normal((2000, 3))
    own = (own - own.mean(0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(own, rowvar=False))).T
    turn, _ = np.linalg.qr(random.standard_normal((3, 3)))
    mean = own * [3.0, 2.0, 1.0] @ turn + 7
    assert principal_shares(mean) == pytest.approx(np.array([9, 4, 1]) / 14)
    numbers = structure_numbers(mean, np.array([0.1, -0.8, np.nan]))
    assert numbers["principal_count"] == 2  # 13 of 14 parts are more than 90 %
    assert numbers["noise"] == {"median": pytest.approx(-0.35), "strongest": -0.8, "latent": 1}


def test_the_mean_correlation_is_numpys_without_the_diagonal():
    random = np.random.default_rng(2)
    first, other = random.standard_normal((2, 500))
    mean = np.stack([first, -first, other, np.ones(500)], axis=1)
    between = abs(np.corrcoef(first, other)[0, 1])
    assert mean_correlation(mean) == pytest.approx((1 + 2 * between) / 3)
    assert np.isnan(mean_correlation(mean[:, :1]))


def test_latents_that_do_not_vary_have_no_numbers():
    numbers = structure_numbers(np.ones((20, 2)), np.full(2, np.nan))
    assert numbers["mean_correlation"] is None
    assert numbers["principal_shares"] == []
    assert numbers["noise"] == {"median": None, "strongest": None, "latent": None}


def test_widths_follow_the_noise_of_the_stamps():
    random = np.random.default_rng(3)
    snr = random.uniform(5, 100, 60)
    deviation = np.stack([1 / snr, snr, random.random(60)], axis=1)
    found = noise_correlations(deviation, snr)
    assert found == pytest.approx([1, -1, spearmanr(deviation[:, 2], 1 / snr).statistic])
    # A stamp without an SNR is left out.
    assert noise_correlations(deviation, np.where(np.arange(60) < 5, np.nan, snr))[:2] == pytest.approx(
        [1, -1]
    )
    assert inverse(np.array([4.0, 0.0, -1.0, np.nan])) == pytest.approx([0.25] + 3 * [np.nan], nan_ok=True)


def test_whitened_latents_are_uncorrelated_and_come_back():
    random = np.random.default_rng(4)
    line = random.standard_normal((300, 1))
    latents = line @ random.standard_normal((1, 5)) + 1e-3 * random.standard_normal((300, 5)) + 2
    white = whitening(latents)
    components = white.forward(latents)
    assert np.cov(components, rowvar=False, ddof=0) == pytest.approx(np.eye(5), abs=1e-6)
    assert white.back(components) == pytest.approx(latents)
    # What is rounding alone is left out.
    assert whitening(np.repeat(latents[:, :2], 2, axis=1)).forward(np.zeros((1, 4))).shape == (1, 2)
