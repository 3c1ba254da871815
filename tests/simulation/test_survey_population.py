import galsim
import numpy as np
import pytest
from astropy.io import fits
from scipy.stats import ks_2samp

from galforge.simulation.point_spread_function import draw_point_spread_function
from galforge.simulation.population import draw_galaxy, flux_of


@pytest.fixture(scope="module")
def galaxies():
    # The example catalogue ends at 22.5.
    return [draw_galaxy(5, number, 22.5, 0.1, 20) for number in range(2000)]


@pytest.fixture(scope="module")
def example(cosmos_example):
    stem = cosmos_example / "real_galaxy_catalog_23.5_example"
    return fits.getdata(f"{stem}.fits", 1), fits.getdata(f"{stem}_fits.fits", 1)


def test_marginals_are_those_of_the_real_catalogue(galaxies, example):
    catalog, fit = example
    composite = fit["use_bulgefit"] == 1
    bulges = [galaxy for galaxy in galaxies if galaxy.bulge]
    pairs = {
        "magnitude": (fit["mag_auto"], [galaxy.magnitude for galaxy in galaxies]),
        "half-light radius": (fit["hlr"][:, 0], [galaxy.sersic.half_light_radius for galaxy in galaxies]),
        "Sersic index": (fit["sersicfit"][:, 2], [galaxy.sersic.index for galaxy in galaxies]),
        "axis ratio": (fit["sersicfit"][:, 3], [galaxy.sersic.axis_ratio for galaxy in galaxies]),
        "redshift": (fit["zphot"], [galaxy.redshift for galaxy in galaxies]),
        "noise variance": (catalog["NOISE_VARIANCE"], [galaxy.noise_variance for galaxy in galaxies]),
        "bulge fraction": (
            fit["flux"][composite, 1] / fit["flux"][composite, 3],
            [galaxy.bulge.flux / galaxy.sersic.flux for galaxy in bulges],
        ),
        "bulge axis ratio": (fit["bulgefit"][composite, 11], [galaxy.bulge.axis_ratio for galaxy in bulges]),
        "flux": (catalog["stamp_flux"], [galaxy.sersic.flux for galaxy in galaxies]),
    }
    chances = {name: ks_2samp(real, drawn).pvalue for name, (real, drawn) in pairs.items()}
    assert min(chances.values()) > 0.02, chances
    assert len(bulges) / len(galaxies) == pytest.approx(composite.mean(), abs=0.1)


def test_relations_are_those_of_the_real_catalogue(galaxies, example):
    _, fit = example

    def size_magnitude(magnitude, size):
        line = np.polyfit(magnitude - 22.5, np.log10(size), 1)
        return *line, np.std(np.log10(size) - np.polyval(line, magnitude - 22.5))

    magnitude = np.array([galaxy.magnitude for galaxy in galaxies])
    size = np.array([galaxy.sersic.half_light_radius for galaxy in galaxies])
    drawn = size_magnitude(magnitude, size)
    real = size_magnitude(fit["mag_auto"], fit["hlr"][:, 0])
    assert drawn == pytest.approx(real, abs=0.04)
    redshift = np.array([galaxy.redshift for galaxy in galaxies])
    slope = np.polyfit(magnitude, np.log(redshift), 1)[0]
    assert slope == pytest.approx(np.polyfit(fit["mag_auto"], np.log(fit["zphot"]), 1)[0], abs=0.1)


def test_a_galaxy_depends_on_no_other():
    assert draw_galaxy(5, 17, 23.5, 0.1, 20) == draw_galaxy(5, 17, 23.5, 0.1, 20)
    assert draw_galaxy(5, 17, 23.5, 0.1, 20) != draw_galaxy(6, 17, 23.5, 0.1, 20)


def test_limits_and_fractions(galaxies):
    assert max(galaxy.magnitude for galaxy in galaxies) <= 22.5
    assert np.mean([galaxy.companion is not None for galaxy in galaxies]) == pytest.approx(0.1, abs=0.03)
    assert all(galaxy.size % 2 == 0 and 30 <= galaxy.size <= 300 for galaxy in galaxies)
    for galaxy in galaxies:
        assert galaxy.sersic.flux == pytest.approx(flux_of(galaxy.magnitude))
        if galaxy.bulge and galaxy.disc:
            assert galaxy.bulge.flux + galaxy.disc.flux == pytest.approx(galaxy.sersic.flux)
            for part in (galaxy.bulge, galaxy.disc):
                assert 0.15 - 1e-9 <= part.axis_ratio <= 1 + 1e-9


def test_no_galaxy_is_one_that_the_marginal_cut_takes_for_a_sky_error(galaxies):
    assert not [g for g in galaxies if g.sersic.index >= 5 and g.sersic.half_light_radius >= 1]


def moments(image):
    """Full width at half maximum, adaptive sigma (arcsec) and ellipticity of a PSF image."""
    picture = galsim.Image(np.asarray(image, dtype=float), scale=0.03)
    shape = galsim.hsm.FindAdaptiveMom(picture)
    width = galsim.InterpolatedImage(picture, flux=1.0).calculateFWHM()
    return width, shape.moments_sigma * 0.03, np.hypot(shape.observed_e1, shape.observed_e2)


def test_point_spread_functions_are_like_the_real_ones(cosmos_example):
    with fits.open(cosmos_example / "real_galaxy_PSF_images.fits") as units:
        real = np.array([moments(unit.data) for unit in units[:20]])
    drawn = np.array([moments(draw_point_spread_function(3, number)) for number in range(12)])
    assert drawn[:, 0].mean() == pytest.approx(real[:, 0].mean(), rel=0.08)
    assert drawn[:, 1].mean() == pytest.approx(real[:, 1].mean(), rel=0.03)
    assert np.median(drawn[:, 2]) == pytest.approx(np.median(real[:, 2]), abs=0.02)


def test_point_spread_function_is_centred_and_normalized():
    image = draw_point_spread_function(3, 0)
    assert image.sum() == pytest.approx(1.0)
    assert image.min() > 0
    assert np.unravel_index(image.argmax(), image.shape) == (19, 19)
    axis = np.arange(39) - 19
    assert abs((image.sum(axis=0) * axis).sum()) < 0.05
