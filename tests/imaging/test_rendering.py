import galsim
import numpy as np
import pytest
from scipy.special import erf

from galforge.imaging.border_noise import border_noise
from galforge.imaging.noise_padding import padding_variance
from galforge.imaging.rendering import Frame, corrected_scale, draw_observation, render_galaxy
from galforge.survey.observation import Observation, ObservationReader

CATALOG = "real_galaxy_catalog_26_extension_example.fits"


@pytest.fixture(scope="module")
def survey(cosmos_btk):
    return galsim.COSMOSCatalog(CATALOG, dir=str(cosmos_btk), exclusion_level="none")


@pytest.fixture(scope="module")
def observations(survey):
    return ObservationReader(survey.real_cat)


def drawn_by_galsim(survey, row, size, scale, pad_to, psf=None):
    """makeGalaxy as the paper uses it, with the same noise padding, convolved and drawn with GalSim alone."""
    catalog = survey.real_cat
    noise, native, variance = catalog.getNoiseProperties(row)
    image = catalog.getGalImage(row)
    observation = (image, catalog.getPSFImage(row), noise, native, padding_variance(image.array, variance))
    galaxy = galsim.RealGalaxy(observation, noise_pad_size=pad_to, rng=galsim.BaseDeviate(row + 1))
    observed = galsim.Convolve(galaxy, psf or galaxy.original_psf)
    return observed.drawImage(nx=size, ny=size, scale=scale).array


def test_corrected_scale_is_eq_1():
    assert corrected_scale(0.03, 92, 64) == pytest.approx(0.03 * 92 / 62)
    assert corrected_scale(0.03, 62, 64) == pytest.approx(0.03)


@pytest.mark.parametrize(
    "frame", [Frame(64), Frame(64, 0.03), Frame(128, 0.03), Frame(33, 0.1), Frame(64, psf_fwhm=0.3)]
)
def test_stamp_is_galsims_drawing_with_the_same_noise_padding(survey, observations, frame):
    for row in range(0, 100, 7):
        stamp = render_galaxy(observations, row, frame, seed=row + 1)
        assert stamp.status == "ok"
        scale = stamp.pixel_scale
        psf = galsim.Gaussian(fwhm=frame.psf_fwhm) if frame.psf_fwhm else None
        reference = drawn_by_galsim(survey, row, frame.size, scale, frame.size * scale, psf)
        assert np.abs(stamp.image - reference).max() < 1e-6 * reference.max(), row


def test_a_bright_galaxy_ends_where_galsim_ends_it():
    """Its modes fall below a thousandth of its flux before those of the PSF do."""
    psf = galsim.Gaussian(fwhm=0.1)
    image = galsim.Convolve(galsim.Gaussian(fwhm=0.4, flux=100), psf).drawImage(nx=150, ny=150, scale=0.03)
    psf_image = psf.drawImage(nx=40, ny=40, scale=0.03)
    galaxy = galsim.RealGalaxy(
        (image, psf_image, None, 0.03, 1e-8), noise_pad_size=64 * 0.03, rng=galsim.BaseDeviate(3)
    )
    assert galaxy.original_gal.maxk < 0.5 * galaxy.original_psf.maxk
    reference = galsim.Convolve(galaxy, galaxy.original_psf).drawImage(nx=64, ny=64, scale=0.03).array
    noise = galsim.UncorrelatedNoise(1.0, rng=galsim.BaseDeviate(0), scale=0.03)
    observation = Observation(image, galsim.InterpolatedImage(psf_image, flux=1.0), noise, 1e-8)
    stamp = draw_observation(observation, Frame(64, 0.03), seed=3)
    assert np.abs(stamp.image - reference).max() < 1e-6 * reference.max()


def test_the_scale_is_that_of_the_papers_loop(survey, observations):
    for row in (10, 40, 70):
        galaxy = survey.makeGalaxy(row, gal_type="real", noise_pad_size=0)
        observed = galsim.Convolve(galaxy, galaxy.original_psf)
        scale = 0.03 * observed.getGoodImageSize(0.03) / 62
        stamp = render_galaxy(observations, row, Frame(64), seed=1)
        assert stamp.pixel_scale == pytest.approx(scale)
        assert observed.drawImage(scale=scale).array.shape == (stamp.automatic_size,) * 2


def test_nothing_is_cropped_and_no_border_is_empty(survey, observations):
    """All light of a galaxy is in its frame, and the smallest stamps have noise to their edges."""
    for row in (0, 10, 15, 50, 95):
        stamp = render_galaxy(observations, row, Frame(64), seed=row + 1)
        observed = survey.real_cat.getGalImage(row).array
        assert stamp.status == "ok"
        assert stamp.automatic_size <= 64
        frame, data = 64 * stamp.pixel_scale, observed.shape[0] * 0.03
        assert frame >= data - stamp.pixel_scale
        catalog_noise = np.sqrt(survey.real_cat.variance[row])
        # Summing pixels of correlated noise raises it; the least of 28 regions lowers it.
        ratio = border_noise(stamp.image[None])[0] / catalog_noise
        assert 0.6 < ratio < 4, row


def test_one_galaxy_has_an_automatic_size_of_62_and_still_fills_its_stamp(observations):
    sizes = [render_galaxy(observations, row, Frame(64), seed=1).automatic_size for row in range(100)]
    assert sorted(set(sizes)) == [62, 64]
    assert sizes.count(62) == 1


def test_noise_depends_on_the_seed_and_on_nothing_else(observations):
    first, again, other = (render_galaxy(observations, 50, Frame(64), seed=seed).image for seed in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first[:8], other[:8])


def test_padding_follows_the_catalog_unless_the_edge_contradicts_it():
    edge = np.random.default_rng(1).normal(0, 2.0, (64, 64))
    assert padding_variance(edge, 4.4) == 4.4
    assert padding_variance(edge, 400.0) == pytest.approx(4.0, rel=0.15)
    galaxy_over_the_edge = edge + 50 * np.random.default_rng(2).random((64, 64))
    assert padding_variance(galaxy_over_the_edge, 4.4) == 4.4
    assert padding_variance(np.zeros((64, 64)), 4.4) == 4.4


def test_fixed_scale_keeps_size_and_flux_and_flags_what_does_not_fit(survey, observations):
    for row in (15, 50, 95):
        own = survey.real_cat.getGalImage(row).array
        stamp = render_galaxy(observations, row, Frame(128, 0.03), seed=1)
        assert stamp.pixel_scale == 0.03
        assert stamp.larger_than_frame == int(stamp.automatic_size > 128)
        # The same pixels, so the survey's stamp lies in the middle of the drawn one.
        side = min(128, *own.shape)
        middle = slice(64 - side // 2 + 2, 64 + side // 2 - 2)
        inner = slice(own.shape[0] // 2 - side // 2 + 2, own.shape[0] // 2 + side // 2 - 2)
        assert np.corrcoef(stamp.image[middle, middle].ravel(), own[inner, inner].ravel())[0, 1] > 0.9
    sizes = [survey.real_cat.getGalImage(row).array.shape[0] for row in range(100)]
    largest = int(np.argmax(sizes))
    fitted = render_galaxy(observations, largest, Frame(64), seed=1)
    cropped = render_galaxy(observations, largest, Frame(64, 0.03), seed=1)
    assert (fitted.larger_than_frame, cropped.larger_than_frame) == (0, 1)
    assert cropped.automatic_size > 150
    own = survey.real_cat.getGalImage(largest).array
    start = (own.shape[0] - 64) // 2
    inside = own[start : start + 64, start : start + 64].sum() / own.sum()
    assert inside < 0.9
    assert cropped.flux_fraction == pytest.approx(inside, abs=0.01)
    assert fitted.flux_fraction == pytest.approx(1, abs=0.01)


def made_observation(noise, offset=(0.0, 0.0), seed=5, flux=10.0):
    """A Gaussian galaxy, seen through a Gaussian PSF of 0.1" with white noise."""
    psf = galsim.Gaussian(fwhm=0.1)
    galaxy = galsim.Convolve(galsim.Gaussian(sigma=0.2, flux=flux), psf)
    image = galaxy.drawImage(nx=80, ny=80, scale=0.03, offset=offset, dtype=float)
    image.array[:] += np.random.default_rng(seed).normal(0, noise, (80, 80))
    return Observation(
        image,
        galsim.InterpolatedImage(psf.drawImage(nx=40, ny=40, scale=0.03), flux=1.0),
        galsim.UncorrelatedNoise(1.0, rng=galsim.BaseDeviate(0), scale=0.03),
        noise**2,
    )


def test_flux_fraction_of_a_known_profile():
    """A square of half-width h holds erf(h / s sqrt 2)^2 of a Gaussian of sigma s."""
    sigma = np.hypot(0.2, 0.1 / 2.3548)
    stamp = draw_observation(made_observation(1e-6), Frame(16, 0.03), seed=1)
    assert stamp.flux_fraction == pytest.approx(erf(8 * 0.03 / sigma / 2**0.5) ** 2, abs=2e-3)
    assert draw_observation(made_observation(1e-6), Frame(64), seed=1).flux_fraction == pytest.approx(
        1, abs=1e-3
    )


def test_flux_fraction_is_not_moved_by_noise_where_the_frame_holds_the_stamp():
    """At a noise whose sum over the frame is a third of the flux."""
    fractions = [
        draw_observation(made_observation(0.04, seed=seed), Frame(100, 0.03), seed=seed).flux_fraction
        for seed in range(5)
    ]
    assert fractions == pytest.approx(np.ones(5), abs=0.05)
    assert np.isnan(
        draw_observation(made_observation(0.02, flux=-5.0), Frame(64, 0.03), seed=1).flux_fraction
    )


@pytest.mark.parametrize("offset", [(0.0, 0.0), (3.0, 4.0), (-6.0, 0.5)])
def test_centroid_offset_is_that_of_the_galaxy(offset):
    observation = made_observation(0.002, offset)
    assert draw_observation(observation, Frame(64, 0.03), seed=1).centroid_offset == pytest.approx(
        np.hypot(*offset), abs=0.1
    )
    assert draw_observation(observation, Frame(32, 0.06), seed=1).centroid_offset == pytest.approx(
        np.hypot(*offset) / 2, abs=0.1
    )


def test_a_gaussian_psf_has_the_width_that_is_asked_for():
    stamp = draw_observation(made_observation(1e-6), Frame(96, 0.03, psf_fwhm=0.5), seed=1)
    expected = galsim.Convolve(galsim.Gaussian(sigma=0.2, flux=10), galsim.Gaussian(fwhm=0.5))
    reference = expected.drawImage(nx=96, ny=96, scale=0.03).array
    # The stamp of 80 px is cut at 6 sigma of the galaxy; its noise is far below.
    assert np.abs(stamp.image - reference).max() < 2e-3 * reference.max()


def test_psfs_and_noise_are_shared_and_files_are_closed(survey):
    reader = ObservationReader(survey.real_cat)
    first, again = reader.read(3), reader.read(3)
    assert first.psf is again.psf
    assert reader.read(4).psf is not first.psf
    assert reader.read(4).noise is first.noise
