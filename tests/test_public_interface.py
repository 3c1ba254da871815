"""What a user of the library sees: `import galforge`, its functions, the `galforge` command."""

import doctest
import re
import subprocess
import sys

import numpy as np
import pytest
import torch
import yaml

import galforge
import galforge.api
from galforge.commands.command import COMMANDS, command_parser, main
from galforge.core.errors import InputError
from galforge.core.files import read_json, write_json
from galforge.datasets.stamp_file import Stamps, write_stamps
from tests.conftest import PROJECT
from tests.helpers.published_model import publish_model

DATASET = "results/dataset/simulated_cosmos.h5"
MODEL = "results/model/simulated_cosmos/danilov_beta_vae"


@pytest.fixture
def results(tmp_path, monkeypatch):
    """A current folder with a dataset and a model where `make demo` puts them."""
    monkeypatch.chdir(tmp_path)
    stamps = Stamps.plain(np.random.default_rng(1).random((5, 1, 64, 64), dtype=np.float32))
    split = np.array(["train", "train", "train", "validation", "test"])
    stamps = Stamps(stamps.image, stamps.offset, stamps.scale, stamps.catalog, split)
    write_stamps(tmp_path / DATASET, [stamps], {"dataset": "simulated_cosmos", "settings": {"seed": 7}})
    publish_model(tmp_path / MODEL)
    return tmp_path


def after(statement):
    """Return the packages that are loaded after a statement, in a process of its own."""
    code = f"import sys; {statement}; print(*(name for name in sys.modules if '.' not in name))"
    words = [sys.executable, "-c", code]
    return set(subprocess.run(words, cwd=PROJECT, capture_output=True, text=True, check=True).stdout.split())


def test_importing_loads_nothing_heavy():
    heavy = {"torch", "numpy", "pandas", "h5py", "galsim", "matplotlib", "pydantic"}
    assert not heavy & after("import galforge")
    assert "torch" not in after("import galforge; galforge.open_dataset")
    assert "torch" not in after("from galforge.commands.command import command_parser; command_parser()")


def test_every_public_name_is_there_and_no_other():
    assert set(galforge.__all__) <= set(dir(galforge))
    assert all(getattr(galforge, name) is not None for name in galforge.__all__)
    with pytest.raises(AttributeError, match="'galforge' has no attribute 'open_data'"):
        _ = galforge.open_data


def test_every_public_function_has_an_example_and_each_runs(results):
    found = [test for test in doctest.DocTestFinder().find(galforge.api) if test.examples]
    functions = {name for name in galforge.__all__ if not name.startswith("_")}
    assert {test.name.rpartition(".")[2] for test in found} == functions
    runner = doctest.DocTestRunner()
    for test in found:
        runner.run(test)
    assert runner.summarize().failed == 0


def test_a_dataset_is_opened_by_its_split(results):
    assert len(galforge.open_dataset(DATASET)) == 5
    assert len(galforge.open_dataset(DATASET, split="train")) == 3


def test_a_model_is_that_which_was_published(results):
    model = galforge.load_model(MODEL)
    published = publish_model(results / "again")
    assert not model.training
    assert all(torch.equal(model.state_dict()[name], value) for name, value in published.state_dict().items())


def test_a_training_that_failed_gives_no_model(results):
    record = results / MODEL / "model.json"
    write_json(record, read_json(record) | {"status": "failed", "reason": "loss is nan at step 7"})
    with pytest.raises(InputError, match="its training failed \\(loss is nan at step 7\\)"):
        galforge.load_model(MODEL)


def test_a_seed_draws_the_same_stamps_however_many_follow(results):
    model = galforge.load_model(MODEL)
    first, second = galforge.draw(model, 70, seed=3), galforge.draw(model, 70, seed=3)
    np.testing.assert_array_equal(first, second)
    assert first.shape == (70, 1, 64, 64)
    assert first.dtype == np.float32
    assert not np.array_equal(first[:6], galforge.draw(model, 6, seed=4))
    assert galforge.draw(model, 0, seed=3).shape == (0, 1, 64, 64)


def test_drawing_leaves_the_model_in_the_mode_it_was_in(results):
    model = galforge.load_model(MODEL).train()
    galforge.draw(model, 1, seed=1)
    assert model.training


def test_the_version_is_stated_once():
    assert 'dynamic = ["version"]' in (PROJECT / "pyproject.toml").read_text()
    citation = yaml.safe_load((PROJECT / "CITATION.cff").read_text())
    assert citation["version"] == galforge.__version__
    changes = (PROJECT / "CHANGELOG.md").read_text()
    assert re.search(rf"^## {re.escape(galforge.__version__)}\b", changes, re.MULTILINE)


def test_the_command_says_its_version(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"galforge {galforge.__version__}\n"


def test_every_command_has_a_line_of_help():
    text = command_parser().format_help()
    assert all(re.search(rf"^ +{command.__name__} +[A-Z]", text, re.M) for command in COMMANDS)


def test_show_says_what_a_stamp_file_holds(results, capsys):
    main(["show", DATASET])
    shown = capsys.readouterr().out
    assert re.search(r"stamps +5 of 64 x 64 px, 1 channel\n", shown)
    assert re.search(r'split +\{"test": 1, "train": 3, "validation": 1\}\n', shown)
    assert re.search(r'settings +\{"seed": 7\}\n', shown)


def test_show_says_what_a_model_is(results, capsys):
    main(["show", MODEL])
    shown = capsys.readouterr().out
    assert re.search(r"model +danilov_beta_vae\n", shown)
    assert re.search(r"image shape +1, 64, 64\n", shown)


@pytest.mark.parametrize("path", ["absent.h5", "empty", "text.h5"])
def test_what_cannot_be_shown_is_one_line_and_status_1(tmp_path, capsys, path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.h5").write_text("no HDF5")
    with pytest.raises(SystemExit, match="1"):
        main(["show", str(tmp_path / path)])
    error = capsys.readouterr().err
    assert error.startswith("ERROR: ")
    assert error.count("\n") == 1
    assert path in error
