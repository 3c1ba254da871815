"""A disk that is full in each kind of stage, and results that cannot be written at all."""

import pytest

from tests.helpers.faults import fault
from tests.helpers.small_disk import run_on_full_disk, run_on_read_only_disk
from tests.workflow.conftest import error_of, line_with

OF_MODEL = "results/evaluation/simulated_cosmos/danilov_beta_vae"
SAMPLE = "results/sample/simulated_cosmos/danilov_beta_vae.h5"
WEIGHTS = "results/model/simulated_cosmos/danilov_beta_vae/weights.safetensors"

# What is made, in which folder, how large its disk is, and whether it is left to the slow tests.
STAGES = [
    ("a survey", "results/survey/simulated_cosmos/survey.json", "results/survey", "64k", True),
    ("stamps", "results/stamps/simulated_cosmos/0-of-2.h5", "results/stamps", "64k", False),
    ("the quality", "results/quality/simulated_cosmos/0-of-2.csv", "results/quality", "4k", True),
    ("the selection", "results/selection/simulated_cosmos/selection.csv", "results/selection", "4k", True),
    ("a dataset", "results/dataset/simulated_cosmos.h5", "results/dataset", "64k", True),
    (
        "figures",
        "results/dataset/simulated_cosmos/stamps.png",
        "results/dataset/simulated_cosmos",
        "16k",
        True,
    ),
    ("weights", WEIGHTS, "results/model", "64k", True),
    ("a sample", SAMPLE, "results/sample", "64k", True),
    ("a control", "results/sample/simulated_cosmos/control_memorizer.h5", "results/sample", "64k", True),
    (
        "noise-matched samples",
        "results/noise_matched/simulated_cosmos/danilov_beta_vae.h5",
        "results/noise_matched",
        "64k",
        True,
    ),
    (
        "reconstructions",
        "results/reconstruction/simulated_cosmos/danilov_beta_vae.h5",
        "results/reconstruction",
        "64k",
        True,
    ),
    ("a probe", "results/probe/simulated_cosmos/danilov_beta_vae.h5", "results/probe", "64k", True),
    ("latents", "results/latent/simulated_cosmos/danilov_beta_vae.h5", "results/latent", "16k", True),
    ("morphology", f"{OF_MODEL}/morphology_raw.csv", OF_MODEL, "4k", True),
    (
        "the feature network",
        "results/feature_network/simulated_cosmos/network.json",
        "results/feature_network",
        "64k",
        True,
    ),
    ("features", f"{OF_MODEL}/features_raw.csv", OF_MODEL, "4k", True),
    ("scores", "results/scores/simulated_cosmos.csv", "results/scores", "4k", True),
    ("the leaderboard", "results/leaderboard/simulated_cosmos.csv", "results/leaderboard", "4k", True),
    ("the report", "results/report/index.html", "results/report", "64k", True),
]


@pytest.mark.parametrize(
    ("target", "folder", "size"),
    [
        pytest.param(
            target, folder, size, id=what,
            marks=fault(f"disk full while {what} is written" if not what.endswith("s")
                        else f"disk full while {what} are written",
                        then="free some space and run again", slow=slow),
        )
        for what, target, folder, size, slow in STAGES
    ],
)  # fmt: skip
def test_a_full_disk_is_one_line_with_the_file(victim, target, folder, size, seen):
    victim.make(target)
    before = victim.digests(folder)
    assert before
    status, output, left = run_on_full_disk(victim, folder, size, target)
    assert status != 0
    line = error_of(output)
    assert "No space left on device" in line
    assert folder in line
    assert left == [], "half a file"
    seen(line)
    # The disk is gone and with it the fault; what was there before it is as it was, or made again.
    victim.make(target)
    after = victim.digests(folder)
    timed = {path for path in after if path.endswith(("model.json", "history.csv", "index.html"))}
    assert {path: after[path] for path in after.keys() - timed} == {
        path: before[path] for path in before.keys() - timed
    }


GAN = """
runs:
  - dataset: simulated_cosmos
    models: [eth_dcgan]
    settings: { network_settings: { filters: 8 } }
    recipe: { batch_size: 16, epochs: 1 }
"""


@fault("disk full while a walk through latents is written", then="free some space and run again", slow=True)
def test_a_full_disk_stops_a_walk_in_one_line(victim, seen):
    # Walks are of adversarial models alone, and the tiny configuration has none.
    walk = "results/walk/simulated_cosmos/eth_dcgan.h5"
    victim.make(walk, overlay=GAN)
    before = victim.digests(walk)
    status, output, left = run_on_full_disk(victim, "results/walk", "64k", walk, overlay=GAN)
    assert status != 0
    line = error_of(output)
    assert f"{walk}: No space left on device" in line
    assert left == [], "half a file"
    seen(line)
    victim.make(walk, overlay=GAN)
    assert victim.digests(walk) == before


@fault(
    "disk full while a training saves its state",
    then="free some space and run again: the training starts again",
)
def test_a_full_disk_stops_a_training_in_one_line(victim, seen):
    weights = victim.path / WEIGHTS
    before = victim.digests(WEIGHTS)
    weights.unlink()
    status, output, left = run_on_full_disk(victim, "results/state", "64k", WEIGHTS)
    assert status != 0
    line = error_of(output)
    assert "results/state/simulated_cosmos/danilov_beta_vae/a.safetensors: No space left" in line
    assert not weights.exists()
    assert [path.rpartition("/")[2] for path in left] == ["lock"]
    seen(line)
    victim.make(WEIGHTS)
    assert victim.digests(WEIGHTS) == before


@fault("disk full from the start, logs and all", then="free some space and run again", slow=True)
def test_a_disk_without_room_for_anything(fresh, seen):
    status, output, left = run_on_full_disk(fresh, "results", "64k", "surveys")
    assert status != 0
    assert "Traceback" not in output
    line = line_with(output, "No space left on device")
    assert not [path for path in left if path.endswith((".json", ".fits"))]
    seen(line)
    fresh.make("surveys")


@fault("results that cannot be written (a read-only disk)", then="make them writable, or set `results:`")
def test_read_only_results_stop_before_any_job(victim, seen):
    (victim.path / SAMPLE).unlink()
    before = victim.digests("results")
    status, output = run_on_read_only_disk(victim, "results", SAMPLE)
    assert status != 0
    assert "Traceback" not in output
    seen(line_with(output, "Read-only file system"))
    assert victim.digests("results") == before
    victim.make(SAMPLE)
