"""Catalogues that nobody would publish, through the check and the reader of surveys."""

import shutil
import warnings

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import example, given, settings
from hypothesis import strategies as st

from galforge.core.errors import InputError
from galforge.datasets.stamp_file import read_stamps
from galforge.simulation.drawing import Simulation
from galforge.survey import exclusion
from galforge.survey.checking import survey_files
from galforge.survey.describing import describe_survey
from galforge.survey.layout import CATALOG, FITS_CATALOG, SELECTION_CATALOG
from galforge.survey.manifest import write_manifest
from galforge.survey.reading import open_survey, survey_catalog
from galforge.survey.simulated import simulate_survey
from tests.helpers.entries import run_stage
from workflow_scripts.stamps import render_stamps

COUNT = 4
FRAME = {"size": 16, "mode": "fit", "psf": {"kind": "original"}, "seed": 1, "shard": 0, "shards": 1}
FAST = settings(derandomize=True, deadline=None, database=None)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    drawn = Simulation(seed=3, count=COUNT, magnitude_limit=22.0, companion_fraction=0.0, psf_count=2)
    return simulate_survey(drawn, tmp_path_factory.mktemp("survey"), processes=1).path


NUMBERS = st.sampled_from([np.nan, np.inf, -np.inf, -1.0, 0.0, 1e-300, 1e300, 2.0**40, 3.5])
TEXTS = st.sampled_from(["", "no", "../../etc/passwd", "/dev/zero", "é" * 3, "a" * 200, "nan", " "])
# What happens to a column: gone, of text, of other numbers (one or all rows), of vectors.
HURTS = st.one_of(
    st.just(("missing", None)),
    st.tuples(st.just("text"), TEXTS),
    st.tuples(st.sampled_from(["one", "all"]), NUMBERS),
    st.just(("vectors", None)),
    st.just(("twice as wide", None)),
)
TABLES = st.sampled_from([CATALOG, FITS_CATALOG, SELECTION_CATALOG])
LEVELS = st.sampled_from(["none", "bad_stamp", "bad_fits", "marginal"])


def hurt_column(column, values, hurt):
    """Return a column of a table after the damage, or None if it is removed."""
    what, value = hurt
    if what == "missing":
        return None
    if what == "text":
        encoded = value.encode("ascii", "replace").decode()
        return fits.Column(column.name, "200A", array=np.array([encoded] * len(values)))
    if what == "vectors":
        return fits.Column(column.name, "3D", array=np.ones((len(values), 3)))
    if what == "twice as wide" or values.dtype.kind not in "fiu":
        return fits.Column(column.name, "D", array=np.full(len(values), 7.0))
    numbers = values.astype(np.float64)
    numbers[0 if what == "one" else slice(None)] = value
    shape = "D" if numbers.ndim == 1 else f"{numbers.shape[1]}D"
    return fits.Column(column.name, shape, array=numbers)


def hurt_table(path, number, hurt, rows):
    with fits.open(path) as tables:
        table = tables[1]
        columns = list(table.columns)
        made = [
            hurt_column(column, np.array(table.data[column.name]), hurt) if place == number % len(columns)
            else fits.Column(column.name, column.format, array=np.array(table.data[column.name]))
            for place, column in enumerate(columns)
        ]  # fmt: skip
        data = fits.BinTableHDU.from_columns([column for column in made if column is not None]).data[:rows]
        units = fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU(data)])
    units.writeto(path, overwrite=True)


@settings(FAST, max_examples=30)
@given(TABLES, st.integers(0, 14), HURTS, LEVELS, st.sampled_from([0, 1, COUNT, COUNT]))
@example(CATALOG, 0, ("all", np.nan), "none", COUNT)
@example(CATALOG, 0, ("text", "no"), "none", COUNT)
@example(CATALOG, 6, ("text", "/dev/zero"), "none", COUNT)
@example(CATALOG, 8, ("one", -1.0), "none", COUNT)
@example(CATALOG, 8, ("one", 1e300), "none", COUNT)
@example(CATALOG, 10, ("one", np.nan), "none", COUNT)
@example(CATALOG, 12, ("one", np.nan), "none", COUNT)
@example(FITS_CATALOG, 4, ("text", "no"), "marginal", COUNT)
@example(FITS_CATALOG, 6, ("vectors", None), "marginal", COUNT)
@example(SELECTION_CATALOG, 0, ("missing", None), "none", 1)
def test_a_catalogue_is_refused_in_one_line_or_drawn_with_its_bad_galaxies_flagged(
    whole, tmp_path_factory, table, column, hurt, level, rows
):
    folder = shutil.copytree(whole, tmp_path_factory.mktemp("hurt") / "survey")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        hurt_table(folder / table, column, hurt, rows)
        try:
            survey_files(folder, CATALOG, level)
            manifest = describe_survey("local", folder, folder, CATALOG, level, "nobody")
            catalog = survey_catalog(open_survey(manifest))
        except InputError as error:
            assert "\n" not in str(error)
            assert str(folder) in str(error)
            return
        assert manifest.count == len(catalog) <= COUNT
        write_manifest(folder / "survey.json", manifest)
        stamps = drawn(folder)
    assert len(stamps) == len(catalog)
    assert np.isfinite(stamps.image).all()
    for image, status in zip(stamps.image, stamps.catalog["render_status"], strict=True):
        assert (status == "ok") == bool(image.any())


def shuffled(numbers, draw):
    """Return rows in another order, some of them gone and some there twice."""
    order = draw(st.permutations(numbers))
    kept = order[: draw(st.integers(1, len(order)))]
    return kept + draw(st.lists(st.sampled_from(kept), max_size=2))


def keep_rows(path, rows):
    with fits.open(path) as tables:
        data = tables[1].data[np.array(rows)]
        fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU(data)]).writeto(path, overwrite=True)


@settings(FAST, max_examples=40)
@given(TABLES, LEVELS, st.data())
def test_the_numbers_of_a_galaxy_are_its_own_however_rows_are_ordered_cut_or_repeated(
    whole, tmp_path_factory, table, level, data
):
    """Joined by row, a reversed table gave every galaxy the magnitude and size of another one."""
    folder = shutil.copytree(whole, tmp_path_factory.mktemp("shuffled") / "survey")
    truth = survey_catalog(open_survey(described(whole, "none"))).set_index("identifier")
    rows = shuffled(list(range(COUNT)), data.draw)
    keep_rows(folder / table, rows)
    try:
        manifest = described(folder, level)
    except InputError as error:
        assert "\n" not in str(error)
        assert table in str(error)
        assert CATALOG in str(error)
        assert len(set(rows)) < len(rows), "rows in another order, or fewer, can be joined"
        return
    catalog = survey_catalog(open_survey(manifest))
    assert len(catalog) == manifest.count
    # Without a row its own numbers are missing; it never has those of another galaxy.
    own = truth.loc[catalog["identifier"]].reset_index()
    for name in set(catalog) - {"survey_row", "weight"}:
        missing = catalog[name].isna()
        assert np.array_equal(catalog[name][~missing], own[name][~missing]), name
    if table == CATALOG:
        assert set(catalog["identifier"]) == set(truth.index[rows]) & passing(whole, level)
    assert manifest.unmatched == ({table: COUNT - len(set(rows))} if lacks_rows(table, level, rows) else {})


def described(folder, level):
    return describe_survey("local", folder, folder, CATALOG, level, "nobody")


def passing(folder, level):
    return set(survey_catalog(open_survey(described(folder, level)))["identifier"])


def lacks_rows(table, level, rows):
    read = table == FITS_CATALOG or (table == SELECTION_CATALOG and exclusion.LEVELS[level].selection)
    return read and len(set(rows)) < COUNT


def drawn(folder):
    run_stage(render_stamps, FRAME, survey=folder / "survey.json", stamps=folder / "stamps.h5")
    return read_stamps(folder / "stamps.h5")
