"""The notebooks of the documentation run from their first cell to their last, and show what was run."""

import json

import numpy as np
import pandas as pd
import pytest

from galforge.datasets.stamp_file import Stamps, write_stamps
from tests.conftest import PROJECT
from tests.evaluation.test_copies import draw
from tests.helpers.further_packages import install, run_with

NOTEBOOKS = sorted((PROJECT / "docs/notebooks").glob("*.ipynb"))
RUN = """
import sys, nbformat
from nbclient import NotebookClient
for path in sys.argv[1:]:
    NotebookClient(nbformat.read(path, as_version=4), timeout=600).execute()
"""


def code_cells(path):
    return [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]


def test_there_is_one_to_draw_and_one_to_judge():
    assert [path.stem for path in NOTEBOOKS] == ["draw_galaxies", "judge_samples"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_was_run_from_above_to_below_without_an_error(path):
    cells = code_cells(path)
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert outputs and not [each for each in outputs if each["output_type"] == "error"]
    assert not [each for each in outputs if each.get("name") == "stderr"]
    assert path.stat().st_size < 1 << 20
    assert str(PROJECT) not in path.read_text()


@pytest.mark.slow
def test_the_notebooks_run(tmp_path):
    install(tmp_path / "packages", "nbclient", "ipykernel")
    images = draw(160, seed=1).astype(np.float32)
    images -= images.min(axis=(1, 2), keepdims=True)
    images /= images.max(axis=(1, 2), keepdims=True)
    split = np.repeat(["train", "test"], 80)
    catalog = pd.DataFrame({"identifier": np.arange(160)})
    stamps = Stamps(images[:, None], np.zeros(160), np.ones(160), catalog, split)
    attributes = {"dataset": "drawn", "simulated": 1, "survey": "drawn"}
    write_stamps(tmp_path / "dataset.h5", [stamps], attributes)
    environment = {"GALFORGE_DATASET": str(tmp_path / "dataset.h5"), "GALFORGE_COUNT": "40"}
    run_with(tmp_path / "packages", "-c", RUN, *NOTEBOOKS, cwd=tmp_path, **environment)
