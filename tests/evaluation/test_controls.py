import galsim
import numpy as np
import pandas as pd
import pytest

from galforge.evaluation.comparable import grey, is_comparable
from galforge.evaluation.controls import (
    chosen_stamps,
    memorizer,
    repeated_stamp,
    shuffle_phases,
    shuffled_phases,
)
from galforge.evaluation.noise_matching import (
    LAGS,
    choose_donors,
    match_noise,
    noise_autocorrelation,
    sky_level,
)
from galforge.evaluation.parametric_control import fitted_profile, parametric_twin
from galforge.imaging.border_noise import border_noise
from galforge.imaging.correlated_noise import correlated_noise
from galforge.survey.observation import Observation


def galaxies(count, seed, noise=0.0, smooth=0.0, size=64):
    """Return exponential discs in the middle of stamps, peak about 1, and noise of a few neighbours."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    images = np.stack(
        [np.exp(-np.hypot(x, y / rng.uniform(0.4, 1)) / rng.uniform(2, 5)) for _ in range(count)]
    )
    white = rng.standard_normal(images.shape)
    field = white + smooth * (np.roll(white, 1, axis=1) + np.roll(white, 1, axis=2))
    return (images + noise * field / field.std())[:, None].astype(np.float32)


@pytest.fixture(scope="module")
def train():
    # Noisier stamps have a higher sky, as normalized ones do.
    levels = np.linspace(0.005, 0.03, 40)
    stamps = [galaxies(1, seed, level, smooth=0.7) + 4.5 * level for seed, level in enumerate(levels)]
    return np.concatenate(stamps).astype(np.float32)


def test_controls_are_what_they_say(train):
    rows = chosen_stamps(np.arange(40), 60, "control_memorizer")
    assert sorted(rows[:40]) == list(range(40))
    np.testing.assert_array_equal(rows[40:], rows[:20])
    assert rows.tolist() != chosen_stamps(np.arange(40), 60, "control_other").tolist()
    np.testing.assert_array_equal(memorizer(train, rows, 1), train[rows])
    same = repeated_stamp(train, rows, 1)
    assert same.shape == (60, 1, 64, 64)
    assert (same == train[rows[0]]).all()


def test_shuffled_phases_keep_the_power_spectrum_and_lose_the_galaxy(train):
    image = train[0].astype(np.float64)
    shuffled = shuffle_phases(image, seed=3)
    np.testing.assert_allclose(np.abs(np.fft.fft2(shuffled)), np.abs(np.fft.fft2(image)), rtol=1e-9)
    assert shuffled.mean() == pytest.approx(image.mean())
    assert np.corrcoef(shuffled.ravel(), image.ravel())[0, 1] < 0.3
    stamps = shuffled_phases(train, np.arange(5), seed=1)
    assert (stamps.min(axis=(1, 2, 3)) == 0).all()
    assert (stamps.max(axis=(1, 2, 3)) == 1).all()
    assert not (stamps[0] == shuffled_phases(train, np.arange(5), seed=2)[0]).all()


def test_correlated_noise_has_the_level_and_the_correlation_asked_for():
    lags = np.arange(-LAGS, LAGS + 1)
    wanted = np.exp(-0.5 * (lags[:, None] ** 2 + lags**2) / 1.2**2)
    noise = np.stack([correlated_noise(wanted, (64, 64), seed) for seed in range(30)])
    assert noise.std() == pytest.approx(1.0, abs=0.02)
    assert (noise[:, 1:] * noise[:, :-1]).mean() == pytest.approx(np.exp(-0.5 / 1.2**2), abs=0.02)
    assert (noise[:, :, 3:] * noise[:, :, :-3]).mean() == pytest.approx(np.exp(-4.5 / 1.2**2), abs=0.03)


def test_autocorrelation_of_known_noise():
    # w + 0.7 (w from above + w from the left): neighbours 0.7 / 1.98, the one across the corner 0.49 / 1.98.
    estimates = np.stack([noise_autocorrelation(image[0]) for image in galaxies(60, 1, 0.02, smooth=0.7)])
    mean = estimates.mean(axis=0)
    assert mean[LAGS, LAGS] == 1
    assert mean[LAGS, LAGS + 1] == pytest.approx(0.354, abs=0.05)
    assert mean[LAGS - 1, LAGS + 1] == pytest.approx(0.247, abs=0.05)
    assert mean[LAGS + 1, LAGS + 1] == pytest.approx(0.0, abs=0.05)
    flat = noise_autocorrelation(np.zeros((64, 64)))
    assert flat.sum() == flat[LAGS, LAGS] == 1


def test_the_smallest_stamps_have_an_autocorrelation():
    found = noise_autocorrelation(galaxies(1, 1, 0.02, size=16)[0, 0])
    assert np.isfinite(found).all()
    assert found[LAGS, LAGS] == 1


def test_galaxies_without_noise_get_that_of_real_ones(train):
    sky = 4.5 * np.linspace(0.005, 0.03, 25)
    clean = galaxies(25, 9) + sky[:, None, None, None].astype(np.float32)
    matched = match_noise(clean, train, seed=1)
    real = np.sort(border_noise(train[:, 0]))
    found = border_noise(matched[:, 0])
    assert found[:5].mean() == pytest.approx(real[:8].mean(), rel=0.2)
    assert found[-5:].mean() == pytest.approx(real[-8:].mean(), rel=0.2)
    added = (matched - clean)[:, 0]
    neighbours = (added[:, 1:] * added[:, :-1]).mean() / (added**2).mean()
    assert neighbours == pytest.approx(0.354, abs=0.08)
    np.testing.assert_array_equal(matched, match_noise(clean, train, seed=1))


def test_real_stamps_stay_as_they_are(train):
    unchanged = (match_noise(train, train, seed=1) == train).all(axis=(1, 2, 3))
    assert unchanged.mean() > 0.85


def test_half_of_the_noise_is_filled_up_in_quadrature(train):
    half = np.concatenate([galaxies(1, 90 + n, 0.01) + 0.09 for n in range(20)])
    noisy = np.concatenate([galaxies(1, 50 + n, 0.02) + 0.09 for n in range(20)])
    matched = match_noise(half, noisy, seed=1)
    assert border_noise(matched[:, 0]).mean() == pytest.approx(border_noise(noisy[:, 0]).mean(), rel=0.1)


def test_stamps_without_a_galaxy_get_no_noise(train):
    odd = np.stack([np.full((1, 64, 64), 0.4), np.full((1, 64, 64), np.nan)]).astype(np.float32)
    np.testing.assert_array_equal(match_noise(odd, train, seed=1), odd)
    mixed = np.concatenate([odd, galaxies(1, 1)])
    matched = match_noise(mixed, train, seed=1)
    np.testing.assert_array_equal(matched[:2], odd)
    assert (matched[2] != mixed[2]).any()
    assert match_noise(odd[:0], train, seed=1).shape == (0, 1, 64, 64)


def test_channels_of_colour_stamps_have_noise_of_their_own(train):
    colour = np.concatenate([train, 0.5 * train, 0.25 * train], axis=1)
    clean = np.repeat(galaxies(20, 9) + 0.08, 3, axis=1).astype(np.float32)
    added = match_noise(clean, colour, seed=1) - clean
    levels = added.std(axis=(0, 2, 3))
    assert levels[0] / levels[1] == pytest.approx(2, rel=0.1)
    assert levels[1] / levels[2] == pytest.approx(2, rel=0.1)
    assert abs(np.corrcoef(added[:, 0].ravel(), added[:, 1].ravel())[0, 1]) < 0.05


def test_only_stamps_that_hold_something_are_compared():
    images = np.stack([galaxies(1, 1)[0], np.full((1, 64, 64), 0.3), np.full((1, 64, 64), np.inf)])
    assert is_comparable(images).tolist() == [True, False, False]
    found = grey(images)
    assert (found[0].min(), found[0].max()) == (0, 1)
    assert (found[1:] == 0).all()
    colour = np.concatenate([images[:1], 3 * images[:1]], axis=1)
    np.testing.assert_allclose(grey(colour), found[:1], atol=1e-6)


def test_donors_have_the_same_rank_in_sky(train):
    images = galaxies(40, 3)[:, 0] + np.linspace(0, 1, 40)[::-1, None, None]
    donors = choose_donors(images, train[:, 0])
    np.testing.assert_array_equal(donors, np.argsort(sky_level(train[:, 0]))[::-1])


def test_parametric_twin_is_the_fit_with_the_observations_psf_and_noise():
    fit = pd.Series(
        {
            "sersic_flux": 500.0,
            "sersic_half_light_radius": 0.3,
            "sersic_index": 1.0,
            "sersic_axis_ratio": 0.5,
            "position_angle": 0.3,
        }
    )
    psf = galsim.Gaussian(fwhm=0.1)
    noise = galsim.UncorrelatedNoise(variance=1.0, scale=0.03, rng=galsim.BaseDeviate(1))
    scatter = np.random.default_rng(1).normal(scale=0.02, size=(100, 100))
    observation = Observation(galsim.ImageD(scatter, scale=0.03), psf, noise, 0.02**2)
    twin = parametric_twin(observation, fit, seed=5)
    ideal = galsim.Convolve(fitted_profile(fit), psf).drawImage(nx=100, ny=100, scale=0.03, method="no_pixel")
    residual = twin.image.array - ideal.array
    assert residual.std() == pytest.approx(0.02, rel=0.05)
    assert np.corrcoef(residual[10:90, 10:90].ravel(), ideal.array[10:90, 10:90].ravel())[0, 1] < 0.05
    moments = galsim.hsm.FindAdaptiveMom(galsim.Image(ideal.array))
    assert moments.observed_shape.beta.rad == pytest.approx(0.3, abs=0.02)
    assert (observation.image.array == scatter).all(), "the observation itself is untouched"
