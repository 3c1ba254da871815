"""A model's colour and marker: told apart from other models', and kept when others are run."""

import itertools

import pytest
from matplotlib.figure import Figure

from galforge.configuration.runs import model_position, models_of, run_datasets
from galforge.figures.style import model_style, save_figures
from tests.helpers.configurations import default

CONFIG = default()


def test_a_colour_and_a_marker_together_name_one_model():
    assert len({model_style(position)[:2] for position in range(48)}) == 48


@pytest.mark.parametrize("dataset", run_datasets(CONFIG))
def test_models_of_one_colour_differ_in_marker_and_line(dataset):
    styles = [model_style(model_position(CONFIG, model)) for model in models_of(CONFIG, dataset)]
    for one, other in itertools.combinations(styles, 2):
        if one.colour == other.colour:
            assert one.marker != other.marker
            assert one.line != other.line


def test_a_further_run_changes_no_colour():
    first, *others = CONFIG["runs"]
    few, more = CONFIG | {"runs": [first]}, CONFIG | {"runs": [*others, first]}
    (model,) = first["models"]
    assert model_position(few, model) == model_position(more, model)


def test_each_figure_is_drawn_into_the_file_of_its_name(tmp_path):
    drawings = {name: lambda: Figure(figsize=(1, 1)) for name in ("a", "b")}
    save_figures(drawings, [tmp_path / "b.png", tmp_path / "a.png"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.pdf", "a.png", "b.pdf", "b.png"]
    with pytest.raises(ValueError, match="asked for"):
        save_figures(drawings, [tmp_path / "b.png"])
