"""Networks that recognize, and networks from places to pixels, through Snakemake with tiny budgets."""

import json
import os
import signal

import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image

from tests.helpers.clothes import drawn_clothes, write_clothes
from tests.workflow.conftest import error_of, job_of, wait_for

TABLE = "results/recognizer/clothes/variants.csv"
TRAININGS = "results/recognizer/clothes"


def overlay(folder, **variants):
    """Return a configuration of a recognizer with these learning rates, asked about two folders' pictures."""
    return yaml.safe_dump(
        {
            "surveys": {"clothes": {"source": "fashion_mnist", "directory": str(folder / "files")}},
            "preprocessing": {
                "whole": {"description": "x", "border": 0, "side": None, "channels": 1, "filter": "box"}
            },
            "datasets": {
                "clothes": {
                    "description": "Bars.",
                    "survey": "clothes",
                    "stamps": {
                        "mode": "picture", "size": 28, "preprocessing": "whole", "value_range": [0, 1],
                        "shards": 1, "maximum_failed_fraction": 0,
                    },
                    "selection": {"minimum_count": 10, "limits": {}},
                    "split": {"train": 60, "validation": 15, "test": 15, "published": "part"},
                }
            },
            "recognizers": {
                "clothes": {
                    "description": "Bars told apart.",
                    "dataset": "clothes",
                    "target": {"kind": "class", "columns": ["article"]},
                    "network": "goupil_classifier",
                    "network_settings": {"filters": [4, 8], "kernel": 4, "dense": 8},
                    "recipe": {"batch_size": 10, "epochs": 4, "optimizer": {"learning_rate": 0.001}},
                    "validate_every": 5,
                    "predict_step": 2,
                    "repeats": 2,
                    "variants": {
                        name: {"recipe": {"optimizer": {"learning_rate": rate}}}
                        for name, rate in variants.items()
                    },
                    "pictures": {"folder": str(folder / "pictures")},
                }
            },
            "upscalers": {
                "painter": {
                    "description": "x",
                    "pictures": {"bar": {"path": str(folder / "pictures" / "7.png")}},
                    "size": 8, "drawn_size": 40, "layers": 2, "width": 8, "activation": "sine",
                    "channels": 1, "threshold": None,
                    "recipe": {"batch_size": 16, "epochs": 10, "optimizer": {"learning_rate": 0.001}},
                }
            },
        },
        sort_keys=False,
    )  # fmt: skip


@pytest.fixture
def clothes(tmp_path):
    folder = tmp_path / "clothes"
    images, labels = drawn_clothes(90)
    write_clothes(folder / "files", images, labels, trained=75)
    (folder / "pictures").mkdir()
    for number in (7, 12):
        Image.fromarray(images[number]).save(folder / "pictures" / f"{number}.png")
    (folder / "pictures" / "9.png").write_bytes(b"no picture")
    return folder


def test_a_sweep_is_trained_compared_and_extended_by_what_is_new(fresh, clothes):
    two = overlay(clothes, slow=0.001, fast=0.02)
    assert {"build_report", "compare_recognizers", "compare_upscaled"} <= fresh.planned(overlay=two)
    fresh.make("recognizers", "upscalers", overlay=two, cores=2)

    table = pd.read_csv(fresh.path / TABLE).set_index("variant")
    assert table.index.tolist() == ["slow", "fast"]
    assert (table["trained"] == 2).all() and (table["failed"] == 0).all()
    assert table.loc["fast", "test"] > 0.6, "three kinds of bars are easy"
    steps = pd.read_csv(fresh.path / TRAININGS / "fast/2/steps.csv")
    assert steps["step"].tolist() == [5, 10, 15, 20]

    # The published test part, and no other stamp, is held out for the end.
    said = pd.read_csv(fresh.path / TRAININGS / "fast/1/predictions.csv")
    tested = said[said["split"] == "test"]
    assert sorted(tested["identifier"]) == list(range(75, 90))
    record = json.loads((fresh.path / TRAININGS / "fast/1/record.json").read_text())
    right = (tested["actual"] == tested["predicted"]).mean()
    assert record["measures"]["test"]["accuracy"] == pytest.approx(right)
    interim = fresh.path / "results/recognizer_interim/clothes/fast/1"
    assert sorted(path.name for path in interim.iterdir()) == ["epoch_2.csv", "epoch_4.csv"]
    assert not (fresh.path / "results/recognizer_state/clothes/fast/1").exists()

    scores = pd.read_csv(fresh.path / TRAININGS / "pictures/folder.csv")
    assert scores.columns.tolist() == ["Id", "Predicted", "Probability"]
    assert scores["Id"].tolist() == [12, 7], "one that cannot be read has no row"

    page = (fresh.path / "results/report/recognizer_clothes.html").read_text()
    assert "Bars told apart." in page and "data:image/webp;base64" in page
    assert "the same answer for every stamp" in page
    with Image.open(fresh.path / "results/upscaler/painter/bar/drawn.png") as drawn:
        assert drawn.size == (40, 40)
    assert (fresh.path / "results/report/upscaler_painter.html").is_file()

    assert fresh.failed_figures("results/recognizer") == {}
    assert fresh.failed_figures("results/upscaler") == {}

    assert fresh.planned("recognizers", "upscalers", overlay=two) == set()
    three = overlay(clothes, slow=0.001, fast=0.02, faster=0.05)
    before = fresh.digests(f"{TRAININGS}/slow", f"{TRAININGS}/fast")
    output = fresh.make("recognizers", "--verbose", overlay=three)
    assert output.count("Training clothes, faster") == 2
    assert "Training clothes, slow" not in output and "Training clothes, fast," not in output
    assert fresh.digests(f"{TRAININGS}/slow", f"{TRAININGS}/fast") == before
    assert pd.read_csv(fresh.path / TABLE)["variant"].tolist() == ["slow", "fast", "faster"]


def test_a_killed_training_goes_on_to_the_same_weights(fresh, clothes):
    long = yaml.safe_load(overlay(clothes, slow=0.001))
    long["recognizers"]["clothes"] |= {"repeats": 1}
    long["recognizers"]["clothes"]["recipe"]["epochs"] = 250
    text, record = yaml.safe_dump(long), f"{TRAININGS}/slow/1/record.json"
    running = fresh.start(record, overlay=text)
    state = fresh.path / "results/recognizer_state/clothes/slow/1"
    wait_for(lambda: list(state.glob("*.sha256")))
    job = job_of(running, "train_recognizer")
    assert job is not None, "the training ended before the fault"
    os.kill(job.pid, signal.SIGKILL)
    running.communicate(timeout=60)
    assert not (fresh.path / record).exists()

    output = fresh.make(record, overlay=text)
    assert "resumed at step" in output
    resumed = fresh.digests(f"{TRAININGS}/slow/1/weights.safetensors", f"{TRAININGS}/slow/1/predictions.csv")
    interim = {
        path.name: path.read_bytes()
        for path in (fresh.path / "results/recognizer_interim/clothes/slow/1").iterdir()
    }
    assert len(interim) == 125
    fresh.make(record, "--forcerun", "train_recognizer", overlay=text)
    assert resumed == fresh.digests(
        f"{TRAININGS}/slow/1/weights.safetensors", f"{TRAININGS}/slow/1/predictions.csv"
    )
    again = fresh.path / "results/recognizer_interim/clothes/slow/1"
    assert interim == {path.name: path.read_bytes() for path in again.iterdir()}


def test_a_catalogue_without_the_column_is_one_line(fresh, clothes):
    changed = yaml.safe_load(overlay(clothes, slow=0.001))
    changed["recognizers"]["clothes"]["target"]["columns"] = ["colour"]
    status, output = fresh.run("recognizers", overlay=yaml.safe_dump(changed))
    assert status != 0
    assert error_of(output) == "ERROR: target.columns: the dataset's catalogue has no column colour"
    assert not list((fresh.path / "results/recognizer").rglob("record.json"))


def test_a_spoilt_label_file_is_one_line(fresh, clothes):
    path = clothes / "files/train-labels-idx1-ubyte.gz"
    path.write_bytes(np.zeros(4, np.uint8).tobytes())
    status, output = fresh.run("recognizers", overlay=overlay(clothes, slow=0.001))
    assert status != 0
    assert error_of(
        output
    ) == f"ERROR: {path}: holds values of type 0x00 in 0 dimensions; allowed: unsigned " + (
        "bytes (0x08) in 1 to 4"
    )
