import galsim
import numpy as np
import pytest

from workflow_scripts.imaging.border_noise import border_noise
from workflow_scripts.imaging.rendering import corrected_scale, padding_variance, render_galaxy

CATALOG = "real_galaxy_catalog_26_extension_example.fits"


@pytest.fixture(scope="module")
def survey(cosmos_btk):
    return galsim.COSMOSCatalog(CATALOG, dir=str(cosmos_btk), exclusion_level="none")


def test_corrected_scale_is_eq_1():
    assert corrected_scale(0.03, 92, 64) == pytest.approx(0.03 * 92 / 62)
    assert corrected_scale(0.03, 62, 64) == pytest.approx(0.03)


def test_stamp_is_the_papers_drawing_where_the_survey_has_data(survey):
    """Against makeGalaxy, convolved with the original PSF and drawn at Eq. 1's scale with no size."""
    row = 40  # 190 px: the frame is nearly all data
    stamp = render_galaxy(survey, row, 64, seed=1)
    galaxy = survey.makeGalaxy(row, gal_type="real", noise_pad_size=0)
    observed = galsim.Convolve(galaxy, galaxy.original_psf)
    scale = 0.03 * observed.getGoodImageSize(0.03) / 62
    reference = observed.drawImage(scale=scale).array
    assert stamp.status == "ok"
    assert stamp.pixel_scale == pytest.approx(scale)
    assert reference.shape == stamp.image.shape == (64, 64)
    inside = (slice(8, -8), slice(8, -8))
    assert stamp.image[inside] == pytest.approx(reference[inside], abs=1e-3 * float(reference.max()))


def test_nothing_is_cropped_and_no_border_is_empty(survey):
    """All light of a galaxy is in its frame, and the smallest stamps have noise to their edges."""
    for row in (0, 10, 15, 50, 95):
        stamp = render_galaxy(survey, row, 64, seed=row + 1)
        observed = survey.real_cat.getGalImage(row).array
        assert stamp.status == "ok"
        assert stamp.automatic_size <= 64
        frame, data = 64 * stamp.pixel_scale, observed.shape[0] * 0.03
        assert frame >= data - stamp.pixel_scale
        catalog_noise = np.sqrt(survey.real_cat.variance[row])
        # Summing pixels of correlated noise raises it; the least of 28 regions lowers it.
        ratio = border_noise(stamp.image[None])[0] / catalog_noise
        assert 0.6 < ratio < 4, row


def test_one_galaxy_has_an_automatic_size_of_62_and_still_fills_its_stamp(survey):
    sizes = [render_galaxy(survey, row, 64, seed=1).automatic_size for row in range(100)]
    assert sorted(set(sizes)) == [62, 64]
    assert sizes.count(62) == 1


def test_noise_depends_on_the_seed_and_on_nothing_else(survey):
    first, again, other = (render_galaxy(survey, 50, 64, seed=seed).image for seed in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first[:8], other[:8])


def test_padding_follows_the_catalog_unless_the_edge_contradicts_it():
    edge = np.random.default_rng(1).normal(0, 2.0, (64, 64))
    assert padding_variance(edge, 4.4) == 4.4
    assert padding_variance(edge, 400.0) == pytest.approx(4.0, rel=0.15)
    galaxy_over_the_edge = edge + 50 * np.random.default_rng(2).random((64, 64))
    assert padding_variance(galaxy_over_the_edge, 4.4) == 4.4
    assert padding_variance(np.zeros((64, 64)), 4.4) == 4.4


class _Broken:
    """A survey whose one galaxy cannot be drawn, in a way of the caller's choice."""

    def __init__(self, image=None, error=None):
        self.real_cat, self.image, self.error = self, image, error

    def getGalImage(self, row):  # noqa: N802 (GalSim's name)
        if self.error:
            raise self.error
        return galsim.Image(self.image, scale=0.03)

    def getPSFImage(self, row):  # noqa: N802
        return galsim.Gaussian(fwhm=0.1).drawImage(nx=32, ny=32, scale=0.03)

    def getNoiseProperties(self, row):  # noqa: N802
        return None, 0.03, 1e-6


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (_Broken(image=np.full((40, 40), np.nan)), "not finite"),
        (_Broken(error=OSError("No SIMPLE card found")), "No SIMPLE card found"),
        (_Broken(error=IndexError("Extension 3 not found.")), "Extension 3 not found"),
        (_Broken(image=np.zeros((40, 40))), "GalSim"),
    ],
)
def test_a_bad_galaxy_is_a_status_not_a_crash(broken, reason):
    stamp = render_galaxy(broken, 0, 64, seed=1)
    assert reason in stamp.status
    assert "\n" not in stamp.status
    assert not stamp.image.any()
