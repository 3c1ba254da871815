"""Tables of real galaxies that are not row for row those of the catalogue, or are not there at all."""

import shutil

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

from galforge.core.errors import InputError
from galforge.datasets.stamp_file import read_stamps
from galforge.survey.describing import describe_survey
from galforge.survey.manifest import write_manifest
from galforge.survey.reading import open_survey, survey_catalog
from tests.helpers.bombs import compressed_fits
from tests.helpers.entries import run_stage
from workflow_scripts.dataset import plot_rendering
from workflow_scripts.stamps import render_stamps

CATALOG = "real_galaxy_catalog_26_extension_example.fits"
FITS = "real_galaxy_catalog_26_extension_example_fits.fits"


@pytest.fixture
def directory(cosmos_btk, tmp_path):
    """A copy in which the images are links: as real as the survey, and in a folder named after a file."""
    folder = tmp_path / "galaxies.fits.d"
    folder.mkdir()
    for path in cosmos_btk.glob("*.fits"):
        copies = path.name in (CATALOG, FITS)
        (folder / path.name).write_bytes(path.read_bytes()) if copies else (folder / path.name).symlink_to(
            path
        )
    return folder


def described(folder, level="none"):
    return describe_survey("local", folder, folder, CATALOG, level, "HST COSMOS")


def catalog_of(folder):
    return survey_catalog(open_survey(described(folder)))


def rewritten(path, change):
    table = change(Table.read(path))
    table.write(path, overwrite=True)


def without(*columns):
    def change(table):
        table.remove_columns(columns)
        return table

    return change


def test_a_table_in_another_order_is_joined_by_identifier(directory):
    """By row the magnitudes were another galaxy's: correlation of mag_auto and hsc_i -0.60, truth 0.93."""
    truth = catalog_of(directory)
    rewritten(directory / FITS, lambda table: table[::-1])
    assert catalog_of(directory).equals(truth)
    assert np.corrcoef(truth["mag_auto"], truth["hsc_i"])[0, 1] == pytest.approx(0.93, abs=0.01)


def test_galaxies_without_a_row_are_counted_and_their_columns_missing(directory):
    """By row, "60 galaxies pass the exclusion level 'none'": the other 40 were gone without a word."""
    rewritten(directory / FITS, lambda table: table[:60])
    manifest = described(directory)
    assert (manifest.count, manifest.unmatched) == (100, {FITS: 40})
    catalog = survey_catalog(open_survey(manifest))
    assert list(np.flatnonzero(catalog["flux_radius"].isna())) == list(range(60, 100))


def test_a_catalogue_that_was_cut_keeps_its_galaxies(directory):
    """By row: "index 50 is out of bounds"."""
    truth = catalog_of(directory)
    rewritten(directory / CATALOG, lambda table: table[25:75])
    catalog = catalog_of(directory)
    unchanged = [name for name in truth if name not in ("survey_row", "weight")]
    assert catalog[unchanged].equals(truth[unchanged][25:75].reset_index(drop=True))


def other_galaxies(table):
    table["IDENT"] += 1_000_000_000
    return table


def twice(table):
    table["IDENT"][1] = table["IDENT"][0]
    return table


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (other_galaxies, "holds none of the galaxies of"),
        (twice, "is in 2 rows"),
        (without("IDENT"), "has no column IDENT, by which it is joined to"),
    ],
)
def test_a_table_that_cannot_be_joined_is_refused_naming_both_files(directory, change, reason):
    rewritten(directory / FITS, change)
    with pytest.raises(InputError, match=reason) as caught:
        described(directory)
    assert str(directory / FITS) in str(caught.value)
    assert CATALOG in str(caught.value)
    assert "\n" not in str(caught.value)


UNUSED = ("RA", "DEC", "MAG", "BAND", "WEIGHT", "NOISE_MEAN", "stamp_flux")


def test_only_what_is_used_is_asked_for(directory):
    """As GalSim's AEGIS catalogues: refused for a table of fits that nothing read, and for columns."""
    (directory / FITS).unlink()
    rewritten(directory / CATALOG, without(*UNUSED))
    rewritten(directory / CATALOG, lambda table: table[:10])
    write_manifest(directory / "survey.json", described(directory))
    settings = {"size": 64, "mode": "fit", "psf": {"kind": "original"}, "seed": 1, "shard": 0, "shards": 1}
    run_stage(render_stamps, settings, survey=directory / "survey.json", stamps=directory / "stamps.h5")
    stamps = read_stamps(directory / "stamps.h5")
    assert list(stamps.catalog["render_status"]) == ["ok"] * 10
    assert not {"ra", "dec", "mag_auto", "weight", "stamp_flux", "zphot"} & set(stamps.catalog)


@pytest.mark.parametrize(
    ("level", "reason"),
    [
        ("marginal", f"{FITS}: has no column fit_status, which exclusion_level: marginal reads"),
        ("bad_stamp", "_selection.fits: is missing from the survey, which exclusion_level: bad_stamp reads"),
    ],
)
def test_a_level_that_cannot_be_had_is_told_with_those_that_can(directory, level, reason):
    with pytest.raises(InputError, match=f"{reason}.*; use exclusion_level: none$"):
        described(directory, level)


def test_a_survey_without_noise_is_refused_with_what_to_do(directory):
    def noise_free(table):
        table["NOISE_VARIANCE"] = 0.0
        return table

    rewritten(directory / CATALOG, noise_free)
    with pytest.raises(InputError, match=r"NOISE_VARIANCE is 0 for all 100 .* add noise to the images"):
        described(directory)


def test_a_figure_never_shows_another_galaxy_than_it_names(directory, tmp_path):
    catalog = catalog_of(directory)
    write_manifest(directory / "survey.json", described(directory))
    rewritten(directory / CATALOG, lambda table: table[::-1])
    catalog.assign(kept=True, original_size=64).to_csv(tmp_path / "selection.csv", index=False)
    files = {"survey": directory / "survey.json", "selection": tmp_path / "selection.csv"}
    with pytest.raises(InputError, match=r"row 0 is no longer galaxy \d+: the survey has changed"):
        run_stage(plot_rendering, {"size": 64, "seed": 1}, **files, figures=(tmp_path / "figure.png",))


def test_the_largest_stamp_is_noted(directory, cosmos_btk):
    with fits.open(cosmos_btk / "real_galaxy_images_extension.fits") as units:
        assert described(directory).largest_stamp == max(max(unit.shape) for unit in units)
    shutil.rmtree(directory)


@pytest.mark.parametrize("of", ["images", "PSF_images"])
def test_an_image_that_declares_more_than_it_can_hold_refuses_the_survey(directory, of):
    """Compressed, 0.2 MB of FITS became 1.2 GB."""
    (path,) = directory.glob(f"real_galaxy_{of}_*.fits")
    path.unlink()
    path.write_bytes(compressed_fits(40_000, 40_000))
    with pytest.raises(
        InputError, match=rf"{of}_.*: has [\d,]+ bytes and declares 3,2\d\d,\d+,\d+, more than"
    ):
        described(directory)
