"""The figure of classes from latents: what is drawn of which numbers."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from galforge.core.files import write_json
from galforge.core.tables import write_table
from galforge.evaluation.latent_classes import classes_named, learn_classes
from galforge.evaluation.latent_regression import Split
from galforge.figures.latent_classes import classes_figure
from galforge.figures.shown import Shown
from galforge.figures.style import model_style, save_figure
from workflow_scripts.latents import plot_classes

COUNT = 400
MODEL = {"reason": "", "model": "vae"}


def learnt(names, column="class_folder", seed=1):
    """Return the map and the numbers of so many classes, each apart from the others in the latents."""
    random = np.random.default_rng(seed)
    own = random.integers(0, len(names), COUNT)
    latents = 2.5 * random.standard_normal((len(names), 6))[own] + random.standard_normal((COUNT, 6))
    test = np.arange(COUNT) % 2 == 0
    classes = classes_named(column, pd.DataFrame({column: np.array(names, dtype=object)[own]}))
    return learn_classes(Split(latents, ~test, test), classes, column, np.arange(COUNT), seed)


def test_each_class_has_its_own_marks_where_its_galaxies_lie():
    found = learnt(["disc", "edge-on", "smooth"])
    figure = classes_figure(found.places, {**MODEL, "columns": [found.numbers]})
    plane, matrix = figure.axes
    for position, name in enumerate(found.numbers["classes"]):
        style, own = model_style(position), found.places[found.places["class"] == name]
        marks, middle = plane.lines[2 * position : 2 * position + 2]
        assert (to_hex(marks.get_color()), marks.get_marker()) == (style.colour.lower(), style.marker)
        assert marks.get_xdata() == pytest.approx(own["direction_1"])
        assert marks.get_ydata() == pytest.approx(own["direction_2"])
        assert middle.get_xdata() == pytest.approx(own["direction_1"].mean())
        assert plane.get_legend().get_texts()[position].get_text() == f"{name} ({len(own)})"
    counts = np.array(found.numbers["confusion"])
    shares = counts / counts.sum(1, keepdims=True)
    assert np.asarray(matrix.images[0].get_array()) == pytest.approx(shares)
    words = [text.get_text() for text in matrix.texts]
    assert words == [
        f"{100 * share:.0f} %\n{count}" for share, count in zip(shares.ravel(), counts.ravel(), strict=True)
    ]
    assert [tick.get_text() for tick in matrix.get_yticklabels()] == found.numbers["classes"]
    assert f"accuracy {found.numbers['accuracy']:.2f} ±" in matrix.get_title(loc="left")


def test_two_classes_have_histograms_of_all_their_galaxies():
    found = learnt(["disc", "smooth"])
    figure = classes_figure(found.places, {**MODEL, "columns": [found.numbers]})
    outlines = [patch.get_xy()[:, 1] for patch in figure.axes[0].patches]
    assert len(outlines) == 2
    assert len({str(patch.get_linestyle()) for patch in figure.axes[0].patches}) == 2
    for outline, name in zip(outlines, found.numbers["classes"], strict=True):
        # Each bin is two corners of the outline.
        assert outline[1:-1].sum() / 2 == (found.places["class"] == name).sum()


@pytest.mark.parametrize("count", [2, 20])
def test_odd_names_and_many_classes_are_drawn(tmp_path, count):
    names = ["_hidden", "$x$ and $y", *(f"a class with a very long name, number {n}" for n in range(count))]
    found = [learnt(names[:20], column) for column in ("a_$b", "second")]
    places = pd.concat([each.places for each in found])
    figure = classes_figure(places, {**MODEL, "columns": [each.numbers for each in found]})
    assert len(figure.axes) == 4
    legend = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert len(legend) == len(found[0].numbers["classes"])
    save_figure(figure, tmp_path / "classes.png")
    assert (tmp_path / "classes.pdf").stat().st_size > 5000


def test_where_there_is_nothing_to_draw_the_figure_says_why():
    none = pd.DataFrame(columns=["column"])
    reason = "1 of 3 classes have 10 training galaxies or more"
    few = {"column": "class_folder", "reason": reason}
    for numbers, words in (
        ({"reason": "the training failed", "columns": []}, "the training failed"),
        ({"reason": "", "columns": [few]}, f"class_folder: {reason}"),
        ({"reason": "", "columns": []}, "none are asked for"),
    ):
        figure = classes_figure(none, {"model": "vae", **numbers})
        assert words in " ".join(" ".join(text.get_text().split()) for text in figure.texts)


def test_the_entry_reads_classes_that_look_like_numbers(tmp_path):
    """The numbers of a JSON are compared with the text of a CSV."""
    found = learnt(["0", "1", "2"], "1")
    write_table(tmp_path / "places.csv", found.places)
    write_json(tmp_path / "numbers.json", {"reason": "", "columns": [found.numbers]})
    files = plot_classes.Files(
        tmp_path / "places.csv", tmp_path / "numbers.json", (tmp_path / "classes.png",)
    )
    plot_classes.main(files, Shown(label="vae", position=0))
    drawn = (tmp_path / "classes.png").read_bytes()
    save_figure(
        classes_figure(found.places, {**MODEL, "columns": [found.numbers]}), tmp_path / "expected.png"
    )
    assert drawn == (tmp_path / "expected.png").read_bytes()
