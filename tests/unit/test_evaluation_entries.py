"""The three entries from stamps to leaderboard, on files."""

import importlib
import json
import sys

import galsim
import numpy as np
import pandas as pd
import pytest

from workflow_scripts.command_line import run_entry
from workflow_scripts.datasets.stamp_file import Stamps, write_stamps

MORPHOLOGY = {
    "threshold": 1.5,
    "connected_pixels": 5,
    "smoothing": 10,
    "noise_floor": 0.005,
    "skybox_size": 16,
}
SCORED = {"parameters": ["gini", "concentration", "rhalf_ellip"], "count": 12}


def run(entry, settings, *arguments):
    module = importlib.import_module(f"workflow_scripts.{entry}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [entry, "--settings", json.dumps(settings), *map(str, arguments)])
        run_entry(module.main)


def galaxies(count, seed, radius):
    rng = np.random.default_rng(seed)
    stamps = []
    for _ in range(count):
        galaxy = galsim.Sersic(
            n=rng.uniform(0.7, 2), half_light_radius=radius * rng.uniform(0.7, 1.4), flux=2000
        ).shear(g1=rng.uniform(-0.4, 0.4), g2=rng.uniform(-0.4, 0.4))
        image = galaxy.drawImage(nx=48, ny=48, scale=1.0).array
        stamps.append((image + rng.standard_normal(image.shape)) / 100)
    return np.clip(np.stack(stamps)[:, None], -1, 1).astype(np.float32)


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    """Run every stage on a dataset and on four models; return the folder."""
    folder = tmp_path_factory.mktemp("evaluation")
    real = galaxies(30, seed=1, radius=4)
    dataset = Stamps(
        image=real,
        offset=np.full(30, 5.0),
        scale=np.full(30, 2.0),
        catalog=pd.DataFrame({"identifier": np.arange(30) + 500}),
        split=np.array(["train"] * 4 + ["test"] * 26),
    )
    write_stamps(folder / "dataset.h5", [dataset], {"simulated": True, "survey": "drawn"})
    run(
        "measure_morphology", {"count": 24, "morphology": MORPHOLOGY},
        "--stamps", folder / "dataset.h5", "--split", "test", "--threads", 2, "--output", folder / "real.csv",
    )  # fmt: skip
    models = {
        "alike": (galaxies(12, 2, radius=4), "ok", ""),
        "too_large": (galaxies(12, 3, radius=7), "ok", ""),
        "constant": (np.full((12, 1, 48, 48), 0.5, np.float32), "ok", ""),
        "diverged": (np.empty((0, 1, 48, 48), np.float32), "failed", "loss is NaN at step 7"),
    }
    for name, (samples, status, reason) in models.items():
        write_stamps(folder / f"{name}.h5", [Stamps.plain(samples)], {})
        encodes = name == "alike"
        shown = np.clip(real[4:] + 0.1, 0, 1) if encodes else real[:0]
        attributes = {"split": "test"} if encodes else {"split": "test", "reason": "it has no encoder"}
        write_stamps(folder / f"{name}_reconstruction.h5", [Stamps.plain(shown)], attributes)
        (folder / f"{name}.json").write_text(
            json.dumps(
                {"status": status, "reason": reason, "dataset": "drawn", "model": name}
                | {"training_seconds": 3.0, "parameters": 10}
            )
        )
        run(
            "measure_morphology", {"count": 12, "morphology": MORPHOLOGY},
            "--stamps", folder / f"{name}.h5", "--output", folder / f"{name}.csv",
        )  # fmt: skip
        run(
            "evaluate_model", SCORED,
            "--real", folder / "real.csv", "--generated", folder / f"{name}.csv",
            "--dataset", folder / "dataset.h5", "--reconstruction", folder / f"{name}_reconstruction.h5",
            "--model", folder / f"{name}.json", "--output", folder / f"{name}_metrics.json",
        )  # fmt: skip
    run(
        "build_leaderboard", {"dataset": "drawn"},
        "--metrics", *[folder / f"{name}_metrics.json" for name in models],
        "--output", folder / "leaderboard.csv",
    )  # fmt: skip
    return folder


def test_morphology_names_its_stamps(board):
    real = pd.read_csv(board / "real.csv")
    assert real["row"].tolist() == list(range(4, 28))
    assert real["identifier"].tolist() == list(range(504, 528))
    assert (real["status"] == "ok").all()
    generated = pd.read_csv(board / "alike.csv")
    assert "identifier" not in generated
    assert generated["row"].tolist() == list(range(12))
    empty = pd.read_csv(board / "diverged.csv")
    assert len(empty) == 0
    assert list(empty.columns) == list(generated.columns)


def test_metrics_hold_what_the_report_needs(board):
    metrics = json.loads((board / "alike_metrics.json").read_text())
    assert metrics["status"] == "ok"
    assert metrics["simulated"] is True
    assert metrics["count"] == {"real": 24, "generated": 12, "reference": 12}
    assert metrics["reconstruction"]["count"] == 26
    assert 0 < metrics["reconstruction"]["mse"] < 0.05
    assert (metrics["dataset"], metrics["model"]) == ("drawn", "alike")
    assert (metrics["training_seconds"], metrics["parameters"]) == (3.0, 10)
    failed = json.loads((board / "diverged_metrics.json").read_text())
    assert failed["reconstruction"] is None
    assert failed["distance"]["gini"]["model"] is None
    assert failed["distance"]["gini"]["floor"] == metrics["distance"]["gini"]["floor"]


def test_leaderboard_has_the_models_in_order(board):
    table = pd.read_csv(board / "leaderboard.csv")
    assert table["model"].tolist() == [
        "survey stamps (floor)", "alike", "too_large", "constant", "diverged",
    ]  # fmt: skip
    assert table["status"].tolist() == ["ok", "ok", "ok", "failed", "failed"]
    assert table["reason"].tolist()[3:] == [
        "no stamp of 12 could be measured: 12 constant",
        "loss is NaN at step 7",
    ]
    assert table["distance_rhalf_ellip"][2] > 1 > table["distance_rhalf_ellip"][0]


def test_faults_are_one_line(board, capsys):
    def fault(entry, settings, *arguments):
        with pytest.raises(SystemExit, match="1"):
            run(entry, settings, *arguments)
        return capsys.readouterr().err

    arguments = [
        "--real", board / "real.csv", "--generated", board / "alike.csv",
        "--dataset", board / "dataset.h5", "--reconstruction", board / "alike_reconstruction.h5",
        "--model", board / "alike.json", "--output", board / "unused.json",
    ]  # fmt: skip
    unknown = fault("evaluate_model", {"parameters": ["ginni"], "count": 12}, *arguments)
    assert unknown.startswith("ERROR: evaluation.parameters: 'ginni' is not measured; there are row, ")
    arguments[7] = board / "alike.h5"
    other = fault("evaluate_model", SCORED, *arguments)
    assert other == f"ERROR: {board}/alike.h5: its attribute split is None, not 'test'\n"
    mixed = fault(
        "build_leaderboard", {"dataset": "another"},
        "--metrics", board / "alike_metrics.json", "--output", board / "unused.csv",
    )  # fmt: skip
    assert mixed == f"ERROR: {board}/alike_metrics.json: is of the dataset drawn, not another\n"
    assert not (board / "unused.json").exists()
