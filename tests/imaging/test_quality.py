import galsim
import numpy as np
import pytest
from astropy.modeling import fitting, models

from galforge.imaging.border_noise import border_noise, edge_noise
from galforge.imaging.catalog_noise import noise_amplification
from galforge.imaging.gaussian_width import gaussian_width
from galforge.imaging.quality import measure_quality, non_uniformity
from galforge.imaging.reduced_maximum import reduced_maximum


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


def test_the_corners_alone_are_those_of_the_published_code():
    image = np.random.default_rng(1).normal(0, 1, (64, 64))
    image[:8, 24:32] *= 0.1  # a quiet region that is no corner
    corners = [image[y, x].std() for y in (slice(8), slice(-8, None)) for x in (slice(8), slice(-8, None))]
    image[30:34, 30:34] += 50
    assert border_noise(image[None], corners_alone=True)[0] == pytest.approx(min(corners))
    quality = measure_quality(image[None])
    signal = reduced_maximum(image[None])
    assert quality["corner_snr"] == pytest.approx(signal / min(corners))
    assert quality["snr"] > 5 * quality["corner_snr"]


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


def fitted_width(image, sigma_major, sigma_minor, theta):
    """Return sigma along the major axis of astropy's least-squares Gaussian without background."""
    y, x = np.mgrid[: image.shape[0], : image.shape[1]]
    middle = (image.shape[0] - 1) / 2
    start = models.Gaussian2D(image.max(), middle, middle, sigma_major, sigma_minor, theta=theta)
    fit = fitting.TRFLSQFitter()(start, x, y, image)
    return max(abs(fit.x_stddev.value), abs(fit.y_stddev.value))


@pytest.mark.parametrize("angle", [45, -45])
def test_width_of_a_diagonal_edge_on_disc(angle):
    """Its light reaches two corners; the fit sees only what is on the stamp, as astropy's does."""
    disc = galsim.InclinedExponential(84 * galsim.degrees, scale_radius=9, scale_h_over_r=0.08)
    disc = galsim.Convolve(disc.rotate(angle * galsim.degrees), galsim.Gaussian(sigma=1.2))
    image = disc.drawImage(nx=64, ny=64, scale=1.0).array.astype(np.float64)
    image += np.random.default_rng(9).normal(0, 0.005 * image.max(), image.shape)
    width, status = gaussian_width(image)
    assert status == "ok"
    assert width == pytest.approx(fitted_width(image, 8, 2, np.radians(angle)), rel=1e-3)
    # The long axis, not its projection on the rows: turned to the horizontal it is as long.
    turned = galsim.Convolve(
        galsim.InclinedExponential(84 * galsim.degrees, scale_radius=9, scale_h_over_r=0.08),
        galsim.Gaussian(sigma=1.2),
    ).drawImage(nx=64, ny=64, scale=1.0).array  # fmt: skip
    assert width == pytest.approx(gaussian_width(turned)[0], rel=0.02)


def test_a_bright_companion_on_the_border_changes_neither_noise_nor_width():
    random = np.random.default_rng(10)
    alone = 100 * gaussian_stamp(5, 0.6, 20) + random.normal(0, 0.02, (64, 64))
    companion = galsim.Gaussian(sigma=2, flux=300).shift(29, -20)
    beside = alone + companion.drawImage(nx=64, ny=64, scale=1.0, method="no_pixel").array
    before, after = (measure_quality(stamp[None]) for stamp in (alone, beside))
    assert beside.max() > 5 * alone.max()
    assert after["border_noise"][0] == pytest.approx(before["border_noise"][0], rel=0.15)
    assert after["width"][0] == pytest.approx(before["width"][0], rel=1e-2)
    # Eq. 2 takes the maximum wherever it is: the companion's, by hand.
    signal = beside.reshape(16, 4, 16, 4).mean(axis=(1, 3)).max()
    assert after["snr"][0] == pytest.approx(signal / after["border_noise"][0])
    assert after["non_uniformity"][0] == pytest.approx(beside.max() / beside.mean())


def test_edge_noise_is_unbiased_and_hardly_sees_a_galaxy():
    random = np.random.default_rng(11)
    noise = random.normal(5, 0.3, (50, 64, 64))
    assert np.mean([edge_noise(image) for image in noise]) == pytest.approx(0.3, rel=0.01)
    noise[:, 20:28, :3] += 100
    assert np.mean([edge_noise(image) for image in noise]) == pytest.approx(0.3, rel=0.05)


def cosmos_noise(size, seed):
    field = galsim.Image(size, size, scale=0.03)
    field.addNoise(galsim.getCOSMOSNoise(rng=galsim.BaseDeviate(seed), cosmos_scale=0.03, variance=4.0))
    return field


def test_noise_amplification_is_that_of_drawn_noise():
    """Against pure COSMOS noise, drawn by GalSim at other pixel scales as galaxies are."""
    fields = [cosmos_noise(160, seed) for seed in (3, 4, 5)]
    images = [galsim.InterpolatedImage(field, calculate_stepk=False) for field in fields]
    native = np.mean([field.array.std() for field in fields])
    for scale in (0.02, 0.03, 0.06):
        side = int(3 / scale)
        drawn = np.mean([image.drawImage(nx=side, ny=side, scale=scale).array.std() for image in images])
        expected = noise_amplification(np.array([scale / 0.03]))[0]
        assert drawn / native == pytest.approx(expected, rel=0.06), scale
    assert np.isnan(noise_amplification(np.array([np.nan])))[0]


def test_noise_amplification_of_large_pixels_is_that_of_sums_over_blocks():
    field = cosmos_noise(800, 6).array
    blocks = field.reshape(100, 8, 100, 8).sum(axis=(1, 3))
    expected = noise_amplification(np.array([8.0]))[0]
    assert blocks.std() / field.std() == pytest.approx(expected, rel=0.04)
    assert expected > 1.8 * 8, "white noise would go with the side of a pixel"


def test_width_of_what_is_no_galaxy_is_flagged():
    assert gaussian_width(np.full((64, 64), np.nan)) == (pytest.approx(np.nan, nan_ok=True), "not finite")
    width, status = gaussian_width(np.zeros((64, 64)))
    assert np.isnan(width)
    assert status not in ("", "ok")


def test_measure_quality_is_eq_2():
    stamp = 100 * gaussian_stamp(5, 0.6, 20) + np.random.default_rng(8).normal(0, 0.02, (64, 64))
    found = measure_quality(stamp[None])
    signal = stamp.reshape(16, 4, 16, 4).mean(axis=(1, 3)).max()
    assert found["snr"][0] == pytest.approx(signal / border_noise(stamp[None])[0])
    assert found["non_uniformity"][0] == pytest.approx(stamp.max() / stamp.mean())
    assert found["width"][0] == pytest.approx(5, rel=0.02)
    assert measure_quality(np.zeros((1, 64, 64)))["snr"][0] == np.inf
