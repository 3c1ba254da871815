"""kill -9 at any moment: while training, while saving, while publishing, while sampling."""

import json
import multiprocessing
import os
import random
import signal
import sys
import time

import numpy as np
import pandas as pd
import pytest

from galforge.core.command_line import run_entry
from galforge.core.files import file_digest
from galforge.datasets.stamp_file import Stamps, read_attributes, write_stamps
from tests.helpers.faults import fault

# Children are forked from a process that has imported torch and done nothing with it: they start at once.
PROCESSES = multiprocessing.get_context("forkserver")
TRAINING, SAMPLING = "training.train_model", "sampling.draw_sample"
PROCESSES.set_forkserver_preload([f"workflow_scripts.{entry}" for entry in (TRAINING, SAMPLING)])

SIZE = 16
VAE = {
    "network": "eth_mlp",
    "network_settings": {"hidden_size": 24, "latent_size": 4},
    "reconstruction": {"loss": "bernoulli", "pixel_range": 1, "output": "sigmoid"},
    "divergence": {"weight": 0.1, "per": "pixel", "bound": None},
}
MODELS = {
    "vae": ("vae", {**VAE, "sampler": "gaussian"}),
    "two_stage_vae": (
        "two_stage_vae",
        {**VAE, "second_latent_size": 4, "second_hidden_size": 16, "second_share": 0.5},
    ),
}
RECIPE = {
    "batch_size": 8,
    "epochs": 4,
    "optimizer": {"learning_rate": 1e-3},
    "ema": 0.9,
    "gradient_clip": 0.1,
    "film": {"frames": 3, "stamps": 2},
}


def child(entry, arguments, dies_at, log):
    """Run an entry that saves after every step; before the ``dies_at``-th file is on the disk, kill it."""
    import importlib

    module = importlib.import_module(f"workflow_scripts.{entry}")
    if entry == TRAINING:
        saving = importlib.import_module("galforge.training.saving")
        saving.LEAST_SAVE_INTERVAL_S, saving.SAVE_SHARE = 0.0, 0
    count, fsync = 0, os.fsync

    def dying_fsync(descriptor):
        nonlocal count
        count += 1
        if count == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)
        fsync(descriptor)

    os.fsync = dying_fsync
    sys.stderr = open(log, "a")  # noqa: PTH123, SIM115 (as long as the process)
    run_entry(module.main, arguments)


def run(entry, arguments, dies_at=None, seconds=None, log=os.devnull):
    """Return whether the entry came to its end; kill it after so many seconds."""
    process = PROCESSES.Process(target=child, args=(entry, arguments, dies_at, log))
    process.start()
    process.join(seconds)
    if process.is_alive():
        process.kill()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
    return process.exitcode == 0


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    path = tmp_path_factory.mktemp("killed") / "dataset.h5"
    count = 60
    image = np.random.default_rng(1).random((count, 1, SIZE, SIZE), dtype=np.float32)
    split = np.where(np.arange(count) < 45, "train", "validation")
    empty = pd.DataFrame(index=range(count))
    write_stamps(path, [Stamps(image, np.zeros(count), np.ones(count), empty, split)], {})
    return path


def training(folder, dataset, model):
    family, settings = MODELS[model]
    everything = {
        "dataset": "d", "model": model, "family": family, "settings": settings, "recipe": RECIPE, "seed": 5,
        "device": "cpu", "threads": 1, "data": "auto", "precision": "auto", "compile": False,
    }  # fmt: skip
    arguments = ["--settings", json.dumps(everything), "--dataset", str(dataset)]
    arguments += ["--state", str(folder / "state"), "--history", str(folder / "history.csv")]
    arguments += ["--record", str(folder / "model.json")]
    for name in ("weights", "extras"):
        arguments += [f"--{name}", str(folder / f"{name}.safetensors")]
    return arguments


@pytest.fixture(scope="module", params=MODELS)
def whole(request, dataset, tmp_path_factory):
    """An uninterrupted training: its folder, model, and how many seconds it took."""
    folder = tmp_path_factory.mktemp(request.param)
    run(TRAINING, training(folder, dataset, request.param), dies_at=1)  # the server starts
    start = time.monotonic()
    assert run(TRAINING, training(folder, dataset, request.param))
    return folder, request.param, time.monotonic() - start


def check_same(folder, whole):
    """Everything published is that of the uninterrupted run, and nothing else is left."""
    assert sorted(path.name for path in folder.iterdir()) == [
        "extras.safetensors", "history.csv", "model.json", "weights.safetensors"
    ]  # fmt: skip
    for name in ("weights.safetensors", "extras.safetensors"):
        assert file_digest(folder / name) == file_digest(whole / name), name
    tables = [pd.read_csv(path / "history.csv").drop(columns="images_per_second") for path in (folder, whole)]
    pd.testing.assert_frame_equal(*tables)


@fault(
    "kill -9 while a state is saved and while weights are published, before each file in turn",
    then="run again",
    lost="what was trained since the state before it",
)
def test_killed_while_saving_and_while_publishing(whole, dataset, tmp_path, tmp_path_factory, seen):
    folder, model, _ = whole
    deaths = 0
    # Each one gets a file further than the one before: states, their checksums, and what is published.
    log = tmp_path_factory.mktemp("log") / "log"
    while not run(TRAINING, training(tmp_path, dataset, model), dies_at=deaths + 1, log=log):
        deaths += 1
    assert deaths > 5
    check_same(tmp_path, folder)
    lines = log.read_text().splitlines()
    seen(next(line for line in lines if "saved state is damaged or incomplete" in line))
    seen(next(line.replace(model, "vae") for line in lines if "resumed at step" in line))


def test_killed_at_random_moments(whole, dataset, tmp_path):
    folder, model, seconds = whole
    moments = random.Random(1)
    deaths = sum(
        not run(TRAINING, training(tmp_path, dataset, model), seconds=moments.uniform(0, seconds))
        for _ in range(5)
    )
    assert deaths > 0
    assert run(TRAINING, training(tmp_path, dataset, model))
    check_same(tmp_path, folder)


def test_killed_while_sampling(whole, tmp_path):
    folder, _, _ = whole
    settings = json.dumps({"count": 100, "seed": 1, "device": "cpu", "threads": 1})

    def sampling(name):
        return [
            "--settings", settings, "--weights", str(folder / "weights.safetensors"),
            "--record", str(folder / "model.json"), "--stamps", str(tmp_path / name),
        ]  # fmt: skip

    start = time.monotonic()
    assert run(SAMPLING, sampling("whole.h5"))
    seconds = time.monotonic() - start
    assert not run(SAMPLING, sampling("killed.h5"), dies_at=1)
    assert not (tmp_path / "killed.h5").exists(), "half a file has no name"
    for fraction in (0.2, 0.5, 0.8):
        run(SAMPLING, sampling("killed.h5"), seconds=fraction * seconds)
    assert run(SAMPLING, sampling("killed.h5"))
    digests = {read_attributes(tmp_path / name)["digest"] for name in ("whole.h5", "killed.h5")}
    assert len(digests) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["killed.h5", "whole.h5"]
