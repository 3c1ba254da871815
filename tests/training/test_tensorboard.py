"""Rows of a history on TensorBoard, through a writer that only remembers."""

import sys
from types import ModuleType

import pytest

from galforge.core.errors import ConfigurationError
from galforge.training.tensorboard import board
from tests.helpers.tiny_training import RECIPE, Killed, killed_after, run


@pytest.fixture
def scalars(monkeypatch):
    written = []

    class SummaryWriter:
        def __init__(self, folder):
            self.folder = folder

        def add_scalar(self, name, value, step):
            written.append((name, value, step))

        def flush(self):
            pass

    module = ModuleType("torch.utils.tensorboard")
    module.SummaryWriter = SummaryWriter
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", module)
    return written


def test_each_quantity_of_a_row_is_a_scalar_at_its_step(tmp_path, scalars):
    board(tmp_path)({"epoch": 1.0, "step": 5.0, "train_loss": 2.0, "validation_loss": 3.0}, None)
    assert scalars == [("train/loss", 2.0, 5), ("validation/loss", 3.0, 5)]


def test_a_resumed_training_is_shown_from_its_beginning_and_nothing_twice(tmp_path, scalars):
    (tmp_path / "board").mkdir()
    (tmp_path / "board" / "events of the killed one").touch()
    with pytest.raises(Killed):
        run(tmp_path / "state", killed_after({12}, 14), watch=board(tmp_path / "board"))
    scalars.clear()
    run(tmp_path / "state", watch=board(tmp_path / "board"))
    assert not (tmp_path / "board").exists()
    assert [step for name, _, step in scalars if name == "validation/loss"] == [5, 10, 15, 20]
    assert RECIPE.epochs == 4


def test_without_tensorboard_the_line_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(ConfigurationError, match=r"tensorboard is true.*pip install tensorboard"):
        board(tmp_path)
