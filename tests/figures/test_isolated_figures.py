"""A figure that cannot be drawn costs its own place alone; that the report says so, test_report tests."""

import typing
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image

from galforge.configuration import layout
from galforge.configuration.figures import FIGURES
from galforge.core.errors import InputError
from galforge.core.files import read_json
from galforge.core.tables import read_table, write_table
from galforge.datasets.normalization import normalize
from galforge.datasets.stamp_file import Stamps, read_stamps, write_stamps
from galforge.figures import film, latent_drawings, model, style
from galforge.figures.style import save_drawn, save_figures, words_figure
from galforge.lensing.lens_files import SOURCE
from galforge.simulation.drawing import Simulation
from galforge.survey.manifest import write_manifest
from galforge.survey.simulated import simulate_survey
from tests.helpers.entries import run_stage
from tests.helpers.report_inputs import (
    MODELS,
    ask,
    compare,
    draw_dataset,
    draw_latents,
    draw_model,
    draw_strip,
    learn,
    make_run,
    relate,
)
from tests.pictures.test_odd_pictures import RECIPE, as_dataset, imported
from tests.pictures.test_pictures import encoded, galaxy
from workflow_scripts.dataset import (
    plot_augmentation,
    plot_dataset,
    plot_preparation,
    plot_rendering,
    plot_survey_stamps,
)
from workflow_scripts.evaluation import (
    compare_curves,
    compare_samples,
    compare_scores,
    plot_asked,
    plot_evaluation,
    plot_thumbnail,
)
from workflow_scripts.latents import (
    analyse_latents,
    compare_bounds,
    compare_latents,
    plot_classes,
    plot_physics,
)
from workflow_scripts.lensing import plot_lenses, plot_shear
from workflow_scripts.sampling import plot_film, plot_walk
from workflow_scripts.stamps import measure_quality, render_stamps

MODEL = next(iter(MODELS))


def fail(*_, **__):
    raise ZeroDivisionError("injected")


def blank(*_, **__):
    return words_figure("drawn", "")


def drawing_functions(module):
    """Return the names of a module's functions that return a figure, those of its style apart."""
    found = []
    for name, value in vars(module).items():
        if callable(value) and getattr(value, "__module__", "").startswith("galforge.figures."):
            own = value.__module__ in (module.__name__, style.__name__)
            returned = typing.get_type_hints(value).get("return") if not isinstance(value, type) else None
            if returned is Figure and not own:
                found.append(name)
    return found


def draw_evaluation(run):
    """Run plot_evaluation of a sample whose stamps are those that it has anyway."""
    features, real = run.path(layout.MATCHED_FEATURES, MODEL), run.results / "real.csv"
    write_table(features, pd.DataFrame({"row": range(3)}))
    write_table(real, pd.DataFrame({"row": range(3)}))
    run_stage(
        plot_evaluation,
        {"position": 0, "label": MODEL},
        dataset=run.path(layout.DATASET),
        real=real,
        stamps=(run.path(layout.SAMPLE, MODEL),) * 2,
        generated=run.path(layout.MATCHED_MORPHOLOGY, MODEL),
        features=features,
        scores=run.path(layout.MODEL_SCORES, MODEL),
        figures=run.figures("plot_evaluation", MODEL),
    )


def draw_walk(run):
    """Run plot_walk."""
    walk = run.path(layout.WALK, MODEL)
    attributes = {"model": MODEL, "pairs": 1, "reach": "[0, 1]"}
    write_stamps(walk, [Stamps.plain(np.zeros((2, 1, 16, 16), np.float32))], attributes)
    run_stage(plot_walk, {"label": MODEL, "position": 0}, walk=walk, figures=run.figures("plot_walk", MODEL))


def draw_augmented(run):
    """Run plot_augmentation."""
    augmentation = {"flips": True, "rotation": "free", "translation": 0.1}
    files = {"dataset": run.path(layout.DATASET), "figures": run.figures("plot_augmentation")}
    run_stage(plot_augmentation, {"augmentation": augmentation, "seed": 1}, **files)


def simulated(run):
    """Return a survey of two galaxies, and the stamps that they become, with a selection that keeps both."""
    folder = run.results / "two_galaxies"
    if not folder.exists():
        drawn = Simulation(seed=3, count=2, magnitude_limit=21.5, companion_fraction=0.0, psf_count=1)
        manifest = replace(simulate_survey(drawn, folder, processes=1), directory=".")
        write_manifest(folder / "survey.json", manifest)
        frame = {"size": 32, "mode": "fit", "psf": {"kind": "original"}, "seed": 1, "shard": 0, "shards": 1}
        run_stage(render_stamps, frame, survey=folder / "survey.json", stamps=folder / "0.h5")
        run_stage(measure_quality, stamps=folder / "0.h5", quality=folder / "quality.csv")
        stamps, catalog = read_stamps(folder / "0.h5"), read_table(folder / "quality.csv")
        write_table(folder / "selection.csv", catalog.assign(kept=True))
        known = catalog.drop(columns=["render_status"])
        dataset = Stamps(*normalize(stamps.flux()), catalog=known, split=np.full(2, "test"))
        write_stamps(folder / "dataset.h5", [dataset], {"dataset": "two", "simulated": 1})
    return folder


def draw_rendering(run):
    """Run plot_rendering."""
    folder = simulated(run)
    files = {"survey": folder / "survey.json", "selection": folder / "selection.csv"}
    run_stage(plot_rendering, {"size": 32, "seed": 1}, **files, figures=run.figures("plot_rendering"))


def draw_survey_stamps(run):
    """Run plot_survey_stamps."""
    folder = simulated(run)
    files = {"survey": folder / "survey.json", "dataset": folder / "dataset.h5"}
    run_stage(plot_survey_stamps, **files, figures=run.figures("plot_survey_stamps"))


def draw_preparation(run):
    """Run plot_preparation of a dataset of pictures."""
    folder = run.results / "pictures"
    if not folder.exists():
        (folder / "zoo").mkdir(parents=True)
        for number in range(8):
            (folder / f"zoo/{number}.png").write_bytes(encoded(galaxy(number, side=24)))
        imported(folder / "zoo", folder)
        as_dataset(folder)
    files = {"survey": folder / "survey.json", "dataset": folder / "odd.h5"}
    settings = {"recipe": "mine", "preprocessing": RECIPE}
    run_stage(plot_preparation, settings, **files, figures=run.figures("plot_preparation"))


def draw_shear(run):
    """Run plot_shear."""
    table = run.results / "shear.csv"
    write_table(table, pd.DataFrame({"kind": ["survey"]}))
    run_stage(
        plot_shear, {"label": MODEL, "position": 0}, table=table, figures=run.figures("plot_shear", MODEL)
    )


def draw_lenses(run):
    """Run plot_lenses of no lenses."""
    scores, reconstructions = run.results / "lenses.csv", run.results / "lenses.h5"
    write_table(scores, pd.DataFrame({"reconstruction": ["survey"]}))
    none = np.zeros((0, 1, 16, 16), np.float32)
    write_stamps(reconstructions, [replace(Stamps.plain(none), parts={SOURCE: none[:, 0]})], {})
    files = {"scores": scores, "reconstructions": reconstructions}
    settings = {"label": MODEL, "position": 0}
    run_stage(plot_lenses, settings, **files, figures=run.figures("plot_lenses", MODEL))


COMPARING = (compare_samples, compare_curves, compare_scores, compare_bounds, compare_latents)
# What calls the plotting functions of a module.
STAGES = {
    plot_dataset: draw_dataset,
    plot_thumbnail: partial(draw_strip, name=MODEL),
    model: partial(draw_model, model=MODEL),
    latent_drawings: partial(draw_latents, model=MODEL),
    plot_physics: partial(relate, model=MODEL),
    plot_asked: partial(ask, model=MODEL),
    plot_classes: partial(learn, model=MODEL),
    plot_evaluation: draw_evaluation,
    plot_walk: draw_walk,
    plot_augmentation: draw_augmented,
    plot_rendering: draw_rendering,
    plot_survey_stamps: draw_survey_stamps,
    plot_preparation: draw_preparation,
    plot_shear: draw_shear,
    plot_lenses: draw_lenses,
    **dict.fromkeys(
        (compare_samples, compare_curves, compare_scores, compare_bounds, compare_latents), compare
    ),
}

PLOTTING = [(module, name) for module in STAGES for name in drawing_functions(module)]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Return a made-up run whose latents are analysed."""
    run = make_run(tmp_path_factory.mktemp("run"), count=40)
    with pytest.MonkeyPatch.context() as patch:
        recorded(patch)
        for name in MODELS:
            draw_latents(run, name)
    return run


def recorded(patch):
    """Let every plotting function return at once, and nothing be written; return the faults, to be filled."""
    faults = {}
    for module, name in PLOTTING:
        patch.setattr(module, name, lambda *_, **__: None)
    for save in ("save_figure", "save_picture"):
        patch.setattr(style, save, lambda _, path, fault="": faults.setdefault(path, fault))
    return faults


def warning(path):
    with Image.open(path) as picture:
        return picture.info.get(style.WARNING, "")


# Functions of a library that a stage calls through another of its modules, and the film, which has no figure.
ELSEWHERE = {model: "plot_model", latent_drawings: "plot_latents"}


def test_there_is_a_plotting_function_of_every_rule_that_draws():
    assert {module for module, _ in PLOTTING} == set(STAGES)
    assert len(PLOTTING) >= 30
    rules = {ELSEWHERE.get(module, module.__name__.rpartition(".")[2]) for module in STAGES}
    assert {figure.rule for figure in FIGURES.values()} - rules == OWN_TESTS


# Rules that are tried in tests of their own: two whose pictures are no figures, and those of experiments.
OWN_TESTS = {
    "plot_film", "explore_latents", "plot_variants", "show_variant_samples", "show_variant_reconstructions",
}  # fmt: skip

# What prepares a figure, and may stumble over odd stamps as the drawing itself may.
PREPARING = [
    (plot_dataset, "just_outside", "outside"),
    (plot_dataset, "stamps_of_rows", "outside"),
    (plot_survey_stamps, "pairs", "originals"),
    (plot_survey_stamps, "noise_ratios", "noise"),
    (plot_preparation, "triples_of", "preparation"),
]


@pytest.mark.parametrize(("module", "name"), PLOTTING, ids=[f"{m.__name__}.{n}" for m, n in PLOTTING])
def test_a_plotting_function_that_fails_leaves_its_reason_and_every_other_figure(
    run, monkeypatch, module, name
):
    # "Data cannot be log-scaled" of one score was no report at all.
    faults = recorded(monkeypatch)
    monkeypatch.setattr(module, name, fail)
    STAGES[module](run)
    # One function draws the grids of samples, raw and noise-matched; the others draw one figure each.
    drawn = 2 if (module, name) == (model, "stamp_grid") else 1
    assert [fault for fault in faults.values() if fault] == ["ZeroDivisionError: injected"] * drawn


@pytest.mark.parametrize(("module", "name", "figure"), PREPARING)
def test_what_prepares_a_figure_and_fails_costs_this_figure(run, monkeypatch, module, name, figure):
    faults = recorded(monkeypatch)
    monkeypatch.setattr(module, name, fail)
    STAGES[module](run)
    assert [path.stem for path, fault in faults.items() if fault] == [figure]


def test_latents_that_cannot_be_analysed_are_none_to_be_shown(run, monkeypatch):
    recorded(monkeypatch)
    monkeypatch.setattr(analyse_latents, "analyse_latents", fail)
    draw_latents(run, MODEL)
    analysis = read_json(run.path(layout.LATENT_ANALYSIS, MODEL))
    assert analysis["reason"] == "they could not be analysed (ZeroDivisionError: injected)"


def test_bounds_that_cannot_be_compared_leave_an_empty_table_with_its_columns(run, monkeypatch):
    recorded(monkeypatch)
    compared = compare_bounds.bound_table
    monkeypatch.setattr(
        compare_bounds, "bound_table", lambda models, _: fail() if models else compared([], _)
    )
    compare(run)
    table = read_table(run.path(layout.BOUNDS))
    assert len(table) == 0
    assert list(table.columns[:2]) == ["model", "bound"]


def test_one_of_three_figures_that_fails_leaves_the_others(tmp_path):
    paths = [tmp_path / f"{name}.png" for name in ("a", "b", "c")]
    save_figures({"a": blank, "b": fail, "c": blank}, paths)
    assert [warning(path) for path in paths] == ["", "ZeroDivisionError: injected", ""]
    assert all(path.with_suffix(".pdf").stat().st_size for path in paths)


def test_a_figure_that_fails_only_when_it_is_written_is_words(tmp_path):
    def draw():
        figure = Figure()
        figure.add_subplot().text(0.5, 0.5, "$\\unknown$")
        return figure

    save_drawn(draw, tmp_path / "a.png")
    assert warning(tmp_path / "a.png").startswith("ValueError")
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["a.pdf", "a.png"]


def test_a_damaged_file_still_ends_the_job(tmp_path):
    def draw():
        raise InputError("stamps.h5: is damaged")

    with pytest.raises(InputError):
        save_drawn(draw, tmp_path / "a.png")
    assert not (tmp_path / "a.png").exists()


def test_a_film_that_cannot_be_made_says_so(tmp_path, monkeypatch):
    tensors = {"film/frames": np.zeros((2, 1, 1, 8, 8), np.uint8), "film/steps": np.array([1, 2])}
    monkeypatch.setattr(plot_film, "read_record", lambda _: {"extras_digest": ""})
    monkeypatch.setattr(plot_film, "check_digest", lambda *_: None)
    monkeypatch.setattr(plot_film, "load_file", lambda _: tensors)
    monkeypatch.setattr(plot_film, "film_frames", fail)
    said = []
    monkeypatch.setattr(plot_film, "words_frame", lambda text: said.append(text) or film.words_frame(text))
    files = plot_film.Files(tmp_path / "extras", tmp_path / "record", (tmp_path / "film.webp",))
    plot_film.main(files, plot_film.Settings(columns=1))
    assert said == ["The film could not be made: ZeroDivisionError: injected"]
    assert (tmp_path / "film.webp").exists()
