"""The fast statmorph against statmorph, its parts against photutils and scikit-image: equal bit by bit."""

import warnings

import galsim
import numpy as np
import pytest
import skimage.transform
import statmorph
from photutils.aperture import CircularAnnulus, CircularAperture, EllipticalAnnulus, EllipticalAperture
from statmorph.tests.test_statmorph import TestSourceMorphology as StatmorphReference

from galforge.evaluation.aperture_weights import circle, circular_annulus, ellipse, elliptical_annulus
from galforge.evaluation.fast_statmorph import FastSourceMorphology, half_turn, half_turn_of_mask
from galforge.evaluation.morphology import PARAMETERS, segment, stamp_noise, subtract_background
from galforge.evaluation.segmentation import Segmentation

StatmorphReference.__test__ = False  # its image is used here

SETTINGS = Segmentation(threshold=1.5, connected_pixels=5, smoothing=10, noise_floor=0.005, skybox_size=16)


def outcome(kind, image, source, **arguments):
    """Return every parameter and flag of a source and all warnings, or the error that was raised."""
    with warnings.catch_warnings(record=True) as raised:
        warnings.simplefilter("always")
        try:
            measured = kind(image, source.astype(np.int64), 1, **arguments)
        except Exception as error:
            return repr(error)
    values = {name: float(measured[name]) for name in (*PARAMETERS, "flag", "flag_sersic")}
    return values, [str(warning.message) for warning in raised]


def compare(image, source, **arguments):
    expected = outcome(statmorph.SourceMorphology, image, source, **arguments)
    actual = outcome(FastSourceMorphology, image, source, **arguments)
    np.testing.assert_equal(actual, expected)  # NaN equals NaN
    return expected


def measure_both(stamp):
    """Insist that both measure the same of a stamp, prepared as the judge prepares it; return what it is."""
    image = subtract_background(stamp)
    noise = stamp_noise(image, SETTINGS)
    source = segment(image, noise, SETTINGS)
    assert source is not None
    return compare(
        image,
        source,
        weightmap=np.full_like(image, noise),
        min_cutout_size=2 * max(image.shape),
        skybox_size=16,
        sersic_model_args={"bounds": {"n": (0.01, 10.0)}},
    )


def galaxies(count, seed):
    """Yield stamps of two components, off centre and with noise; every third has a companion."""
    rng = np.random.default_rng(seed)
    for number in range(count):
        disc = galsim.Exponential(half_light_radius=rng.uniform(3, 9), flux=2000)
        disc = disc.shear(g1=rng.uniform(-0.5, 0.5), g2=rng.uniform(-0.5, 0.5))
        profile = disc + galsim.Sersic(rng.uniform(1, 4), half_light_radius=3, flux=800)
        if number % 3 == 0:
            profile += galsim.Gaussian(sigma=2, flux=500).shift(*rng.uniform(-15, 15, 2))
        stamp = profile.shift(*rng.uniform(-2, 2, 2)).drawImage(nx=64, ny=64, scale=1.0).array
        yield stamp + rng.uniform(0.3, 2) * rng.standard_normal(stamp.shape)


@pytest.mark.parametrize("seed", range(3))
def test_simulated_galaxies_are_measured_alike(seed):
    for stamp in galaxies(4, seed):
        values, _ = measure_both(stamp)
        assert values["flag"] < 4


def test_real_galaxies_are_measured_alike(cosmos_btk):
    from astropy.io import fits

    with fits.open(next(cosmos_btk.rglob("*_galaxy_images*.fits"))) as file:
        images = [hdu.data for hdu in file if hdu.data is not None and hdu.data.ndim == 2][:60:10]
    assert len(images) >= 3
    for image in images:
        measure_both(image.astype(np.float64))


def test_statmorphs_own_image_is_measured_alike():
    case = StatmorphReference()
    case.setup_class()
    values, _ = compare(case.image, case.segmap, mask=case.mask, gain=case.gain)
    assert values["asymmetry"] == pytest.approx(case.correct_values["asymmetry"])


@pytest.mark.parametrize("masked", ["a few pixels", "a part of the centre", "a bad pixel"])
def test_masked_sources_are_measured_alike(masked):
    stamp = next(galaxies(1, 7))
    mask = np.zeros(stamp.shape, dtype=bool)
    if masked == "a few pixels":
        mask[np.random.default_rng(1).random(mask.shape) < 0.02] = True
    elif masked == "a part of the centre":
        mask[30:33, 28:40] = True
    else:
        stamp[20, 40] = 1e4
    source = segment(stamp, 1.0, SETTINGS)
    compare(stamp, source, mask=mask, weightmap=np.ones_like(stamp), skybox_size=16)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_source_of_noise_fails_alike(sign):
    # Positive noise ends in warnings and flags, a negative source in an empty measurement.
    image = np.random.default_rng(3).standard_normal((40, 40))
    source = np.zeros(image.shape, dtype=bool)
    source[15:25, 15:25] = True
    image[source] += 0.5 * sign
    values, told = compare(image, source, weightmap=np.ones_like(image), skybox_size=8)
    assert values["flag"] >= 1
    assert told


def shapes(seed):
    """Yield images with a random aperture that lies wholly, partly or hardly on them."""
    rng = np.random.default_rng(seed)
    for _ in range(100):
        height, width = rng.integers(8, 40, 2)
        center = rng.uniform(-3, 40, 2)
        yield (
            rng.standard_normal((height, width)),
            rng.random((height, width)) < 0.1,
            tuple(center),
            *rng.uniform(1, 20, 2),
            rng.uniform(-4, 4),
        )


def test_weights_are_those_of_photutils():
    compared = 0
    for image, mask, center, first, second, theta in shapes(5):
        small, large = sorted((first, second))
        pairs = [
            (CircularAperture(center, large), circle(image.shape, center, large)),
            (CircularAnnulus(center, small, large), circular_annulus(image.shape, center, small, large)),
            (
                EllipticalAperture(center, large, small, theta=theta),
                ellipse(image.shape, center, large, small, theta),
            ),
            (
                EllipticalAnnulus(center, small, large, small, theta=theta),
                elliptical_annulus(image.shape, center, small, large, small, theta),
            ),
        ]  # fmt: skip
        for theirs, ours in pairs:
            expected = theirs.do_photometry(image, method="exact")[0][0]
            if ours is None:
                assert np.isnan(expected)
                continue
            compared += 1
            assert ours.sums(image) == [expected]
            assert ours.area() == theirs.area_overlap(image)
            assert ours.area(mask) == theirs.area_overlap(image, mask=mask)
    assert compared > 200


def test_half_a_turn_is_that_of_scikit_image():
    for image, mask, (x, y), *_ in shapes(6):
        for each in (image, image + 9):  # 0 within the values of the image, and below them
            expected = skimage.transform.rotate(each, 180.0, center=(x, y))
            np.testing.assert_array_equal(half_turn(each, x, y), expected)
        expected = skimage.transform.rotate(mask, 180.0, center=(x, y)) >= 0.5
        np.testing.assert_array_equal(half_turn_of_mask(mask, x, y), expected)
