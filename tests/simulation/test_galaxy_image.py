from dataclasses import replace

import galsim
import numpy as np
import pytest

from galforge.simulation.galaxy import Companion, Galaxy, Structure
from galforge.simulation.galaxy_image import draw_galaxy_image, draw_structure
from galforge.simulation.point_spread_function import draw_point_spread_function
from galforge.simulation.sersic import Sersic

SMOOTH = Structure(2, 0.0, 1.0, 0.0, 0.4, 0, 0.0)
SPIRAL = Structure(2, 0.8, 1.5, 0.3, 0.4, 0, 0.0)


def galaxy(**changes):
    plain = Galaxy(
        number=0,
        magnitude=21.0,
        redshift=0.5,
        right_ascension=150.0,
        declination=2.0,
        sersic=Sersic(100.0, 0.4, 1.0, 0.6, 0.5),
        bulge=None,
        disc=None,
        structure=SMOOTH,
        companion=None,
        noise_variance=1e-12,
        point_spread_function=0,
        center=(0.3, -0.2),
        size=160,
    )
    return replace(plain, **changes)


@pytest.fixture(scope="module")
def psf():
    return draw_point_spread_function(1, 0)


def test_smooth_galaxy_has_its_flux_place_and_half_light_radius(psf):
    image = draw_galaxy_image(1, galaxy(), psf)
    pixels = image.pixels.astype(float)
    assert image.pixels.dtype == np.float32
    assert pixels.sum() == pytest.approx(100.0, rel=2e-3)
    axis = np.arange(160) - 79.5
    assert (pixels.sum(axis=0) * axis).sum() / 100 == pytest.approx(0.3, abs=0.06)
    assert (pixels.sum(axis=1) * axis).sum() / 100 == pytest.approx(-0.2, abs=0.06)
    expected = galsim.Convolve(
        galsim.Exponential(half_light_radius=0.4).shear(q=0.6, beta=0.5 * galsim.radians),
        galsim.InterpolatedImage(galsim.Image(psf, scale=0.03), flux=1.0),
    )
    assert image.flux_radius * 0.03 == pytest.approx(expected.calculateHLR(size=320, scale=0.015), abs=0.03)


def test_bulge_and_disc_add_up(psf):
    bulge, disc = Sersic(30.0, 0.1, 4.0, 0.8, 0.5), Sersic(70.0, 0.4, 1.0, 0.5, 0.5)
    both = draw_galaxy_image(1, galaxy(bulge=bulge, disc=disc), psf).pixels
    parts = [draw_galaxy_image(1, galaxy(sersic=part), psf).pixels for part in (bulge, disc)]
    np.testing.assert_allclose(both, parts[0] + parts[1], atol=1e-4)


def test_arms_leave_the_flux_and_the_mean_profile():
    disc = Sersic(100.0, 0.6, 1.0, 1.0, 0.0)
    arms = draw_structure(SPIRAL, disc, 201, (0.0, 0.0), np.random.default_rng(0))
    assert np.abs(arms).sum() > 20
    assert abs(arms.sum()) < 0.3
    axis = np.arange(201) - 100
    distance = np.hypot(axis[None, :], axis[:, None])
    for radius in (10, 20, 35):
        ring = np.abs(distance - radius) < 1.5
        assert abs(arms[ring].mean()) < 0.03 * np.abs(arms[ring]).mean()


def test_arms_have_their_number_and_pitch():
    disc = Sersic(100.0, 1.0, 1.0, 1.0, 0.0)
    arms = draw_structure(SPIRAL, disc, 201, (0.0, 0.0), np.random.default_rng(0))
    azimuth = np.linspace(0, 2 * np.pi, 256, endpoint=False)

    def second_mode(radius):
        rows = np.rint(100 + radius * np.sin(azimuth)).astype(int)
        columns = np.rint(100 + radius * np.cos(azimuth)).astype(int)
        modes = np.fft.rfft(arms[rows, columns])
        assert np.abs(modes[:8]).argmax() == 2
        return np.angle(modes[2])

    # m times the winding ln(r2 / r1) / tan(pitch), of the sign of a Fourier phase.
    turned = np.angle(np.exp(1j * (second_mode(45) - second_mode(40))))
    assert -turned == pytest.approx(2 * np.log(45 / 40) / np.tan(0.4), abs=0.1)


def test_knots_keep_the_flux_of_the_disc(psf):
    knotted = Structure(2, 0.0, 1.0, 0.0, 0.4, 40, 0.3)
    clumpy = draw_galaxy_image(1, galaxy(structure=knotted), psf).pixels.astype(float)
    smooth = draw_galaxy_image(1, galaxy(), psf).pixels.astype(float)
    assert clumpy.sum() == pytest.approx(smooth.sum(), rel=5e-3)
    assert np.abs(clumpy - smooth).sum() > 10


def test_companion_is_where_it_should_be(psf):
    neighbour = Companion(Sersic(5.0, 0.1, 1.0, 1.0, 0.0), (40.0, -30.0))
    alone, pair = draw_galaxy_image(1, galaxy(), psf), draw_galaxy_image(1, galaxy(companion=neighbour), psf)
    added = (pair.pixels - alone.pixels).astype(float)
    assert added.sum() == pytest.approx(5.0, rel=0.01)
    row, column = np.unravel_index(added.argmax(), added.shape)
    assert (row, column) == (pytest.approx(79.5 - 30.2, abs=1), pytest.approx(79.5 + 40.3, abs=1))
    # What is measured is the galaxy's alone.
    assert pair.flux_radius == alone.flux_radius


def test_noise_has_its_variance_and_the_cosmos_correlation(psf):
    faint = galaxy(sersic=Sersic(1e-3, 0.1, 1.0, 1.0, 0.0), noise_variance=8e-6, size=300)
    pixels = draw_galaxy_image(1, faint, psf).pixels.astype(float)
    assert pixels.var() == pytest.approx(8e-6, rel=0.05)
    neighbours = (pixels[:, 1:] * pixels[:, :-1]).mean() / pixels.var()
    # The correlation function of the real noise, one pixel along x.
    correlation = galsim.getCOSMOSNoise(variance=8e-6)._profile.xValue(0.03, 0.0) / 8e-6
    assert neighbours == pytest.approx(correlation, abs=0.05)


def test_signal_to_noise_of_a_gaussian(psf):
    # flux / sqrt(4 pi sigma^2 variance) for a Gaussian (n = 1/2); the PSF has wings that are not Gaussian.
    blob = galaxy(sersic=Sersic(10.0, 0.6, 0.5, 1.0, 0.0), noise_variance=1e-5, size=300)
    sigma = np.hypot(0.6 / np.sqrt(2 * np.log(2)), 0.0531) / 0.03
    expected = 10.0 / np.sqrt(4 * np.pi * sigma**2 * 1e-5)
    assert draw_galaxy_image(1, blob, psf).signal_to_noise == pytest.approx(expected, rel=0.02)
