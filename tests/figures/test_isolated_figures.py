"""A figure that cannot be drawn costs its own place alone; that the report says so, test_report tests."""

import typing
from functools import partial

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from galforge.configuration import layout
from galforge.core.errors import InputError
from galforge.core.files import read_json
from galforge.core.tables import read_table
from galforge.figures import film, latent_drawings, model, style
from galforge.figures.style import save_drawn, save_figures, words_figure
from tests.helpers.report_inputs import (
    MODELS,
    compare,
    draw_dataset,
    draw_latents,
    draw_model,
    draw_strip,
    make_run,
    relate,
)
from workflow_scripts.dataset import plot_dataset
from workflow_scripts.evaluation import compare_samples, compare_scores, plot_thumbnail
from workflow_scripts.latents import analyse_latents, compare_bounds, compare_latents, plot_physics
from workflow_scripts.sampling import plot_film

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


# What calls the plotting functions of a module.
STAGES = {
    plot_dataset: draw_dataset,
    plot_thumbnail: partial(draw_strip, name=MODEL),
    model: partial(draw_model, model=MODEL),
    latent_drawings: partial(draw_latents, model=MODEL),
    plot_physics: partial(relate, model=MODEL),
    **dict.fromkeys((compare_samples, compare_scores, compare_bounds, compare_latents), compare),
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


def test_there_is_a_plotting_function_of_every_stage():
    assert {module for module, _ in PLOTTING} == set(STAGES)
    assert len(PLOTTING) >= 20


@pytest.mark.parametrize(("module", "name"), PLOTTING, ids=[f"{m.__name__}.{n}" for m, n in PLOTTING])
def test_a_plotting_function_that_fails_leaves_its_reason_and_every_other_figure(
    run, monkeypatch, module, name
):
    # "Data cannot be log-scaled" of one score was no report at all.
    faults = recorded(monkeypatch)
    monkeypatch.setattr(module, name, fail)
    STAGES[module](run)
    # The grid of samples and the strip are drawn by the same module, each once.
    assert [fault for fault in faults.values() if fault] == ["ZeroDivisionError: injected"]


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
