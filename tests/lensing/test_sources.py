"""Galaxies as sources of lensing packages, with the packages themselves in a slow test."""

import numpy as np
import pytest

from galforge.core.errors import InputError
from galforge.lensing.sources import caustics_source, lenstronomy_source, slsim_source, surface_brightness
from tests.helpers.further_packages import install, run_tests_with

SCALE = 0.06


def galaxy():
    """An image without symmetry: brighter to the right and above, off the centre."""
    y, x = np.indices((48, 48)) - 23.5
    return 3.0 * np.exp(-(((x - 4) / 5) ** 2) - ((y - 2) / 3) ** 2)


def test_surface_brightness_times_the_area_is_the_flux():
    image = galaxy()
    assert surface_brightness(image, SCALE).sum() * SCALE**2 == pytest.approx(image.sum())


@pytest.mark.parametrize("image", [np.zeros((1, 4, 4)), np.zeros(4), np.full((4, 4), np.nan)])
@pytest.mark.parametrize("make", [lenstronomy_source, caustics_source])
def test_what_is_no_image_is_refused(make, image):
    with pytest.raises(InputError, match="image has"):
        make(image, SCALE)
    with pytest.raises(InputError, match="image has"):
        slsim_source(image, SCALE, 0.8, {"i": 22.0})


def test_slsim_is_given_its_columns():
    source = slsim_source(galaxy(), SCALE, 0.8, {"i": 22.0, "g": 23.0})
    assert {name: source[name] for name in ("z", "z_data", "mag_i", "mag_g", "pixel_width_data")} == {
        "z": 0.8, "z_data": 0.8, "mag_i": 22.0, "mag_g": 23.0, "pixel_width_data": SCALE,
    }  # fmt: skip


def moments(image, scale, x0=0.0, y0=0.0):
    """Flux and centroid, arcsec, of an image of flux per pixel."""
    y, x = (np.indices(image.shape) - (image.shape[0] - 1) / 2) * scale
    return image.sum(), (image * x).sum() / image.sum() - x0, (image * y).sum() / image.sum() - y0


def test_lenstronomy_draws_the_galaxy_where_and_as_bright_as_it_is():
    light_model = pytest.importorskip("lenstronomy.LightModel.light_model")
    model, source = light_model.LightModel(["INTERPOL"]), lenstronomy_source(galaxy(), SCALE, x=0.3, y=-0.2)
    side, fine = 200, 0.02
    y, x = (np.indices((side, side)) - (side - 1) / 2) * fine
    drawn = model.surface_brightness(x.ravel(), y.ravel(), [source]).reshape(side, side) * fine**2
    assert moments(drawn, fine, 0.3, -0.2) == pytest.approx(moments(galaxy(), SCALE), rel=0.01)
    assert model.total_flux([source])[0] == pytest.approx(galaxy().sum())


def test_caustics_draws_the_galaxy_where_and_as_bright_as_it_is():
    caustics = pytest.importorskip("caustics")
    torch = pytest.importorskip("torch")
    source = caustics.Pixelated(**caustics_source(galaxy(), SCALE, x=0.3, y=-0.2))
    side, fine = 200, 0.02
    y, x = (np.indices((side, side)) - (side - 1) / 2) * fine
    grid = [torch.tensor(axis, dtype=torch.float32) for axis in (x, y)]
    drawn = source.brightness(*grid).numpy() * fine**2
    assert moments(drawn, fine, 0.3, -0.2) == pytest.approx(moments(galaxy(), SCALE), rel=0.01)


@pytest.mark.slow
def test_the_packages_themselves_draw_the_galaxies(tmp_path):
    """The tests above, with the packages installed beside the environment of the others."""
    packages = ["lenstronomy", "numba", "llvmlite", "mpmath", "caustics", "caskade"]
    install(tmp_path, *packages, dependencies=False)
    assert "2 passed" in run_tests_with(tmp_path, __file__, "draws_the_galaxy")
