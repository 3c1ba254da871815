"""Drawn stamps beside the survey's own: a hundred real galaxies, none cropped, the survey's noise."""

import numpy as np
import pytest
from matplotlib.image import imread

from galforge.configuration.stages.dataset import render_settings
from galforge.core.tables import read_table
from galforge.datasets.normalization import normalize
from galforge.datasets.stamp_file import Stamps, read_stamps, write_stamps
from galforge.figures.survey_stamps import evenly, noise_ratios, pairs
from galforge.survey.manifest import SurveyManifest, write_manifest
from galforge.survey.reading import open_survey
from tests.helpers.configurations import default
from tests.helpers.entries import run_stage
from workflow_scripts.dataset import plot_survey_stamps
from workflow_scripts.stamps import measure_quality, render_stamps


@pytest.fixture(scope="module")
def manifest(cosmos_btk):
    catalog = "real_galaxy_catalog_26_extension_example.fits"
    return SurveyManifest("local", False, str(cosmos_btk), catalog, "none", 100, "HST COSMOS", {})


@pytest.fixture(scope="module")
def stamps(manifest, tmp_path_factory):
    """All galaxies, drawn and measured by the stages themselves, normalized as a dataset is."""
    folder = tmp_path_factory.mktemp("stamps")
    write_manifest(folder / "survey.json", manifest)
    settings = render_settings(default(), "simulated_cosmos", 0, 1)
    run_stage(render_stamps, settings, survey=folder / "survey.json", stamps=folder / "0.h5")
    run_stage(measure_quality, stamps=folder / "0.h5", quality=folder / "quality.csv")
    drawn = read_stamps(folder / "0.h5")
    return Stamps(
        *normalize(drawn.flux()),
        catalog=read_table(folder / "quality.csv"),
        split=np.full(len(drawn), "test"),
        attributes={"dataset": "cosmos_btk", "simulated": 0},
    )


@pytest.fixture(scope="module")
def survey(manifest):
    return open_survey(manifest).real_cat


def test_no_galaxy_is_cropped_and_no_border_is_empty(stamps, survey):
    larger = []
    for pair in pairs(stamps, survey):
        side = len(pair.original)
        beyond = int((side - 64 * pair.drawn_scale / pair.original_scale) / 2)
        if beyond > 0:
            # Eq. 1 keeps the light, not the sky that the survey left around it.
            inside = pair.original[beyond : side - beyond, beyond : side - beyond]
            assert inside.sum() > 0.99 * pair.original.sum(), pair.name
            larger.append(pair.name)
    assert larger == ["38"], "the one galaxy whose survey stamp is larger than its frame"
    assert (stamps.catalog["border_noise"] > 0).all()
    assert (stamps.flux()[:, 0].std(axis=(1, 2)) > 0).all()


def test_noise_is_the_catalogues_within_the_scatter_of_the_originals(stamps, survey):
    edge, border = noise_ratios(stamps, survey)
    low, middle, high = np.percentile(edge["survey's own stamps"] ** 2, [10, 50, 90])
    assert (low, middle, high) == pytest.approx((0.78, 0.95, 1.15), abs=0.01)
    own = np.percentile(edge["survey's own stamps"], [10, 50, 90])
    drawn = np.percentile(edge["drawn stamps"], [10, 50, 90])
    assert drawn == pytest.approx(own, abs=0.06)
    rules = [np.nanmedian(border[name]) for name in ("drawn stamps", "survey's own stamps")]
    assert rules[0] == pytest.approx(rules[1], abs=0.03)
    assert rules[0] == pytest.approx(0.73, abs=0.03), "the least of 28 regions lies below the noise"


def test_width_in_arcsec(stamps):
    catalog = stamps.catalog
    assert catalog["width_arcsec"].to_numpy() == pytest.approx(
        (catalog["width"] * catalog["pixel_scale"]).to_numpy(), nan_ok=True
    )


def test_the_entry_draws_both_figures(stamps, manifest, tmp_path):
    write_manifest(tmp_path / "survey.json", manifest)
    columns = ["padding_noise", "render_status", "rejected_by"]
    catalog = stamps.catalog.drop(columns=columns, errors="ignore")
    few = Stamps(stamps.image, stamps.offset, stamps.scale, catalog, stamps.split).take(np.arange(9))
    write_stamps(tmp_path / "dataset.h5", [few], stamps.attributes)
    figures = [tmp_path / "originals.png", tmp_path / "noise.png"]
    files = {"survey": tmp_path / "survey.json", "dataset": tmp_path / "dataset.h5"}
    run_stage(plot_survey_stamps, **files, figures=tuple(figures))
    for figure in figures:
        assert imread(figure)[..., :3].std() > 0.05


def test_even_choice():
    assert list(evenly(5, 10)) == [0, 1, 2, 3, 4]
    assert list(evenly(101, 5)) == [0, 25, 50, 75, 100]
    assert list(evenly(1, 5)) == [0]
