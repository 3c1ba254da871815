"""Photometry against galaxies whose flux, size and shape are known."""

import galsim
import numpy as np
import pytest

from galforge.evaluation.photometry import COLUMNS, half_light_radius, measure_photometry

SCALE, ZERO_POINT = 0.06, 26.0  # arcsec, mag


def drawn(profile, size=96, scale=SCALE, offset=(0.3, -0.4)):
    return profile.drawImage(nx=size, ny=size, scale=scale, offset=offset, dtype=np.float64).array


def measured(image):
    return measure_photometry(image[None], SCALE, ZERO_POINT).iloc[0]


@pytest.mark.parametrize(("q", "degrees"), [(1.0, 0.0), (0.7, 30.0), (0.4, -75.0), (0.3, 90.0)])
def test_a_gaussian_has_its_flux_size_and_shape(q, degrees):
    sigma = 0.4
    galaxy = galsim.Gaussian(sigma=sigma, flux=250.0).shear(q=q, beta=degrees * galsim.degrees)
    row = measured(drawn(galaxy))
    assert row["photometry_status"] == "ok"
    assert row["flux"] == pytest.approx(250, rel=1e-3)
    assert row["magnitude"] == pytest.approx(ZERO_POINT - 2.5 * np.log10(250), abs=1e-3)
    # The pixel is part of what is drawn; its variance is scale^2 / 12 along each axis.
    pixel = SCALE**2 / 12
    major, minor = (np.sqrt(sigma**2 * ratio + pixel) for ratio in (1 / q, q))
    assert row["axis_ratio"] == pytest.approx(minor / major, abs=2e-3)
    assert row["ellipticity"] == pytest.approx((major**2 - minor**2) / (major**2 + minor**2), abs=2e-3)
    if q == 1:
        assert row["half_light_radius"] == pytest.approx(np.sqrt(2 * np.log(2)) * major, rel=0.01)
    else:
        turned = np.radians(degrees) - row["position_angle"]
        assert np.cos(2 * turned) == pytest.approx(1, abs=1e-4)
        assert -np.pi / 2 <= row["position_angle"] <= np.pi / 2


@pytest.mark.parametrize("index", [0.5, 1.0, 2.5, 4.0])
@pytest.mark.parametrize("radius", [0.15, 0.3, 0.6])
def test_half_of_a_sersic_galaxys_light_is_inside_its_radius(index, radius):
    """Against the aperture of the same light on pixels a tenth as wide."""
    galaxy = galsim.Convolve(
        galsim.Sersic(index, half_light_radius=radius, flux=40).shear(q=0.6, beta=0.3 * galsim.radians),
        galsim.Gaussian(fwhm=0.1),
    )
    row = measured(drawn(galaxy))
    fine = drawn(galaxy, size=960, scale=SCALE / 10, offset=(3, -4))
    y, x = np.indices(fine.shape) - (len(fine) - 1) / 2
    inside = np.hypot(x - 3, y + 4) * SCALE / 10 <= row["half_light_radius"]
    assert fine[inside].sum() / row["flux"] == pytest.approx(0.5, abs=0.01)


def test_the_stamp_need_not_be_square_nor_the_galaxy_in_its_middle():
    x, y = np.arange(60)[None, :], np.arange(50)[:, None]
    image = np.exp(-((x - 25.3) ** 2 + (y - 30.6) ** 2) / (2 * 4.0**2))
    radius = half_light_radius(image, (25.3 - 29.5, 30.6 - 24.5))
    assert radius == pytest.approx(4 * np.sqrt(2 * np.log(2)), rel=0.01)
    assert measured(image)["half_light_radius"] == pytest.approx(radius * SCALE, rel=1e-3)


def test_noise_moves_flux_and_size_by_little():
    galaxy = drawn(galsim.Exponential(half_light_radius=0.35, flux=2000))
    noisy = galaxy + np.random.default_rng(1).standard_normal((20, *galaxy.shape))
    table, alone = measure_photometry(noisy, SCALE, ZERO_POINT), measured(galaxy)
    assert (table["photometry_status"] == "ok").all()
    for name, tolerance in (("flux", 0.05), ("half_light_radius", 0.07), ("axis_ratio", 0.05)):
        assert table[name].mean() == pytest.approx(alone[name], rel=tolerance), name


def test_what_cannot_be_measured_is_nan_with_a_status():
    galaxy = drawn(galsim.Gaussian(sigma=0.4, flux=10))
    broken = galaxy.copy()
    broken[0, 0] = np.nan
    table = measure_photometry(np.stack([galaxy, broken, 0 * galaxy, -galaxy]), SCALE, ZERO_POINT)
    assert list(table.columns) == list(COLUMNS)
    assert table["photometry_status"][0] == "ok"
    assert table["photometry_status"][1] == "not finite"
    assert (table["photometry_status"][2:] != "ok").all()
    assert table.drop(columns=["photometry_status", "flux"])[1:].isna().all(axis=None)
    assert table["flux"].to_list() == pytest.approx([10, np.nan, 0, -10], rel=1e-3, nan_ok=True)


def test_without_a_scale_or_a_zero_point_there_is_no_radius_or_magnitude():
    table = measure_photometry(drawn(galsim.Gaussian(sigma=0.4))[None])
    assert table[["half_light_radius", "magnitude"]].isna().all(axis=None)
    assert table[["flux", "axis_ratio"]].notna().all(axis=None)
    assert measure_photometry(np.zeros((0, 8, 8))).shape == (0, len(COLUMNS))
