import galsim
import numpy as np
import pytest
from astropy.modeling import fitting, models

from workflow_scripts.imaging.border_noise import border_noise
from workflow_scripts.imaging.gaussian_width import gaussian_width
from workflow_scripts.imaging.metrics import measure_metrics, non_uniformity, reduced_maximum


def gaussian_stamp(sigma_major, axis_ratio, angle_degrees, size=64):
    profile = galsim.Gaussian(sigma=sigma_major * np.sqrt(axis_ratio)).shear(
        q=axis_ratio, beta=angle_degrees * galsim.degrees
    )
    return profile.drawImage(nx=size, ny=size, scale=1.0, method="no_pixel").array.astype(np.float64)


def test_border_noise_is_the_least_deviation_over_all_border_regions():
    image = np.random.default_rng(1).normal(0, 1, (64, 64))
    image[:8, 24:32] *= 0.1  # one quiet region, not a corner
    regions = [
        image[y : y + 8, x : x + 8].std()
        for y in range(0, 64, 8)
        for x in range(0, 64, 8)
        if y in (0, 56) or x in (0, 56)
    ]
    assert border_noise(image[None])[0] == pytest.approx(min(regions))
    assert border_noise(image[None])[0] == pytest.approx(image[:8, 24:32].std())


def test_border_noise_ignores_the_inside_and_bright_neighbours_on_the_border():
    image = np.random.default_rng(2).normal(0, 1, (64, 64))
    before = border_noise(image[None])[0]
    image[10:50, 10:50] += 1000.0
    image[0:12, 40:60] += 500.0 * np.random.default_rng(3).random((12, 20))
    assert border_noise(image[None])[0] == pytest.approx(before, rel=0.2)


def test_border_noise_of_a_diagonal_edge_on_galaxy_is_that_of_the_background():
    noise = np.random.default_rng(4).normal(0, 0.01, (64, 64))
    galaxy = 10 * gaussian_stamp(25, 0.08, 45) / gaussian_stamp(25, 0.08, 45).max()
    assert border_noise((galaxy + noise)[None])[0] == pytest.approx(0.01, rel=0.25)
    assert (galaxy + noise)[:8, :8].std() > 0.1  # a corner alone would have been wrong


@pytest.mark.parametrize("size", [28, 64, 140])
def test_border_regions_reach_every_edge_at_any_size(size):
    image = np.zeros((size, size))
    image[-1, -1] = image[0, -1] = image[-1, 0] = image[0, 0] = 1.0
    inner = np.random.default_rng(5).normal(0, 1, (size, size))
    inner[:, :-8] += 0  # noise everywhere
    assert border_noise(inner[None])[0] > 0.5
    with pytest.raises(ValueError, match="7 px"):
        border_noise(np.zeros((1, 7, 7)))


def test_reduced_maximum_is_the_brightest_block_mean():
    image = np.random.default_rng(6).random((2, 64, 64))
    expected = image.reshape(2, 16, 4, 16, 4).mean(axis=(2, 4)).max(axis=(1, 2))
    assert reduced_maximum(image) == pytest.approx(expected)


def test_reduction_of_a_side_that_is_no_multiple_keeps_a_constant():
    assert reduced_maximum(np.full((1, 28, 28), 3.5)) == pytest.approx(3.5)
    assert reduced_maximum(np.full((1, 70, 70), 3.5)) == pytest.approx(3.5)


def test_non_uniformity_by_hand():
    image = np.zeros((3, 4, 4))
    image[0, 0, 0] = 8.0  # mean 0.5
    image[1] = 2.0
    image[2] = -1.0
    assert list(non_uniformity(image)) == [16.0, 1.0, np.inf]


@pytest.mark.parametrize(
    ("sigma", "axis_ratio", "angle"), [(4, 1.0, 0), (6, 0.5, 30), (5, 0.3, 45), (7, 0.7, 100)]
)
def test_width_is_sigma_of_the_major_axis(sigma, axis_ratio, angle):
    width, status = gaussian_width(gaussian_stamp(sigma, axis_ratio, angle))
    assert status == "ok"
    assert width == pytest.approx(sigma, rel=1e-3)


def test_width_is_that_of_a_least_squares_gaussian_fit():
    """On a noisy exponential disc, against astropy's fit of a 2-D Gaussian without background."""
    disc = galsim.Exponential(half_light_radius=7).shear(q=0.45, beta=0.6 * galsim.radians)
    image = disc.drawImage(nx=64, ny=64, scale=1.0).array.astype(np.float64)
    image += np.random.default_rng(7).normal(0, 0.005 * image.max(), image.shape)
    y, x = np.mgrid[:64, :64]
    start = models.Gaussian2D(image.max(), 31.5, 31.5, 6, 4, theta=0.6)
    fit = fitting.TRFLSQFitter()(start, x, y, image)
    width, status = gaussian_width(image)
    assert status == "ok"
    assert width == pytest.approx(max(fit.x_stddev.value, fit.y_stddev.value), rel=1e-3)


def test_width_of_what_is_no_galaxy_is_flagged():
    assert gaussian_width(np.full((64, 64), np.nan)) == (pytest.approx(np.nan, nan_ok=True), "not finite")
    width, status = gaussian_width(np.zeros((64, 64)))
    assert np.isnan(width)
    assert status not in ("", "ok")


def test_measure_metrics_is_eq_2():
    stamp = 100 * gaussian_stamp(5, 0.6, 20) + np.random.default_rng(8).normal(0, 0.02, (64, 64))
    found = measure_metrics(stamp[None])
    signal = stamp.reshape(16, 4, 16, 4).mean(axis=(1, 3)).max()
    assert found["snr"][0] == pytest.approx(signal / border_noise(stamp[None])[0])
    assert found["non_uniformity"][0] == pytest.approx(stamp.max() / stamp.mean())
    assert found["width"][0] == pytest.approx(5, rel=0.02)
    assert measure_metrics(np.zeros((1, 64, 64)))["snr"][0] == np.inf
