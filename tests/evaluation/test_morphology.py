import warnings

import galsim
import numpy as np
import pandas as pd
import pytest
from scipy.ndimage import uniform_filter
from scipy.special import gammaincinv
from statmorph import statmorph
from statmorph.tests.test_statmorph import TestSourceMorphology as StatmorphReference

from galforge.evaluation import moments
from galforge.evaluation.morphology import (
    COLUMNS,
    PARAMETERS,
    measure_morphology,
    measure_source,
    segment,
    stamp_noise,
    subtract_background,
)
from galforge.evaluation.morphology_table import measure_all
from galforge.evaluation.segmentation import Segmentation
from galforge.evaluation.variants import MOMENTS

StatmorphReference.__test__ = False  # its values are used here, its tests are statmorph's own

SETTINGS = Segmentation(threshold=1.5, connected_pixels=5, smoothing=10, noise_floor=0.005, skybox_size=16)


def draw(profile, noise=0.0, seed=1, size=64, method="auto"):
    """Return a profile on 1-arcsec pixels with Gaussian noise."""
    image = profile.drawImage(nx=size, ny=size, scale=1.0, method=method).array.astype(np.float64)
    return image + noise * np.random.default_rng(seed).standard_normal(image.shape)


@pytest.fixture(scope="module")
def reference():
    case = StatmorphReference()
    case.setup_class()
    return case


@pytest.fixture(scope="module")
def noisy_stamps():
    rng = np.random.default_rng(5)
    galaxies = [
        draw(
            galsim.Exponential(half_light_radius=rng.uniform(4, 8), flux=2000).shear(
                g1=rng.uniform(-0.4, 0.4)
            ),
            noise=1.0,
            seed=seed,
        )
        for seed in range(9)
    ]
    return np.stack([np.full((64, 64), 3.0), *galaxies])[:, None]  # (10, 1, 64, 64)


def test_every_scalar_of_statmorph_is_kept():
    assert list(PARAMETERS) == statmorph._quantity_names


def test_published_values_of_statmorphs_own_galaxy(reference):
    known = reference.correct_values
    values = measure_source(
        reference.image.astype(np.float64), reference.segmap == 1, known["sky_sigma"], SETTINGS
    )
    assert values["status"] == "ok"
    assert (values["flag"], values["flag_sersic"]) == (0, 0)
    by_weight = {name for name in PARAMETERS if name.startswith("sersic_")} | {"sn_per_pixel"}
    # The published run looks for its sky in a box of 32 px, we in one of 16.
    by_sky = {"sky_mean", "sky_median", "sky_sigma", "asymmetry", "smoothness", "outer_asymmetry"}
    by_sky |= {"rms_asymmetry2"}
    for name in set(PARAMETERS) - by_weight - by_sky:
        assert values[name] == pytest.approx(known[name], rel=1e-5), name
    # The published weights have photon noise (gain 1), ours that of the sky alone.
    for name in ("sersic_n", "sersic_rhalf", "sersic_ellip", "sersic_theta", "sersic_amplitude"):
        assert values[name] == pytest.approx(known[name], rel=0.03), name


def test_sky_dependent_values_agree_with_the_published_sky_box(reference):
    wide = Segmentation(threshold=1.5, connected_pixels=5, smoothing=10, noise_floor=0.005, skybox_size=32)
    known = reference.correct_values
    values = measure_source(reference.image.astype(np.float64), reference.segmap == 1, 150.0, wide)
    for name in ("asymmetry", "smoothness", "outer_asymmetry", "rms_asymmetry2", "sky_mean", "sky_sigma"):
        assert values[name] == pytest.approx(known[name], rel=1e-5), name


def test_the_sky_box_follows_the_stamps_side(reference):
    # With 16 px at every size the asymmetry of this galaxy was -0.029 and its smoothness 0.0089.
    following = SETTINGS.model_copy(update={"skybox_size": None})
    values = measure_source(reference.image.astype(np.float64), reference.segmap == 1, 150.0, following)
    assert values["asymmetry"] == pytest.approx(0.0038, abs=5e-5)
    assert values["smoothness"] == pytest.approx(0.0043, abs=5e-5)
    sides = {28: 16, 64: 16, 100: 32, 128: 32, 162: 32, 256: 64, 512: 128}
    assert {side: following.skybox_of(side) for side in sides} == sides
    assert SETTINGS.skybox_of(128) == 16


def test_own_segmentation_finds_statmorphs_galaxy(reference):
    known = reference.correct_values
    values = measure_morphology(reference.image, SETTINGS)
    assert values["status"] == "ok"
    for name in ("concentration", "gini", "m20", "rhalf_ellip", "multimode", "intensity", "sersic_n"):
        assert values[name] == pytest.approx(known[name], rel=0.05), name


@pytest.mark.parametrize(("index", "radius", "ratio"), [(1.0, 6.0, 0.6), (2.5, 5.0, 0.8)])
def test_sersic_galaxy_is_recovered(index, radius, ratio):
    # statmorph's radius is the semi-major axis of the ellipse that holds half the light.
    galaxy = galsim.Sersic(n=index, half_light_radius=radius * np.sqrt(ratio), flux=50_000)
    # statmorph's model is the profile at the centres of the pixels, so that is what is drawn.
    image = draw(galaxy.shear(q=ratio, beta=30 * galsim.degrees), noise=1.0, method="no_pixel")
    values = measure_morphology(image, SETTINGS)
    assert values["status"] == "ok"
    assert values["flag_sersic"] == 0
    assert values["sersic_n"] == pytest.approx(index, rel=0.05)
    assert values["sersic_rhalf"] == pytest.approx(radius, rel=0.04)
    assert values["sersic_ellip"] == pytest.approx(1 - ratio, abs=0.03)
    assert values["sersic_theta"] % np.pi == pytest.approx(np.pi / 6, abs=0.03)
    assert abs(values["asymmetry"]) < 0.05


def test_exponential_disc_has_the_closed_form_half_light_radius_and_concentration():
    # Enclosed light of n = 1 at r: P(2, r / h), the regularized gamma function. statmorph's total is
    # that within 1.5 Petrosian radii, 1.5 x 3.65 h for eta = 0.2 (Graham et al. 2005).
    scale = 3.0
    values = measure_morphology(draw(galsim.Exponential(scale_radius=scale, flux=1e5), noise=1.0), SETTINGS)
    total = 1 - np.exp(-1.5 * 3.65) * (1 + 1.5 * 3.65)
    r20, r50, r80 = gammaincinv(2, np.array([0.2, 0.5, 0.8]) * total)
    assert values["r50"] == pytest.approx(r50 * scale, rel=0.03)
    assert values["concentration"] == pytest.approx(5 * np.log10(r80 / r20), rel=0.03)


def test_flux_unit_and_background_do_not_matter():
    image = draw(galsim.Exponential(half_light_radius=5, flux=2000).shear(g1=0.3), noise=1.0)
    first = measure_morphology(image, SETTINGS)
    second = measure_morphology(1e-3 * image + 7.0, SETTINGS)
    assert second["status"] == "ok"
    for name in ("concentration", "gini", "m20", "asymmetry", "smoothness", "sersic_n", "rhalf_ellip"):
        assert second[name] == pytest.approx(first[name], rel=2e-3, abs=1e-4), name


def test_brighter_companion_at_the_border_is_not_the_source():
    galaxy = galsim.Gaussian(sigma=3, flux=2000)
    companion = galsim.Gaussian(sigma=4, flux=9000).shift(22, 22)
    image = subtract_background(draw(galsim.Add(galaxy, companion), noise=1.0))
    source = segment(image, stamp_noise(image, SETTINGS), SETTINGS)
    rows, columns = np.nonzero(source)
    assert np.hypot(rows.mean() - 31.5, columns.mean() - 31.5) < 1.5
    assert not source[50:, 50:].any()


def test_largest_segment_where_none_covers_the_centre():
    faint = galsim.Gaussian(sigma=2.5, flux=1500).shift(-18, -15)
    image = subtract_background(
        draw(galsim.Add(faint, galsim.Gaussian(sigma=4, flux=4000).shift(15, 14)), 1.0)
    )
    source = segment(image, stamp_noise(image, SETTINGS), SETTINGS)
    rows, columns = np.nonzero(source)
    assert (columns.mean(), rows.mean()) == pytest.approx((46.5, 45.5), abs=1.5)


def test_segment_that_smoothing_would_erase_stays():
    image = np.zeros((64, 64))
    image[30:34, 30:34] = 1.0  # 16 px: less than half of the 10 x 10 box
    source = segment(image, 0.01, SETTINGS)
    assert source.sum() == 16


def test_segment_of_which_smoothing_would_leave_too_little_stays():
    # 51 px, just more than half of the box, and all of them only where it covers 7 of its 10 rows: 4 px.
    image = np.zeros((64, 64))
    image[28:33, 28:38] = 1.0
    image[28, 28] = 0.0
    image[33:35, 30] = 1.0
    assert (uniform_filter((image > 0) * 1.0, 10) > 0.5).sum() == 4
    assert segment(image, 0.01, SETTINGS).sum() == 51


def test_area_follows_the_threshold():
    # A Gaussian of amplitude A is over t within r^2 = 2 sigma^2 log(A / t).
    y, x = np.mgrid[:64, :64] - 31.5
    image = 100 * np.exp(-(x**2 + y**2) / (2 * 8.0**2))
    unsmoothed = Segmentation(
        threshold=1.5, connected_pixels=5, smoothing=1, noise_floor=0.005, skybox_size=16
    )
    source = segment(image, 2.0, unsmoothed)
    assert source.sum() == pytest.approx(2 * np.pi * 8.0**2 * np.log(100 / 3.0), rel=0.01)


def test_stamps_without_noise_are_measured():
    galaxies = [
        galsim.Convolve(
            galsim.Sersic(n=n, half_light_radius=radius, flux=100).shear(g1=shear), galsim.Gaussian(fwhm=3)
        )
        for n, radius, shear in [(0.5, 5, 0.1), (1, 7, 0.4), (2.5, 5, -0.2), (4, 4, 0.0)]
    ]
    for galaxy in galaxies:
        image = draw(galaxy)
        values = measure_morphology(image, SETTINGS)
        assert values["status"] == "ok"
        image = subtract_background(image)
        noise = stamp_noise(image, SETTINGS)
        assert noise >= 0.005 * np.ptp(image)
        assert 0.03 < segment(image, noise, SETTINGS).mean() < 0.6


def test_floor_leaves_the_noise_of_real_stamps_alone():
    image = subtract_background(draw(galsim.Gaussian(sigma=3, flux=5000), noise=1.0))
    assert image.max() > 50
    assert stamp_noise(image, SETTINGS) == pytest.approx(0.9, abs=0.1)


@pytest.mark.parametrize(
    ("image", "status"),
    [
        (np.full((64, 64), np.nan), "not finite"),
        (np.where(np.arange(64) == 3, np.inf, np.ones((64, 64))), "not finite"),
        (np.zeros((64, 64)), "constant"),
        (np.full((64, 64), 0.25), "constant"),
        (-draw(galsim.Gaussian(sigma=3, flux=100)), "no source"),
    ],
)
def test_bad_stamps_say_why(image, status):
    values = measure_morphology(image, SETTINGS)
    assert tuple(values) == COLUMNS
    assert values["status"] == status
    assert all(np.isnan(values[name]) for name in COLUMNS[1:])


def test_statmorphs_bad_flag_is_a_status_with_its_reason():
    # The sky is 2 over zero where its noise is 0.1.
    image = draw(galsim.Gaussian(sigma=3, flux=3000), noise=0.1) + 2.0
    y, x = np.mgrid[:64, :64] - 31.5
    values = measure_source(image, x**2 + y**2 < 64, 0.1, SETTINGS)
    assert values["flag"] == 2
    assert np.isfinite(values["gini"])
    assert values["status"] == "statmorph flag 2: Image is not background-subtracted."


def test_error_within_statmorph_is_a_status(monkeypatch):
    def fail(*_, **__):
        raise AssertionError("Root not found\nwithin range.")

    monkeypatch.setattr("galforge.evaluation.morphology.FastSourceMorphology", fail)
    values = measure_morphology(draw(galsim.Gaussian(sigma=3, flux=2000), noise=1.0), SETTINGS)
    assert values["status"] == "statmorph: AssertionError: Root not found within range."


def test_measuring_is_quiet_and_the_same_for_any_number_of_processes(noisy_stamps):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        one = measure_all(noisy_stamps, SETTINGS, threads=1)
    two = measure_all(noisy_stamps, SETTINGS, threads=2)
    pd.testing.assert_frame_equal(one, two, check_exact=True)
    assert list(one["status"]) == ["constant", *["ok"] * 9]


def test_equal_stamps_are_measured_once_and_have_the_same_row(noisy_stamps, monkeypatch):
    calls = []
    monkeypatch.setattr(
        "galforge.evaluation.morphology_table.measure_morphology",
        lambda image, settings: calls.append(image) or measure_morphology(image, settings),
    )
    table = measure_all(noisy_stamps[[1, 2, 1, 1, 2]], SETTINGS)
    assert len(calls) == 2
    assert table["gini"].tolist() == table["gini"][[0, 1, 0, 0, 1]].tolist()
    assert table["gini"][0] != table["gini"][1]


def test_moments_of_a_gaussian_have_the_closed_form():
    # M = diag(a^2, b^2): size sqrt(a b), distortion (a^2 - b^2) / (a^2 + b^2); rho4 of a Gaussian is 2.
    y, x = np.mgrid[:64, :64] - 31.5
    image = np.exp(-0.5 * ((x / 6) ** 2 + (y / 3) ** 2))
    found = moments.measure_moments(image)
    assert found["moments_size"] == pytest.approx(np.sqrt(18), rel=1e-3)
    assert found["moments_e1"] == pytest.approx((36 - 9) / (36 + 9), rel=1e-3)
    assert found["moments_e2"] == pytest.approx(0, abs=1e-6)
    assert found["moments_rho4"] == pytest.approx(2, rel=1e-3)
    turned = moments.measure_moments(np.exp(-0.25 * (((x + y) / 6) ** 2 + ((x - y) / 3) ** 2)))
    assert turned["moments_e2"] == pytest.approx(27 / 45, rel=1e-3)
    for bad in (np.full((64, 64), np.nan), np.zeros((64, 64))):
        odd = moments.measure_moments(bad)
        assert odd["moments_status"] != "ok"
        assert all(np.isnan(odd[name]) for name in MOMENTS)


def test_colour_is_measured_on_the_mean_of_its_channels(noisy_stamps):
    grey = noisy_stamps[1:3]
    tinted = grey * np.array([0.5, 1.0, 1.5])[:, None, None]  # (2, 3, 64, 64)
    first, second = measure_all(grey, SETTINGS), measure_all(tinted, SETTINGS)
    np.testing.assert_allclose(first["gini"], second["gini"], rtol=1e-9)


def test_no_stamps_give_an_empty_table():
    table = measure_all(np.empty((0, 1, 64, 64)), SETTINGS, threads=2)
    assert len(table) == 0
    assert tuple(table.columns) == COLUMNS + moments.COLUMNS


def test_real_cosmos_stamps_are_measured(cosmos_btk):
    catalog = galsim.RealGalaxyCatalog("real_galaxy_catalog_26_extension_example.fits", dir=str(cosmos_btk))
    brightest = np.argsort(catalog.cat["MAG"])[:10]
    stamps = []
    for index in brightest:
        galaxy = galsim.Convolve(galsim.RealGalaxy(catalog, index=int(index)), catalog.getPSF(int(index)))
        stamps.append(galaxy.drawImage(nx=64, ny=64, scale=0.03, method="no_pixel").array)
    table = measure_all(np.stack(stamps)[:, None], SETTINGS, threads=2)
    assert (table["status"] == "ok").sum() >= 9
    good = table[table["status"] == "ok"]
    assert good["rhalf_ellip"].between(2, 30).all()
    assert good["gini"].between(0.3, 0.7).all()
    assert good["sersic_n"].between(0.1, 8).all()
