"""Drawn stamps beside the survey's own: a hundred real galaxies, none cropped, the survey's noise."""

import sys

import numpy as np
import pytest
from matplotlib.image import imread
from workflow_scripts.stamps.plot_survey_stamps import evenly, noise_ratios, pairs

from galforge.configuration.mappings import canonical
from galforge.configuration.stages.dataset import render_settings
from galforge.core.tables import read_table
from galforge.datasets.normalization import normalize
from galforge.datasets.stamp_file import Stamps, read_stamps, write_stamps
from galforge.survey.manifest import SurveyManifest, write_manifest
from galforge.survey.reading import open_survey
from tests.helpers.configurations import default
from workflow_scripts.stamps import measure_quality as measure_metrics
from workflow_scripts.stamps import plot_survey_stamps, render_stamps


@pytest.fixture(scope="module")
def manifest(cosmos_btk):
    catalog = "real_galaxy_catalog_26_extension_example.fits"
    return SurveyManifest("local", False, str(cosmos_btk), catalog, "none", 100, "HST COSMOS", {})


@pytest.fixture(scope="module")
def stamps(manifest, tmp_path_factory):
    """All galaxies, drawn and measured by the stages themselves, normalized as a dataset is."""
    folder = tmp_path_factory.mktemp("stamps")
    write_manifest(folder / "survey.json", manifest)
    with pytest.MonkeyPatch.context() as monkeypatch:

        def run(entry, *arguments):
            monkeypatch.setattr(sys, "argv", [entry.__name__, *map(str, arguments)])
            entry.main()

        settings = canonical(render_settings(default(), "simulated_cosmos"))
        where = ("--survey", folder / "survey.json", "--shard", 0, "--shards", 1)
        run(render_stamps, "--settings", settings, *where, "--output", folder / "0.h5")
        metrics = folder / "metrics.csv"
        run(measure_metrics, "--settings", "{}", "--stamps", folder / "0.h5", "--output", metrics)
    drawn = read_stamps(folder / "0.h5")
    return Stamps(
        *normalize(drawn.flux()),
        catalog=read_table(folder / "metrics.csv"),
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


def test_the_entry_draws_both_figures(stamps, manifest, tmp_path, monkeypatch):
    write_manifest(tmp_path / "survey.json", manifest)
    columns = ["padding_noise", "render_status", "rejected_by"]
    catalog = stamps.catalog.drop(columns=columns, errors="ignore")
    few = Stamps(stamps.image, stamps.offset, stamps.scale, catalog, stamps.split).take(np.arange(9))
    write_stamps(tmp_path / "dataset.h5", [few], stamps.attributes)
    figures = [tmp_path / "originals.png", tmp_path / "noise.png"]
    arguments = [
        "--settings",
        "{}",
        "--survey",
        tmp_path / "survey.json",
        "--dataset",
        tmp_path / "dataset.h5",
    ]
    arguments += ["--originals-figure", figures[0], "--noise-figure", figures[1]]
    monkeypatch.setattr(sys, "argv", ["plot_survey_stamps", *map(str, arguments)])
    plot_survey_stamps.main()
    for figure in figures:
        assert imread(figure)[..., :3].std() > 0.05


def test_even_choice():
    assert list(evenly(5, 10)) == [0, 1, 2, 3, 4]
    assert list(evenly(101, 5)) == [0, 25, 50, 75, 100]
    assert list(evenly(1, 5)) == [0]
