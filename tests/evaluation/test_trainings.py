"""Tables of the trainings of an experiment, against numbers by hand."""

import math

import numpy as np
import pandas as pd
import pytest

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
from galforge.figures.style import save_figures
from tests.conftest import PROJECT
from tests.helpers.entries import run_stage
from workflow_scripts.experiments import build_page, plot_variants, show_stamps

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
