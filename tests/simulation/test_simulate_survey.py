import galsim
import numpy as np
import pytest
from astropy.io import fits

from galforge.core.files import file_digest
from galforge.simulation.drawing import Simulation
from galforge.simulation.population import draw_galaxy, flux_of
from galforge.survey import layout
from galforge.survey.manifest import read_manifest, write_manifest
from galforge.survey.simulated import simulate_survey

SETTINGS = Simulation(seed=11, count=24, magnitude_limit=22.5, companion_fraction=0.0, psf_count=3)


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    return simulate_survey(SETTINGS, tmp_path_factory.mktemp("survey"), processes=1)


@pytest.fixture(scope="module")
def directory(manifest):
    return manifest.path


@pytest.fixture(scope="module")
def catalog(directory):
    return galsim.COSMOSCatalog(layout.CATALOG, dir=str(directory), exclusion_level="marginal")


@pytest.fixture(scope="module")
def tables(directory):
    names = (layout.CATALOG, layout.FITS_CATALOG, layout.SELECTION_CATALOG)
    return [fits.getdata(directory / name, 1) for name in names]


def test_all_declared_files_are_made_and_no_other(directory):
    assert sorted(path.name for path in directory.iterdir()) == sorted(layout.survey_file_names(24))


def test_manifest_describes_the_survey(manifest, directory, catalog, tmp_path):
    write_manifest(tmp_path / "survey.json", manifest)
    assert read_manifest(tmp_path / "survey.json") == manifest
    assert manifest.count == catalog.nobjects == 24
    assert set(manifest.files) == set(layout.survey_file_names(24))
    assert all(file_digest(directory / name) == digest for name, digest in manifest.files.items())


def test_files_are_the_same_with_two_processes(directory, tmp_path):
    simulate_survey(SETTINGS, tmp_path, processes=2)
    for name in layout.survey_file_names(24):
        assert (tmp_path / name).read_bytes() == (directory / name).read_bytes(), name


def test_image_files_are_valid_fits(directory):
    with fits.open(directory / layout.image_file_name(1)) as units:
        units.verify("exception")
        assert len(units) == 24
        assert all(unit.header["BITPIX"] == -32 for unit in units)


def test_catalogue_is_the_truth(tables):
    catalog, fit, _ = tables
    for row in range(24):
        galaxy = draw_galaxy(11, row, 22.5, 0.0, 3)
        assert catalog["MAG"][row] == galaxy.magnitude
        assert fit["sersicfit"][row][2] == galaxy.sersic.index
        assert fit["hlr"][row][0] == galaxy.sersic.half_light_radius
        # The relation that the real catalogue keeps: circularized radius from the major axis.
        major, ratio = fit["sersicfit"][row][1], fit["sersicfit"][row][3]
        assert major * np.sqrt(ratio) * 0.03 == pytest.approx(fit["hlr"][row][0])
        assert bool(fit["use_bulgefit"][row]) == (galaxy.bulge is not None)
        assert fit["flux"][row][3] == pytest.approx(fit["flux"][row][1] + fit["flux"][row][2])
    assert 0 < fit["use_bulgefit"].sum() < 24


def test_stamp_flux_is_that_of_the_stamp_and_close_to_the_magnitude(directory, tables):
    catalog, _, _ = tables
    with fits.open(directory / layout.image_file_name(1)) as units:
        sums = np.array([units[hdu].data.sum(dtype=float) for hdu in catalog["GAL_HDU"]])
    np.testing.assert_allclose(catalog["stamp_flux"], sums, rtol=1e-5)
    ratio = sums / [flux_of(magnitude) for magnitude in catalog["MAG"]]
    # Wings beyond the stamp take up to a third of a very concentrated galaxy; noise adds either way.
    assert np.median(ratio) == pytest.approx(0.97, abs=0.06)
    assert ((ratio > 0.6) & (ratio < 1.25)).all()


def test_blank_corners_have_the_catalogue_noise(directory, tables):
    catalog, fit, _ = tables
    ratios = []
    with fits.open(directory / layout.image_file_name(1)) as units:
        for row in np.flatnonzero(fit["sersicfit"][:, 2] < 1.5):
            image = units[catalog["GAL_HDU"][row]].data.astype(float)
            side = len(image) // 6
            corners = [image[:side, :side], image[:side, -side:], image[-side:, :side], image[-side:, -side:]]
            ratios.append(np.median([corner.var() for corner in corners]) / catalog["NOISE_VARIANCE"][row])
    assert len(ratios) >= 8
    assert np.median(ratios) == pytest.approx(1.0, abs=0.12)


def test_parametric_galaxies_match_the_stamps(directory, catalog, tables):
    truth, fit, _ = tables
    images = fits.open(directory / layout.image_file_name(1))
    amplitudes = []
    for index in range(SETTINGS.count):
        row = catalog.getOrigIndex(index)
        image = images[truth["GAL_HDU"][row]].data.astype(float)
        model = galsim.Convolve(
            catalog.makeGalaxy(index, gal_type="parametric"), catalog.real_cat.getPSF(row)
        ).withGSParams(folding_threshold=0.02)
        x, y = fit["sersicfit"][row][5:7] - (len(image) - 1) / 2
        drawn = model.drawImage(
            nx=len(image), ny=len(image), scale=0.03, offset=(x, y), method="no_pixel"
        ).array
        # Least-squares amplitude of the model in the image; structure changes it by some per cent.
        amplitudes.append((drawn * image).sum() / (drawn**2).sum())
    assert np.median(amplitudes) == pytest.approx(1.0, abs=0.02)
    assert min(amplitudes) > 0.7
    assert max(amplitudes) < 1.3
    images.close()


def test_real_galaxies_draw(catalog, tables):
    smallest = int(np.argmin(tables[1]["hlr"][:, 0]))
    seen = galsim.Convolve(
        catalog.makeGalaxy(smallest, gal_type="real", noise_pad_size=3.0, rng=galsim.BaseDeviate(1)),
        galsim.Gaussian(fwhm=0.15),
    )
    image = seen.drawImage(nx=64, ny=64, scale=0.05)
    flux = tables[0]["stamp_flux"][catalog.getOrigIndex(smallest)]
    assert image.array.sum() == pytest.approx(flux, rel=0.25)
    assert np.unravel_index(image.array.argmax(), (64, 64)) == (
        pytest.approx(32, abs=2),
        pytest.approx(32, abs=2),
    )
