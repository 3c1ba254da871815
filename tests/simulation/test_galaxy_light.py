"""Light without PSF and noise, against GalSim and closed forms."""

from dataclasses import replace

import galsim
import numpy as np
import pytest
from scipy.special import erf

from galforge.simulation.drawing import Simulation
from galforge.simulation.galaxy_light import draw_galaxy_light
from galforge.simulation.pixel_light import pixel_light
from galforge.simulation.resampling import resampled
from galforge.simulation.sersic import Sersic, flux_inside

SIMULATION = Simulation(count=18, magnitude_limit=23.0, companion_fraction=0.5, psf_count=2, seed=5)


@pytest.mark.parametrize(
    ("index", "radius", "axis_ratio"), [(1.0, 0.3, 0.4), (0.5, 0.2, 0.2), (2.0, 0.3, 0.7)]
)
def test_pixels_hold_the_light_that_galsim_gives_them(index, radius, axis_ratio):
    profile = Sersic(10.0, radius, index, axis_ratio, 0.4)
    light = pixel_light(profile, 40, 0.06, (0.012, -0.05))
    exact = galsim.GSParams(folding_threshold=1e-3, maxk_threshold=2e-4)
    reference = galsim.Sersic(index, half_light_radius=radius, flux=10.0, gsparams=exact)
    reference = reference.shear(q=axis_ratio, beta=0.4 * galsim.radians).shift(0.012, -0.05)
    expected = reference.drawImage(nx=40, ny=40, scale=0.06, dtype=np.float64).array
    assert np.abs(light - expected).max() < 2e-3 * expected.max()
    assert light.sum() == pytest.approx(expected.sum(), rel=1e-3)


def test_a_gaussian_is_integrated_as_in_closed_form():
    """An index of one half is a Gaussian, here as narrow as a pixel and off its middle."""
    sigma, x = 0.05, 0.02
    profile = Sersic(3.0, sigma * np.sqrt(2 * np.log(2)), 0.5, 1.0, 0.0)
    edges = (np.arange(16 + 1) - 8) * 0.06
    along_x, along_y = (np.diff(erf((edges - middle) / sigma / np.sqrt(2))) / 2 for middle in (x, 0.0))
    expected = 3.0 * np.outer(along_y, along_x)
    assert pixel_light(profile, 16, 0.06, (x, 0.0)) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("index", [4.0, 6.0])
def test_a_cusp_loses_no_light(index):
    """The flux in a circle is a closed form; the circle is made of the pixels of a fine stamp."""
    profile = Sersic(1.0, 0.4, index, 1.0, 0.0)
    size, scale = 101, 0.02
    light = pixel_light(profile, size, scale, (0.003, 0.005))
    axis = (np.arange(size) - (size - 1) / 2) * scale
    distance = np.hypot(axis[None, :] - 0.003, axis[:, None] - 0.005)
    inside = light[distance < 0.8].sum()
    assert inside == pytest.approx(float(flux_inside(0.8 / 0.4, index)), rel=2e-3)
    # Coarse pixels hold the sums of fine ones.
    coarse = pixel_light(profile, 20, 0.1)
    fine = pixel_light(profile, 100, 0.02).reshape(20, 5, 20, 5).sum(axis=(1, 3))
    assert coarse == pytest.approx(fine, rel=2e-4, abs=1e-7)


def test_resampled_image_is_galsims_interpolation_integrated_over_pixels():
    image = np.zeros((31, 31))
    image[8:23, 8:23] = np.random.default_rng(0).random((15, 15))
    profile = galsim.InterpolatedImage(galsim.Image(image, scale=1.0))
    for size, ratio in ((20, 2.0), (21, 0.5), (12, 3.5)):
        fine = round(20 * ratio)
        points = profile.drawImage(
            nx=size * fine, ny=size * fine, scale=ratio / fine, method="no_pixel", dtype=np.float64
        )
        expected = points.array.reshape(size, fine, size, fine).sum(axis=(1, 3))
        assert np.abs(resampled(image, size, ratio) - expected).max() < 1e-3 * expected.max()


def test_light_has_the_flux_of_the_magnitudes_and_the_companion():
    for galaxy in SIMULATION.galaxies()[:8]:
        alone = replace(galaxy, companion=None)
        light = draw_galaxy_light(SIMULATION.seed, alone, 256, 0.06)
        # Wings of the highest indices reach beyond 15 arcsec; arms and knots end with the survey's image.
        assert light.sum() == pytest.approx(galaxy.sersic.flux, rel=0.05 if galaxy.sersic.index < 3 else 0.2)
        if galaxy.companion is not None:
            both = draw_galaxy_light(SIMULATION.seed, galaxy, 256, 0.06) - light
            assert both.sum() == pytest.approx(galaxy.companion.profile.flux, rel=0.15)
            y, x = np.unravel_index(both.argmax(), both.shape)
            offset = np.array(galaxy.center) + galaxy.companion.offset
            assert np.hypot(*(np.array([x, y]) - 127.5 - offset / 2)) < 1


def test_a_galaxy_is_the_same_alone_as_among_all():
    assert SIMULATION.galaxy(17) == SIMULATION.galaxies()[17]
