"""Known shears of real, generated and parametric galaxies, measured: the bias of each, and the stage."""

import galsim
import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread

from galforge.configuration.mappings import merged
from galforge.configuration.runs import further_of, sheared_pairs
from galforge.configuration.stages.lensing import shear_settings
from galforge.configuration.validation import validate_configuration
from galforge.core.errors import ConfigurationError, InputError
from galforge.core.files import read_json, write_json
from galforge.core.tables import read_table
from galforge.datasets.stamp_file import Stamps, read_catalog, write_stamps
from galforge.figures.shear import shear_figure
from galforge.figures.style import INK, REAL, model_style
from galforge.lensing.shear import COLUMNS, Origins, bias_table, biases, measure_kinds, measured
from galforge.lensing.shear_settings import Shear
from galforge.publication.places import model_place
from galforge.simulation.drawing import Simulation
from galforge.survey.manifest import write_manifest
from galforge.survey.reading import open_survey, survey_catalog
from galforge.survey.simulated import simulate_survey
from tests.helpers.configurations import default, overlaid
from tests.helpers.entries import run_stage
from workflow_scripts.lensing import measure_shear, plot_shear

SETTINGS = Shear()
SHEAR = SETTINGS.shear
SHOWN = plot_shear.Settings(label="A flow", position=1)
# A rotation by an angle turns a shape by twice that: 0, 45, 90 and 135 degrees.
TURNS = [
    np.array(turn) for turn in ([[1, 0], [0, 1]], [[0, 1], [-1, 0]], [[-1, 0], [0, -1]], [[0, -1], [1, 0]])
]


def seen(rng, count, m=0.0, c=(0.0, 0.0), spread=0.0):
    """Distortions of galaxies, rotated by 0 and 90 degrees and sheared by + and -, by a biased method."""
    shape = rng.normal(scale=0.2, size=(count, 2))
    response = 1 + m + spread * rng.normal(size=count)
    responsivity = 2 * (1 - (shape**2).mean())
    return np.stack(
        [
            shape @ turn
            + responsivity * (np.outer(response, (sign * SHEAR, 0)) + np.asarray(c))
            for turn in TURNS
            for sign in (1, -1)
        ],
        axis=1,
    )  # fmt: skip


def test_the_bias_of_shears_is_that_of_the_method():
    rng = np.random.default_rng(1)
    kinds = {"survey": seen(rng, 4000, 0.02, (1e-3, -2e-3), 0.1), "generated": seen(rng, 4000, -0.05)}
    table = biases(kinds, SHEAR).set_index("kind")
    assert table["m"]["survey"] == pytest.approx(0.02, abs=4 * 0.1 / np.sqrt(4000))
    assert table["m_error"]["survey"] == pytest.approx(0.1 / np.sqrt(4000), rel=0.1)
    assert table["c1"]["survey"] == pytest.approx(1e-3, rel=0.01)
    assert table["c2"]["survey"] == pytest.approx(-2e-3, rel=0.01)
    assert table["m"]["generated"] == pytest.approx(-0.05, abs=1e-3)
    assert table["apart"]["generated"] == pytest.approx(table["m"]["generated"] - table["m"]["survey"])


def test_a_round_galaxy_is_measured_without_a_bias_to_speak_of():
    shapes, resolution = measured(galsim.Gaussian(sigma=0.8, flux=100), SETTINGS)
    assert resolution > 0.7
    response = (shapes[:, 0] * np.tile([1, -1], 4)).mean() / SHEAR / 2
    assert response == pytest.approx(1, abs=0.01)


def test_what_is_not_resolved_is_no_shape():
    assert measured(galsim.Gaussian(sigma=0.05, flux=100), SETTINGS) == "not resolved"


def test_a_kind_that_is_not_measured_takes_the_galaxy_out_of_all():
    rng = np.random.default_rng(1)
    shapes = seen(rng, 3, 0.01)
    rows = [{"survey": each, "generated": each, "parametric": each} for each in shapes]
    rows.append({"survey": shapes[0], "generated": "not resolved", "parametric": "not measured"})
    table = bias_table(rows, SETTINGS).set_index("kind")
    assert table["galaxies"].tolist() == [3, 3, 3]
    assert table["not_resolved"].to_dict() == {"survey": 0, "generated": 1, "parametric": 0}
    assert table["not_measured"].to_dict() == {"survey": 0, "generated": 0, "parametric": 1}


def test_a_kind_that_is_never_measured_has_a_count_and_no_bias_and_the_figure_says_so():
    rng = np.random.default_rng(1)
    rows = [{"survey": each, "generated": "not measured", "parametric": each} for each in seen(rng, 3)]
    table = bias_table(rows, SETTINGS)
    assert table.columns.tolist() == [*COLUMNS, "not_measured", "not_resolved"]
    assert table["galaxies"].tolist() == [0, 0, 0] and table["m"].isna().all()
    assert table["not_measured"].tolist() == [0, 3, 0]
    words = " ".join(text.get_text() for text in shear_figure(table, "A flow", model_style(1)).texts)
    assert "survey 0 and 0, A flow 3 and 0, single-Sersic fits 0 and 0" in " ".join(words.split())


def test_the_figure_of_shears_has_the_models_name_and_colour():
    rng = np.random.default_rng(1)
    rows = [dict.fromkeys(("survey", "generated", "parametric"), each) for each in seen(rng, 3)]
    style = model_style(1)
    panel = shear_figure(bias_table(rows, SETTINGS), "A flow", style).axes[0]
    names = [label.get_text() for label in panel.get_yticklabels()]
    assert names == ["survey", "A flow", "single-Sersic fits"]
    assert [points.lines[0].get_color() for points in panel.containers] == [REAL, style.colour, INK]


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    """A survey of a few galaxies, and their catalogue as a dataset has it."""
    folder = tmp_path_factory.mktemp("survey")
    simulation = Simulation(seed=3, count=8, magnitude_limit=21.5, companion_fraction=0, psf_count=1)
    manifest = simulate_survey(simulation, folder, 1)
    write_manifest(folder / "survey.json", manifest)
    catalog = survey_catalog(open_survey(manifest))
    count = len(catalog)
    images = np.zeros((count, 1, 16, 16), dtype=np.float32)
    stamps = Stamps(images, np.zeros(count), np.ones(count), catalog, np.full(count, "train"))
    write_stamps(folder / "dataset.h5", [stamps], {"dataset": "made"})
    return folder


def measure(survey, table, threads=1, model=None):
    folder = model or model_place("simulated_galaxies")
    run_stage(
        measure_shear, {"measurement": {"count": 6}, "seed": 1}, threads=threads,
        survey=survey / "survey.json", dataset=survey / "dataset.h5", table=table,
        weights=folder / "weights.safetensors", record=folder / "model.json",
    )  # fmt: skip
    return read_table(table)


def test_the_stage_measures_the_same_galaxies_in_all_kinds_with_any_number_of_processes(survey, tmp_path):
    table = measure(survey, tmp_path / "shear.csv")
    again = measure(survey, tmp_path / "again.csv", threads=2)
    pd.testing.assert_frame_equal(table, again)
    assert table["kind"].tolist() == ["survey", "generated", "parametric"]
    assert len(set(table["galaxies"])) == 1 and table["galaxies"][0] >= 3
    # Bright, large galaxies answer to a shear about as they should, and the three are the same galaxies.
    assert (table["m"].abs() < 0.15).all()
    assert (table["apart"].abs() < 0.1).all() and table["apart"][0] == 0
    files = plot_shear.Files(tmp_path / "shear.csv", (tmp_path / "shear.png",))
    plot_shear.main(files, SHOWN)
    assert (imread(tmp_path / "shear.png")[..., :3].min(axis=2) < 0.5).any()


def test_a_galaxy_that_galsim_cannot_draw_is_not_measured(survey):
    manifest, catalog = survey / "survey.json", read_catalog(survey / "dataset.h5")
    catalog["sersic_half_light_radius"] *= 1e6
    galaxies = [row for _, row in catalog.iloc[:2].iterrows()]
    origins = Origins(manifest, model_place("simulated_galaxies"), 1)
    found = measure_kinds(galaxies, origins, SETTINGS)
    assert [each["parametric"] for each in found] == ["not measured"] * 2
    assert not isinstance(found[0]["survey"], str)
    assert bias_table(found, SETTINGS)["not_measured"].tolist() == [0, 0, 2]


def test_a_training_that_failed_has_no_shears_and_the_figure_says_so(survey, tmp_path):
    record = read_json(model_place("simulated_galaxies") / "model.json")
    write_json(tmp_path / "model.json", {**record, "status": "failed", "reason": "diverged"})
    assert not len(measure(survey, tmp_path / "shear.csv", model=tmp_path))
    plot_shear.main(plot_shear.Files(tmp_path / "shear.csv", (tmp_path / "shear.png",)), SHOWN)
    assert (tmp_path / "shear.png").is_file()


def test_another_survey_is_not_taken_for_that_of_the_dataset(survey, tmp_path):
    other = simulate_survey(
        Simulation(seed=4, count=2, magnitude_limit=21.5, companion_fraction=0, psf_count=1), tmp_path, 1
    )
    write_manifest(tmp_path / "survey.json", other)
    (tmp_path / "dataset.h5").symlink_to(survey / "dataset.h5")
    with pytest.raises(InputError, match="is no longer galaxy"):
        measure(tmp_path, tmp_path / "shear.csv")


def test_shears_are_off_by_default_and_of_models_in_flux_alone():
    validate_configuration(config := overlaid("config/lenses.yaml"))
    assert sheared_pairs(default()) == []
    pair = ("flux_cosmos", "flow_vae")
    assert sheared_pairs(config) == [pair]
    assert "shear" in further_of(config, *pair)
    assert shear_settings(config) == {"measurement": {"count": 1000}, "seed": config["seed"]}
    both = merged(default(), {"shear": {}})
    assert sheared_pairs(both) == [], "models in [0, 1] have no flux"
    with pytest.raises(ConfigurationError, match=r"shear\.shear is 1"):
        validate_configuration(merged(config, {"shear": {"shear": 1}}))
