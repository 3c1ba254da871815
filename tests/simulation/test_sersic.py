import galsim
import numpy as np
import pytest
from scipy.integrate import quad

from galforge.simulation import sersic


@pytest.mark.parametrize("index", [0.5, 1.0, 2.3, 4.0])
def test_profile_matches_galsim(index):
    profile = galsim.Sersic(index, half_light_radius=0.7, flux=13.0)
    for radius in (0.2, 0.7, 1.9):
        expected = profile.xValue(radius, 0.0)
        assert sersic.intensity(radius, 13.0, 0.7, index) == pytest.approx(expected, rel=1e-5)
        enclosed, _ = quad(lambda r: 2 * np.pi * r * profile.xValue(r, 0.0), 1e-9, radius)
        assert sersic.flux_inside(radius / 0.7, index) == pytest.approx(enclosed / 13.0, rel=1e-3)


def test_gaussian_in_closed_form():
    # n = 1/2 is a Gaussian: b = ln 2, and the radius of a flux fraction f is sigma sqrt(-2 ln(1 - f)).
    assert sersic.sersic_b(0.5) == pytest.approx(np.log(2))
    assert sersic.radius_enclosing(0.9, 0.5) == pytest.approx(np.sqrt(np.log(10) / np.log(2)))


def test_radius_of_intensity_inverts_the_profile():
    value = float(sersic.intensity(8.0, 30.0, 5.0, 1.7))
    assert sersic.radius_of_intensity(value, 30.0, 5.0, 1.7) == pytest.approx(8.0)
    assert sersic.radius_of_intensity(1e6, 30.0, 5.0, 1.0) == 0.0


def test_equivalents_of_pure_components():
    index, radius = sersic.composite_equivalent(0.0, 0.5)
    assert (index, radius) == (pytest.approx(1.0, abs=0.02), pytest.approx(1.0, rel=1e-3))
    index, radius = sersic.composite_equivalent(1.0, 0.5)
    assert (index, radius) == (pytest.approx(4.0, abs=0.05), pytest.approx(0.5, rel=1e-3))


@pytest.mark.parametrize(("index", "size_ratio"), [(1.5, 0.4), (2.5, 0.3), (4.2, 0.2)])
def test_bulge_fractions_give_the_index(index, size_ratio):
    fractions = sersic.bulge_fractions_for(index, size_ratio)
    assert fractions
    for fraction in fractions:
        assert sersic.composite_equivalent(fraction, size_ratio)[0] == pytest.approx(index, rel=0.01)


def test_no_bulge_makes_a_galaxy_shallower_than_its_disc():
    assert sersic.bulge_fractions_for(0.7, 0.3) == []
