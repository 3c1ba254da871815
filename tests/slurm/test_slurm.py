"""The pipeline through profiles/slurm on a real Slurm of one node.

Not part of `make test`: `make test-slurm` runs it where there is root and Slurm is installed or can be,
and says plainly when not.
"""

import csv
import subprocess
import sys

import pytest

from tests.slurm.one_node import NoClusterError, OneNode, find, missing
from tests.workflow.conftest import TINY, copy_project

LOG = "results/logs/train_model/simulated_cosmos/laisney_cnn_vae.log"

# So long a training that it meets the least time limit that Slurm knows, a minute, on any machine of today.
# The model is small: saved in no time, it gets on within each minute even on a crowded machine.
LONG = """
runs:
  - dataset: simulated_cosmos
    models: [laisney_cnn_vae]
    settings: { sampler: gaussian }
    recipe: { batch_size: 16, epochs: 4000, optimizer: { learning_rate: 2.0e-4 } }
    reason: Minutes, for the test of a time limit.
"""

TIMEOUT_S = 3600  # a queue that stands still should not hold CI up

# What a user of a busy cluster leaves as it is, but a test of seconds' jobs cannot wait for.
QUICK = (
    "--slurm-init-seconds-before-status-checks", "2", "--seconds-between-status-checks", "2",
    "--latency-wait", "10", "--slurm-no-account", "--slurm-status-command", "squeue", "--max-threads", "2",
)  # fmt: skip


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    if reason := missing():
        pytest.skip(reason)
    try:
        with OneNode(tmp_path_factory.mktemp("slurm") / "node", cpus=2) as node:
            yield node
    except NoClusterError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def submitted(cluster, tmp_path_factory):
    """The tiny pipeline, made through the profile, with a training that is longer than its limit."""
    project = copy_project(tmp_path_factory.mktemp("submitted") / "project")
    (project.path / "long.yaml").write_text(LONG)
    ended = subprocess.run(
        [
            sys.executable, "-m", "snakemake", "--profile", "profiles/slurm",
            "--configfile", TINY, "long.yaml",
            "--set-resources", "train_model:runtime=1", "--restart-times", "30", *QUICK,
        ],
        cwd=project.path,
        env=cluster.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT_S,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout[-5000:]
    project.output = ended.stdout
    return project


def test_the_pipeline_ends_with_a_report_on_a_cluster(submitted):
    assert (submitted.path / "results/report/index.html").is_file()
    with (submitted.path / "results/leaderboard/simulated_cosmos.csv").open() as file:
        assert "laisney_cnn_vae" in {row["model"] for row in csv.DictReader(file)}
    assert "has been submitted with SLURM jobid" in submitted.output


def test_short_jobs_are_submitted_together(submitted):
    assert "group_shard" in submitted.output
    assert "rule_measure_quality" not in submitted.output


def test_a_training_that_meets_its_time_limit_goes_on_in_the_next_try(submitted):
    assert "Trying to restart" in submitted.output
    assert "resumed at step" in (submitted.path / LOG).read_text()
    assert not (submitted.path / "results/state/simulated_cosmos/laisney_cnn_vae").exists()


def test_nothing_is_left_running(submitted, cluster):
    queue = subprocess.run(
        [find("squeue"), "--noheader"], env=cluster.environment, capture_output=True, text=True, check=True
    )
    assert queue.stdout.strip() == ""
