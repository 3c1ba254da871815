import shutil

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

from galforge.core.errors import InputError
from galforge.simulation.drawing import Simulation
from galforge.survey.checking import survey_files
from galforge.survey.layout import CATALOG, FITS_CATALOG, SELECTION_CATALOG, image_file_name
from galforge.survey.reading import open_survey, survey_catalog
from galforge.survey.simulated import simulate_survey

COUNT = 5


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    settings = Simulation(seed=3, count=COUNT, magnitude_limit=22.0, companion_fraction=0.0, psf_count=1)
    return simulate_survey(settings, tmp_path_factory.mktemp("survey"), processes=1)


@pytest.fixture
def directory(manifest, tmp_path):
    return shutil.copytree(manifest.path, tmp_path / "a survey")


def test_a_whole_survey_passes_and_its_files_are_listed(directory):
    files = survey_files(directory, CATALOG, "marginal")
    assert {path.name for path in files} >= {CATALOG, FITS_CATALOG, SELECTION_CATALOG, image_file_name(1)}
    assert SELECTION_CATALOG not in {p.name for p in survey_files(directory, CATALOG, "none")}


@pytest.mark.parametrize(
    "name", [CATALOG, FITS_CATALOG, SELECTION_CATALOG, image_file_name(1), "acs_I_unrot_sci_20_cf.fits"]
)
def test_a_missing_file_is_named(directory, name):
    (directory / name).unlink()
    with pytest.raises(InputError, match=name):
        survey_files(directory, CATALOG, "marginal")


@pytest.mark.parametrize(
    ("name", "column"),
    [(CATALOG, "NOISE_VARIANCE"), (FITS_CATALOG, "hlr"), (SELECTION_CATALOG, "dmag")],
)
def test_a_missing_column_is_named(directory, name, column):
    table = Table.read(directory / name)
    table.remove_column(column)
    table.write(directory / name, overwrite=True)
    with pytest.raises(InputError, match=f"{name}: has no column {column}"):
        survey_files(directory, CATALOG, "marginal")
    if name != CATALOG:
        assert survey_files(directory, CATALOG, "none")


def test_what_is_no_directory_or_no_table_is_named(directory, tmp_path):
    with pytest.raises(InputError, match="no such survey"):
        survey_files(tmp_path / "nowhere", CATALOG, "none")
    (directory / CATALOG).write_text("hello")
    with pytest.raises(InputError, match=f"{CATALOG}: is not a FITS table"):
        survey_files(directory, CATALOG, "none")


def test_the_catalog_has_the_surveys_own_values(manifest):
    catalog = survey_catalog(open_survey(manifest))
    rows = Table.read(manifest.path / CATALOG)
    fits = Table.read(manifest.path / FITS_CATALOG)
    assert len(catalog) == COUNT
    assert list(catalog["identifier"]) == list(rows["IDENT"])
    assert np.allclose(catalog["ra"], rows["RA"])
    assert np.allclose(catalog["noise_variance"], rows["NOISE_VARIANCE"])
    assert np.allclose(catalog["sersic_index"], np.array(fits["sersicfit"])[:, 2])
    assert np.allclose(catalog["sersic_half_light_radius"], np.array(fits["hlr"])[:, 0])
    assert np.allclose(catalog["zphot"], fits["zphot"])
    bulges = np.array(fits["flux"])[:, 1] / np.array(fits["flux"])[:, 1:3].sum(1).clip(1e-9)
    assert np.allclose(catalog["bulge_fraction"], np.where(fits["use_bulgefit"] == 1, bulges, 0))


def test_the_one_table_layout_of_blending_tool_kit_has_what_it_has(cosmos_btk):
    from galforge.survey.manifest import SurveyManifest

    name = "real_galaxy_catalog_26_extension_example.fits"
    survey_files(cosmos_btk, name, "none")
    with pytest.raises(InputError, match="has no column fit_status"):
        survey_files(cosmos_btk, name, "bad_fits")
    manifest = SurveyManifest("local", False, ".", name, "none", 100, "", {}, location=cosmos_btk)
    catalog = survey_catalog(open_survey(manifest))
    assert len(catalog) == 100
    assert "sersic_index" not in catalog
    assert catalog["zphot"].between(0, 6).all()


@pytest.mark.filterwarnings("ignore::astropy.utils.exceptions.AstropyWarning")
@pytest.mark.parametrize(
    ("rows_kept", "reason"), [(4.5, "is cut short"), (0, "is cut short"), (None, "not a FITS table")]
)
@pytest.mark.parametrize("name", [CATALOG, FITS_CATALOG])
def test_a_table_that_was_cut_short_is_named(directory, name, rows_kept, reason):
    with fits.open(directory / name) as tables:
        start, width = tables[1].fileinfo()["datLoc"], tables[1].header["NAXIS1"]
    content = (directory / name).read_bytes()
    end = start // 2 if rows_kept is None else start + int(rows_kept * width)
    (directory / name).write_bytes(content[:end])
    with pytest.raises(InputError, match=reason) as caught:
        survey_files(directory, CATALOG, "marginal")
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_catalogue_that_points_outside_its_folder_is_refused(directory):
    table = Table.read(directory / CATALOG)
    table["GAL_FILENAME"] = ["../elsewhere.fits"] * COUNT
    (directory.parent / "elsewhere.fits").touch()
    table.write(directory / CATALOG, overwrite=True)
    with pytest.raises(InputError, match=r"names the file '\.\./elsewhere\.fits', which is not beside it"):
        survey_files(directory, CATALOG, "marginal")
