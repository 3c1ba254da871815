"""What the cluster profiles ask a scheduler for, without one.

Not part of `make test`, whose environment lacks the plugins: `make test-slurm` runs it, without root, too.
"""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from tests.conftest import PROJECT
from tests.workflow.conftest import TINY, copy_project

# Writes down how it was called, runs the script as a scheduler would, and says what job it is.
QSUB = """#!/bin/sh
echo "$@" >> "$QSUB_CALLS"
for script; do :; done
sh "$script" > /dev/null 2>&1 &
echo $!
"""


def test_jobs_are_submitted_with_the_memory_and_time_of_their_rules(tmp_path):
    pytest.importorskip("snakemake_executor_plugin_cluster_generic")
    project = copy_project(tmp_path / "project")
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "qsub").write_text(QSUB)
    (programs / "qsub").chmod(0o755)
    calls = tmp_path / "calls"
    ended = subprocess.run(
        [
            sys.executable, "-m", "snakemake", "results/dataset/simulated_cosmos.h5",
            "--profile", "profiles/cluster-generic", "--configfile", TINY, "--latency-wait", "10",
        ],
        cwd=project.path,
        env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "QSUB_CALLS": str(calls)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout[-5000:]
    assert (project.path / "results/dataset/simulated_cosmos.h5").is_file()
    assert (project.path / "results/logs/cluster").is_dir()
    asked = calls.read_text().splitlines()
    assert len(asked) > 5
    for rule, words in (
        ("build_dataset", "-pe smp 1 -l h_vmem=1500M,h_rt=60:00"),
        # Grid Engine counts memory a slot.
        ("simulate_survey", "-pe smp 8 -l h_vmem=500M,h_rt=120:00"),
    ):
        [call] = [call for call in asked if rule in call]
        assert words in call


def test_the_partition_with_gpus_gets_the_jobs_that_ask_for_one():
    partitions = pytest.importorskip("snakemake_executor_plugin_slurm.partitions")
    read = partitions.read_partition_file(PROJECT / "profiles/slurm/partitions.yaml")
    for gpu, expected in ((0, "cpu"), (1, "gpu")):
        job = SimpleNamespace(resources={"gpu": gpu, "mem_mb": 8000, "runtime": 720}, threads=1)
        job.is_group = lambda: False
        fits = {partition.name: partition.score_job_fit(job) for partition in read}
        assert max((fit, name) for name, fit in fits.items() if fit is not None)[1] == expected
