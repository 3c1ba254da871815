"""Tables of the trainings of an experiment, against numbers by hand."""

import copy
import math

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from galforge.core.files import write_json
from galforge.core.tables import read_table, write_table
from galforge.datasets.stamp_file import Stamps, write_stamps
from galforge.evaluation.experiment_settings import ExperimentContent
from galforge.evaluation.trainings import (
    Ended,
    compare_variants,
    list_trainings,
    measured,
    reconstruction_rms,
)
from galforge.figures.experiment import curve_figure, variant_figure
from galforge.figures.experiment_page import PageContent, render_page
from galforge.figures.report_text import cell
from galforge.figures.style import save_figures
from tests.conftest import PROJECT
from tests.evaluation.test_isolated_scores import floor_of
from tests.evaluation.test_isolated_scores import judged as judge_sample
from tests.evaluation.test_scores import sample
from tests.helpers.entries import run_stage
from workflow_scripts.experiments import build_page, gather_trainings, plot_variants, show_stamps

CONTENT = {
    "experiment": "rates",
    "measures": {"validation_loss": "lowest", "validation_accuracy": "highest"},
    "variants": [
        {"label": "0.1", "point": {"recipe.rate": "0.1"}},
        {"label": "<b>", "point": {"recipe.rate": "<b>"}},
    ],
    "trainings": [
        {"variant": variant, "repeat": repeat, "dataset": "d", "model": f"m{variant}{repeat}"}
        for variant in (0, 1)
        for repeat in (1, 2, 3)
    ],
}

SAID = {
    "description": "Rates.",
    "reason": "A laptop.",
    "model": "m",
    "dataset": "d",
    "simulated": True,
    "repeats": 3,
    "grid": ["recipe.rate"],
    "paper": {"source": "Fig. 9", "text": "The best is 0.1.", "measure": "validation_loss"},
    "numbers": {"0.1": 0.25},
    "measure": "validation_loss",
    "overrides": {"recipe.epochs": {"paper": 20, "run": 3}},
    "figures": [],
}


def ended(losses, status="ok"):
    history = pd.DataFrame({"epoch": range(1, len(losses) + 1), "validation_loss": losses})
    history["validation_accuracy"] = 1 - history["validation_loss"]
    reason = "" if status == "ok" else "validation term loss is nan at step 7"
    return Ended({"status": status, "reason": reason, "training_seconds": 3.0}, history, {"extra": 2.0})


def trainings():
    """The second variant's first training failed; each variant's lowest losses are 0.1, 0.2, 0.6."""
    first = [ended([0.5, 0.1, 0.3]), ended([0.2]), ended([0.9, 0.6])]
    second = [ended([0.3, 0.01], "failed"), ended([0.2]), ended([0.6])]
    return list_trainings(ExperimentContent.model_validate(CONTENT), first + second)


def test_a_variant_has_the_mean_and_the_sample_deviation_of_its_trainings():
    table = compare_variants(trainings(), ["validation_loss", "validation_accuracy", "extra"])
    first = table.iloc[0]
    assert (first["trainings"], first["failed"], first["validation_loss_count"]) == (3, 0, 3)
    assert first["validation_loss"] == pytest.approx(0.3)
    assert first["validation_loss_deviation"] == pytest.approx(math.sqrt((0.04 + 0.01 + 0.09) / 2))
    assert first["validation_accuracy"] == pytest.approx(0.7)
    assert first["extra"] == 2.0


def test_a_training_that_failed_is_counted_and_the_others_keep_their_mean():
    second = compare_variants(trainings(), ["validation_loss"]).iloc[1]
    assert (second["trainings"], second["failed"], second["validation_loss_count"]) == (3, 1, 2)
    assert second["validation_loss"] == pytest.approx(0.4)
    row = trainings().iloc[3]
    assert row["status"] == "failed" and "step 7" in row["reason"]
    assert math.isnan(row["validation_loss"]) and row["epochs"] == 2


def test_where_all_failed_there_is_no_mean():
    content = ExperimentContent.model_validate({**CONTENT, "variants": CONTENT["variants"][:1],
                                                "trainings": CONTENT["trainings"][:1]})  # fmt: skip
    row = compare_variants(list_trainings(content, [ended([0.1], "failed")]), ["validation_loss"]).iloc[0]
    assert row["failed"] == 1 and math.isnan(row["validation_loss"])
    assert math.isnan(row["validation_loss_deviation"])


@pytest.mark.parametrize(("epoch", "value"), [("last", 0.3), ("lowest", 0.1), ("highest", 0.5)])
def test_which_epoch_counts(epoch, value):
    assert measured(pd.DataFrame({"loss": [0.5, 0.1, 0.3]}), "loss", epoch) == value


def test_what_is_not_there_is_not_measured():
    history = pd.DataFrame({"loss": [0.5, np.inf]})
    assert math.isnan(measured(history, "loss", "last"))
    assert math.isnan(measured(history, "accuracy", "last"))
    assert math.isnan(measured(pd.DataFrame({"loss": []}), "loss", "last"))


def test_a_column_that_no_training_has_is_refused_with_those_that_there_are():
    content = ExperimentContent.model_validate({**CONTENT, "measures": {"loss": "last"}})
    with pytest.raises(
        ValueError, match="rates has 'loss'; allowed: epoch, validation_accuracy, validation_loss"
    ):
        list_trainings(content, [ended([0.1])] * 6)


def test_the_error_of_reconstructions_is_the_root_of_the_mean_square_per_stamp():
    images = np.zeros((2, 1, 2, 2))
    off = np.stack([np.full((1, 2, 2), 0.1), np.array([[[0.6, 0], [0, 0]]])])
    assert reconstruction_rms(images, off) == pytest.approx((0.1 + 0.3) / 2)
    assert math.isnan(reconstruction_rms(images[:0], off[:0]))


def test_figures_are_drawn_with_failed_trainings_and_the_papers_numbers(tmp_path):
    table = trainings()
    variants = compare_variants(table, ["validation_loss"])
    figure = variant_figure(table, variants, ["validation_loss"], "t", {"0.1": 0.2}, "validation_loss")
    texts = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert texts == ["1 of 3\nfailed"]
    courses = [(0, ended([0.5, 0.1]).history), (1, ended([0.2]).history)]
    curves = curve_figure(courses, ["0.1", "b"], ["validation_loss", "absent"], "t")
    assert [len(line.get_xdata()) for line in curves.axes[0].lines[:2]] == [2, 1]
    places = [tmp_path / "variants.png", tmp_path / "variant_curves.png"]
    save_figures({"variants": lambda: figure, "variant_curves": lambda: curves}, places)
    assert all(path.stat().st_size > 5000 for path in places)


def test_stamps_of_a_training_that_failed_are_replaced_by_its_reason(tmp_path):
    random = np.random.default_rng(1)
    real = Stamps.plain(random.random((14, 1, 16, 16), dtype=np.float32))
    real = Stamps(real.image, real.offset, real.scale, real.catalog, np.repeat("test", 14))
    none = Stamps.plain(np.zeros((0, 1, 16, 16), np.float32))
    write_stamps(tmp_path / "dataset.h5", [real], {"dataset": "d"})
    write_stamps(tmp_path / "failed.h5", [none], {"reason": "loss is nan at step 7"})
    figure = tmp_path / "variant_samples.png"
    files = show_stamps.Files(
        dataset=tmp_path / "dataset.h5", stamps=(tmp_path / "failed.h5",), figures=(figure,)
    )
    show_stamps.main(files, show_stamps.Settings(experiment="rates", variants=["0.1"]))
    assert figure.stat().st_size > 5000 and figure.with_suffix(".pdf").exists()


def test_the_page_has_mean_deviation_failures_and_the_papers_words(tmp_path):
    table = trainings()
    variants = compare_variants(table, ["validation_loss", "validation_accuracy"])
    paths = (tmp_path / "trainings.csv", tmp_path / "variants.csv")
    for path, each in zip(paths, (table, variants), strict=True):
        write_table(path, each)
    template = PROJECT / "galforge/figures/experiment.html.j2"
    trained, compared = (read_table(path, text=("variant",)) for path in paths)
    page = render_page(
        template.read_text(), PageContent.model_validate({**CONTENT, **SAID}), trained, compared, {}, {}
    )
    for words in (
        "simulated galaxies", "The best is 0.1.", "Fig. 9", "A laptop.", "0.30 ± 0.26", "0.40 ± 0.28 (of 2)",
        "validation term loss is nan at step 7", "0.25", "recipe.epochs", "3 trainings per variant",
    ):  # fmt: skip
        assert words in page, words
    assert "&lt;b&gt;" in page and "<b>" not in page


def test_variants_that_are_called_as_numbers_keep_their_names(tmp_path, monkeypatch):
    variants = [{"label": name, "point": {"recipe.rate": name}} for name in ("1e-3", "1")]
    content = {**CONTENT, "variants": variants}
    courses = [ended([0.5, 0.1])] * 6
    table = list_trainings(ExperimentContent.model_validate(content), courses)
    paths = {"trainings": tmp_path / "trainings.csv", "variants": tmp_path / "variants.csv"}
    write_table(paths["trainings"], table)
    write_table(paths["variants"], compare_variants(table, list(CONTENT["measures"])))

    page = tmp_path / "index.html"
    template = PROJECT / "galforge/figures/experiment.html.j2"
    settings = {**content, **SAID, "numbers": {"1e-3": 0.25}}
    run_stage(build_page, settings, template=template, captions=(), figures=(), page=page, **paths)
    assert "1e-3" in page.read_text() and "0.25" in page.read_text() and "0.001" not in page.read_text()

    drawn = []
    monkeypatch.setattr(plot_variants, "variant_figure", lambda *given: drawn.append(given[:2]))
    monkeypatch.setattr(plot_variants, "save_figures", lambda drawings, paths: drawings["variants"]())
    history = tmp_path / "history.csv"
    write_table(history, courses[0].history)
    figures = (tmp_path / "variants.png", tmp_path / "variant_curves.png")
    run_stage(plot_variants, content, history=(history,) * 6, figures=figures, **paths)
    trained, compared = drawn[0]
    assert compared["variant"].tolist() == ["1e-3", "1"]
    assert trained["variant"].tolist() == ["1e-3"] * 3 + ["1"] * 3


JUDGED = {**CONTENT, "measures": {"mean_distance": "judged", "validation_loss": "last"}}
DIVERGED = "validation term loss is nan at step 7"


@pytest.fixture(scope="module")
def floor():
    return floor_of(sample(20, 1), sample(20, 3))


@pytest.fixture(scope="module")
def scores(floor):
    """Return the judgements of six trainings, of which the fourth failed and the fifth is not scored."""
    whole = [judge_sample(sample(20, seed), floor) for seed in (2, 4, 5, 6)]
    unranked = copy.deepcopy(whole[0]) | {"status": "not scored", "reason": "too few stamps"}
    ranked = unranked["scores"]["noise_matched"]["mean_distance"]
    ranked |= {"value": None, "error": None, "reason": "too few stamps"}
    whole[1]["gates"] = {"copies": "40% are copies of training stamps"}
    return [*whole[:3], judge_sample(sample(20, 2), floor, reason=DIVERGED), unranked, whole[3]]


def gathered(folder, scores, content=JUDGED, **files):
    """Run the entry on files of six trainings, of which the fourth failed; return the paths of the tables."""
    record = {"family": "vae", "settings": {}, "image_shape": [1, 8, 8], "dataset": "d", "model": "m"}
    record |= {"weights_digest": "0" * 64, "training_seconds": 3.0}
    paths = {"record": [], "history": [], "scores": []}
    for number in range(6):
        each = ended([0.4, 0.3], "failed" if number == 3 else "ok")
        for name, suffix in (("record", "json"), ("history", "csv"), ("scores", "json")):
            paths[name].append(folder / f"{name}{number}.{suffix}")
        write_json(paths["record"][-1], {**record, **each.record})
        write_table(paths["history"][-1], each.history)
        if scores:
            write_json(paths["scores"][-1], scores[number])
    if not scores:
        del paths["scores"]
    tables = {name: folder / f"{name}.csv" for name in ("trainings", "variants")}
    run_stage(gather_trainings, content, **{name: tuple(each) for name, each in paths.items()}, **tables)
    return tables, paths


def test_scores_are_gathered_from_files_with_the_floor_beside_them(tmp_path, floor, scores):
    tables, _ = gathered(tmp_path, scores)
    rows, variants = (read_table(path) for path in tables.values())
    known = [scores[number]["scores"]["noise_matched"]["mean_distance"]["value"] for number in (0, 1, 2, 5)]
    assert rows["mean_distance"].dropna().tolist() == known
    real = floor["scores"]["mean_distance"]
    assert set(rows["mean_distance_floor"]) == set(variants["mean_distance_floor"]) == {real["value"]}
    assert set(variants["mean_distance_floor_error"]) == {real["error"]}
    assert variants.loc[0, "mean_distance"] == pytest.approx(np.mean(known[:3]))
    assert variants.loc[0, "mean_distance_deviation"] == pytest.approx(np.std(known[:3], ddof=1))
    assert "validation_loss_floor" not in rows


def test_what_cannot_be_scored_is_counted_as_failed_with_its_reason(tmp_path, scores):
    tables, _ = gathered(tmp_path, scores)
    rows, variants = (read_table(path) for path in tables.values())
    assert rows["status"].tolist() == ["ok", "ok", "ok", "failed", "not scored", "ok"]
    assert rows["reason"].tolist() == ["", "", "", DIVERGED, "too few stamps", ""]
    assert rows["gate"].tolist() == ["", "40% are copies of training stamps", "", "", "", ""]
    assert variants["failed"].tolist() == [0, 2]
    # The training itself went well, and has a loss.
    assert variants["mean_distance_count"].tolist() == [3, 1]
    assert variants["validation_loss_count"].tolist() == [3, 2]


def test_a_score_of_reconstructions_is_absent_where_a_model_makes_none(tmp_path, scores):
    content = {**JUDGED, "measures": {"reconstruction_mse": "judged"}}
    rows = read_table(gathered(tmp_path, scores, content)[0]["trainings"])
    reason = "the model reconstructs nothing"
    assert rows["reason"].tolist() == [reason, reason, reason, DIVERGED, reason, reason]
    assert set(rows["status"]) == {"not scored", "failed"}


def test_nothing_of_the_judge_is_in_the_tables_of_other_experiments(tmp_path):
    rows = read_table(gathered(tmp_path, [], CONTENT)[0]["trainings"])
    assert not [name for name in rows if name == "gate" or "floor" in name]


@pytest.mark.parametrize("with_column", [True, False])
def test_page_and_figures_of_judged_trainings_show_the_floor(
    tmp_path, monkeypatch, scores, floor, with_column
):
    measures = JUDGED["measures"] if with_column else {"mean_distance": "judged"}
    content = {**JUDGED, "measures": measures}
    tables, paths = gathered(tmp_path, scores, content)
    drawn = {}
    monkeypatch.setattr(plot_variants, "save_figures", lambda drawings, _: drawn.update(drawings))
    history, figures = tuple(paths["history"]), (tmp_path / "variants.png", tmp_path / "variant_curves.png")
    run_stage(plot_variants, content, history=history, figures=figures, **tables)
    axes = drawn["variants"]().axes[0]
    (lines,) = [each for each in axes.collections if each.get_label() == "floor"]
    real = floor["scores"]["mean_distance"]
    assert {y for line in lines.get_segments() for _, y in line} == {real["value"]}
    curves = drawn["variant_curves"]().axes
    assert [each.get_ylabel() for each in curves] == ["validation loss"]
    assert len(curves[0].lines) >= len(history)

    page = tmp_path / "index.html"
    template = PROJECT / "galforge/figures/experiment.html.j2"
    settings = {**content, **SAID, "measure": None, "paper": None}
    run_stage(build_page, settings, template=template, captions=(), figures=(), page=page, **tables)
    text = page.read_text()
    assert text.count("survey stamps of d (floor)") == 1
    shown = cell({"mean_distance": real["value"], "mean_distance_error": real["error"]}, "mean_distance")
    assert f"(floor)</th><td>{shown}</td>" in text
    assert "not scored, too few stamps" in text and f"failed, {DIVERGED}" in text
    assert "ok; not ranked: 40% are copies of training stamps" in text


def test_names_of_many_variants_are_upright_in_one_column():
    labels = [f"variant {number}" for number in range(20)]
    table = pd.DataFrame({"variant": labels, "loss": 1.0, "other": 2.0})
    variants = table.assign(trainings=2, failed=0, loss_deviation=np.nan, other_deviation=np.nan)
    variants.loc[3, "failed"] = 1
    figure = variant_figure(table, variants, ["loss", "other"], "t")
    first, second = figure.axes
    assert [text.get_text() for text in first.texts] == ["1/2"]
    assert {text.get_rotation() for text in first.get_xticklabels()} == {90}
    assert first.get_subplotspec().colspan == second.get_subplotspec().colspan


def test_names_that_do_not_fit_beside_each_other_are_upright():
    for name, rotation in (("rate", 0), ("laisney_mlp_vae", 90)):
        table = pd.DataFrame({"variant": [f"{name}_{number}" for number in range(6)], "loss": 1.0})
        variants = table.assign(trainings=1, failed=0, loss_deviation=np.nan)
        (axes,) = variant_figure(table, variants, ["loss"], "t").axes
        assert {text.get_rotation() for text in axes.get_xticklabels()} == {rotation}, name


@pytest.mark.parametrize("number", [3, 6, 54])
def test_the_legend_of_the_courses_names_every_variant_inside_the_figure(number):
    labels = [f"danilov_flow_vae_{place}, gaussian" for place in range(number)]
    figure = curve_figure([(0, ended([0.5, 0.1]).history)], labels, ["validation_loss"], "t")
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    (legend,) = figure.legends
    box = legend.get_window_extent(canvas.get_renderer())
    assert len(legend.get_texts()) == number
    assert 0 <= box.x0 < box.x1 <= figure.bbox.x1
    assert 0 <= box.y0 < box.y1 <= figure.axes[0].bbox.y0
    assert figure.axes[0].bbox.height > 2 * figure.dpi  # inches, whatever room the legend takes
