"""PSF and noise on a stamp's pixels: the stamp is its light convolved with that PSF, with that noise."""

from dataclasses import replace

import galsim
import numpy as np
import pytest
from scipy.signal import fftconvolve

from galforge.imaging.catalog_noise import noise_amplification
from galforge.imaging.distinct_images import DistinctImages
from galforge.imaging.drawn_noise import LAGS, drawn_noise_covariance
from galforge.imaging.rendering import Frame, draw_observation
from galforge.imaging.stamp_conditions import ConditionsOfStamps
from galforge.imaging.stamp_psf import LIGHT_INSIDE, central, draw_stamp_psf, side_that_holds
from galforge.simulation.drawing import Simulation
from galforge.simulation.galaxy_image import draw_galaxy_image
from galforge.simulation.galaxy_light import draw_galaxy_light
from galforge.survey.observation import Observation

SIMULATION = Simulation(count=12, magnitude_limit=22.0, companion_fraction=0.5, psf_count=4, seed=11)
NATIVE = 0.03  # arcsec, of the survey
SIZE, SCALE = 48, 0.06
NO_NOISE = 1e-20


def cosmos_noise(seed=1):
    return galsim.getCOSMOSNoise(cosmos_scale=NATIVE, variance=1.0, rng=galsim.BaseDeviate(seed))


def observed(galaxy, psf_image):
    """Return the observation of a galaxy on an image that is larger than the stamp, with next to no noise."""
    galaxy = replace(galaxy, noise_variance=NO_NOISE, size=2 * SIZE + 60)
    image = draw_galaxy_image(SIMULATION.seed, galaxy, psf_image).pixels.astype(np.float64)
    psf = galsim.InterpolatedImage(galsim.Image(psf_image, scale=NATIVE), flux=1.0)
    return galaxy, Observation(galsim.Image(image, scale=NATIVE), psf, cosmos_noise(), NO_NOISE)


@pytest.fixture(scope="module")
def drawn():
    """Return galaxies without a cusp (index below 2.5) as light, stamp and observation."""
    bank, result = SIMULATION.point_spread_functions(), []
    for galaxy in SIMULATION.galaxies():
        if galaxy.sersic.index < 2.5:
            whole, observation = observed(galaxy, bank[galaxy.point_spread_function])
            stamp = draw_observation(observation, Frame(SIZE, SCALE), seed=1).image
            result.append((draw_galaxy_light(SIMULATION.seed, whole, SIZE, SCALE), stamp, observation))
    assert len(result) >= 5
    return result


def moments(image):
    found = galsim.hsm.FindAdaptiveMom(galsim.Image(np.asarray(image, dtype=np.float64)))
    return found.moments_sigma, found.observed_shape.e1, found.observed_shape.e2


def misfit(light, psf, stamp):
    """Return how far light * PSF is from a stamp: residuals over its peak, flux, size and shape."""
    inside = slice(12, -12)  # light from beyond the edges is missing in the convolution
    made = fftconvolve(light, psf, mode="same")[inside, inside]
    stamp = stamp[inside, inside]
    (sigma, *shape), (true_sigma, *true_shape) = moments(made), moments(stamp)
    residual = np.abs(made - stamp) / stamp.max()
    return {
        "median": np.median(residual),
        "largest": residual.max(),
        "flux": abs(made.sum() / stamp.sum() - 1),
        "size": abs(sigma / true_sigma - 1),
        "shape": np.abs(np.subtract(shape, true_shape)).max(),
    }


def worst(drawn, psf_of):
    every = [misfit(light, psf_of(observation), stamp) for light, stamp, observation in drawn]
    return {name: max(each[name] for each in every) for name in every[0]}


def normalized(psf, method, size=SIZE, scale=SCALE):
    image = psf.drawImage(nx=size - 1, ny=size - 1, scale=scale, method=method, dtype=np.float64).array
    return image / image.sum()


def test_stamp_is_its_light_convolved_with_the_stored_psf(drawn):
    """Pixels of 0.06 arcsec do not quite resolve ACS: knots and cores are off by per cents of the peak."""
    conditions = ConditionsOfStamps(SIZE, SCALE, None)
    found = worst(drawn, lambda observation: conditions.of(observation).psf)
    assert found["median"] < 5e-4
    assert found["largest"] < 0.06
    assert found["flux"] < 1e-3
    assert found["size"] < 5e-3
    assert found["shape"] < 6e-3


def test_another_psf_would_be_seen(drawn):
    """What the test above must tell apart: the pixel counted twice, a PSF turned, moved or replaced."""
    twice = worst(drawn, lambda observation: normalized(observation.psf, "auto"))
    assert twice["median"] > 1e-3
    assert twice["size"] > 0.01
    turned = worst(drawn, lambda observation: normalized(observation.psf, "no_pixel").T[:, ::-1])
    assert turned["median"] > 1e-3
    moved = worst(drawn, lambda observation: np.roll(normalized(observation.psf, "no_pixel"), 1, axis=0))
    assert moved["flux"] > 0.01
    gaussian = worst(drawn, lambda _: normalized(galsim.Gaussian(fwhm=0.13), "no_pixel"))
    assert gaussian["size"] > 0.05


def test_finer_pixels_resolve_what_is_left(drawn):
    """At the survey's own scale the light of cores and knots is convolved as it was drawn."""
    galaxy = SIMULATION.galaxies()[1]
    whole, observation = observed(galaxy, SIMULATION.point_spread_functions()[galaxy.point_spread_function])
    misfits = []
    for scale in (SCALE, SCALE / 2):
        stamp = draw_observation(observation, Frame(2 * SIZE, scale), seed=1).image
        light = draw_galaxy_light(SIMULATION.seed, whole, 2 * SIZE, scale)
        misfits.append(misfit(light, draw_stamp_psf(observation.psf, 2 * SIZE, scale), stamp))
    assert misfits[1]["largest"] < misfits[0]["largest"] / 3


def test_psf_is_centred_of_sum_one_and_of_odd_side():
    gaussian = galsim.Gaussian(fwhm=0.3)
    for size, side in ((32, 31), (33, 33)):
        psf = draw_stamp_psf(gaussian, size, SCALE)
        assert psf.shape == (side, side)
        assert psf.sum() == pytest.approx(1.0)
        assert np.unravel_index(psf.argmax(), psf.shape) == (side // 2, side // 2)
        assert psf == pytest.approx(psf[::-1, ::-1], abs=1e-7)
    held = side_that_holds(psf)
    # Of a Gaussian, a circle of 3.72 sigma holds 99.9 per cent.
    assert held * SCALE / 2 == pytest.approx(3.5 * gaussian.sigma, rel=0.15)
    assert central(psf, held).sum() >= LIGHT_INSIDE > central(psf, held - 2).sum()
    assert central(psf, held).argmax() == held**2 // 2


def drawn_noise(scale, psf, own, fields=16):
    """Return the variance and correlations of noise that GalSim draws on a stamp's pixels."""
    noise, products = cosmos_noise(), []
    for seed in range(1, fields + 1):
        noise.rng.seed(seed)
        field = galsim.Image(300, 300, scale=NATIVE, dtype=float)
        noise.applyTo(field)
        profile = galsim.InterpolatedImage(
            field, pad_factor=1, calculate_stepk=False, calculate_maxk=own.maxk
        )
        if psf is not None:
            profile = galsim.Convolve(profile, galsim.Deconvolve(own), psf)
        side = int(220 * NATIVE / scale)
        image = profile.drawImage(nx=side, ny=side, scale=scale, dtype=np.float64).array
        lags = [(0, 0), (0, 1), (1, 0), (1, 1), (0, 2)]
        products.append([(image[: side - y, : side - x] * image[y:, x:]).mean() for y, x in lags])
    mean = np.mean(products, axis=0)
    return mean[0], mean[1:] / mean[0]


@pytest.mark.parametrize(("scale", "fwhm"), [(0.03, None), (0.06, None), (0.045, None), (0.06, 0.2)], ids=str)
def test_noise_is_that_which_galsim_draws(scale, fwhm):
    own = galsim.InterpolatedImage(
        galsim.Image(SIMULATION.point_spread_functions()[0], scale=NATIVE), flux=1.0
    )
    observation = Observation(galsim.Image(64, 64, scale=NATIVE), own, cosmos_noise(), 1.0)
    psf = None if fwhm is None else galsim.Gaussian(fwhm=fwhm)
    covariance = drawn_noise_covariance(observation, scale, psf)
    variance, correlations = drawn_noise(scale, psf, own)
    middle = covariance[LAGS, LAGS]
    assert covariance == pytest.approx(covariance[::-1, ::-1])
    assert middle == pytest.approx(variance, rel=0.05)
    lags = [covariance[LAGS + y, LAGS + x] / middle for y, x in ((0, 1), (1, 0), (1, 1), (0, 2))]
    assert lags == pytest.approx(correlations, abs=0.03)
    if psf is None:
        amplification = noise_amplification(np.array([scale / NATIVE]))[0]
        assert middle**0.5 == pytest.approx(amplification, rel=0.05)
        assert middle**0.5 < amplification
    else:
        assert middle**0.5 < noise_amplification(np.array([scale / NATIVE]))[0] / 2, "smoothed further"


@pytest.mark.parametrize(
    ("own", "fwhm", "flux"),
    [(30, None, 300), (30, 0.2, 300), (40, None, 300), (460, None, 3e4), (100, None, 3e6), (100, 0.2, 3e6)],
    ids=str,
)
def test_noise_has_one_level_up_to_the_edges(own, fwhm, flux):
    """Survey stamps may be far smaller than the frame or far larger, and galaxies may outshine the noise."""
    psf = galsim.InterpolatedImage(
        galsim.Image(SIMULATION.point_spread_functions()[0], scale=NATIVE), flux=1.0
    )
    noise, frame, images = cosmos_noise(), Frame(64, SCALE, fwhm, even_noise=True), []
    for seed in range(1, 41):
        image = galsim.Image(own, own, scale=NATIVE, dtype=float)
        noise.rng.reset(seed)
        image.addNoise(noise)
        galaxy = galsim.Gaussian(sigma=0.1, flux=flux).drawImage(nx=own, ny=own, scale=NATIVE, dtype=float)
        observation = Observation(image + galaxy, psf, noise, 1.0)
        images.append(draw_observation(observation, frame, seed + 1000).image)
    expected = ConditionsOfStamps(64, SCALE, fwhm).of(observation).standard_deviation
    every, seen = np.array(images), np.zeros((64, 64), dtype=bool)
    for width in (2, 5, 14):  # rings along the edge, of which the outermost two pixels are the hardest
        ring = ~seen & (np.pad(np.zeros((64 - 2 * width,) * 2), width, constant_values=1) > 0)
        seen |= ring
        assert every[:, ring].std() == pytest.approx(expected, rel=0.03), width


def test_conditions_are_those_of_each_observation():
    """What is kept of one galaxy is not taken for another's."""
    bank, noise = SIMULATION.point_spread_functions(), cosmos_noise()
    for fwhm in (None, 0.25):
        conditions = ConditionsOfStamps(SIZE, SCALE, fwhm)
        found = []
        for number in (0, 1, 0):
            psf = galsim.InterpolatedImage(galsim.Image(bank[number], scale=NATIVE), flux=1.0)
            image = galsim.Image(64, 64, scale=NATIVE)
            found.append(conditions.of(Observation(image, psf, noise, 4.0 + number)))
        first, second, again = found
        assert np.array_equal(first.psf, again.psf)
        assert np.array_equal(first.psf, second.psf) == (fwhm is not None)
        assert np.array_equal(first.covariance, again.covariance)
        assert np.array_equal(first.covariance, second.covariance) == (fwhm is None)
        assert first.standard_deviation == pytest.approx(2 * first.covariance[LAGS, LAGS] ** 0.5)


def test_equal_images_are_kept_once_in_the_order_in_which_they_came():
    images = DistinctImages(3, np.float32)
    first, second = np.zeros((3, 3)), np.ones((3, 3))
    assert [images.number(image) for image in (second, first, second + 1e-12, second + 1e-3)] == [0, 1, 0, 2]
    assert images.array().shape == (3, 3, 3)
    assert DistinctImages(3, np.float32).array().shape == (0, 3, 3)
