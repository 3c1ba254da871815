"""kill -9 of single jobs, and of Snakemake alone while its jobs live on."""

import contextlib
import os
import signal

import psutil
import pytest

from tests.helpers.faults import fault
from tests.workflow.conftest import error_of, job_of, line_with, wait_for

STAMPS = "results/stamps/simulated_cosmos"
SHARD = f"{STAMPS}/0-of-2.h5"


@pytest.fixture
def shard(victim):
    """One of two finished shards taken away; at the end both are to be as they were."""
    before = victim.digests(STAMPS)
    other = victim.path / STAMPS / "1-of-2.h5"
    time_of_other = other.stat().st_mtime_ns
    (victim.path / SHARD).unlink()
    yield SHARD
    victim.make(SHARD)
    assert victim.digests(STAMPS) == before
    assert other.stat().st_mtime_ns == time_of_other, "a finished shard was drawn again"
    assert victim.half_written() == []
    assert victim.planned() == set()


def writer_of(project, output):
    """Return the process that is writing a file, from the name of its temporary file."""
    path = project.path / output
    for temporary in path.parent.glob(f".{path.stem}.*{path.suffix}"):
        return int(temporary.name.split(".")[2])
    return None


@fault("kill -9 of a render shard", then="run Snakemake again: only this shard is drawn again")
def test_a_killed_render_shard_is_drawn_again(victim, shard, seen):
    running = victim.start(shard)
    os.kill(wait_for(lambda: writer_of(victim, shard)), signal.SIGKILL)
    output, _ = running.communicate(timeout=180)
    assert running.returncode != 0
    assert not (victim.path / shard).exists(), "half a file has no name"
    assert "Traceback" not in output
    seen(line_with(output, "Error in rule render_stamps"))
    seen(line_with(output, "Killed").split("Killed")[0] + "Killed")


@fault(
    "kill -9 of Snakemake alone, while its jobs live on",
    then="nothing: the next run takes over the jobs, and what the old ones make is not used",
)
def test_a_job_that_outlives_its_run_writes_nothing_over_that_of_the_next(victim, shard, seen):
    first = victim.start(shard)
    orphan = wait_for(lambda: writer_of(victim, shard))
    os.kill(orphan, signal.SIGSTOP)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    try:
        # Other settings: the shard of the orphan is one of another configuration.
        psf = "datasets: {simulated_cosmos: {stamps: {psf: {kind: gaussian, fwhm: 0.2}}}}"
        victim.make(shard, overlay=psf)
        made = victim.digests(shard)
        os.kill(orphan, signal.SIGCONT)
        output, _ = first.communicate(timeout=180)
        assert victim.digests(shard) == made
        line = error_of(output)
        assert line == f"ERROR: {shard}: not written, another run has taken over this job"
        seen(line)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(orphan, signal.SIGKILL)


@pytest.mark.parametrize(
    ("entry", "target"),
    [
        pytest.param(entry, target, marks=fault(f"kill -9 of {entry}", then="run Snakemake again", slow=True))
        for entry, target in {
            "simulate_survey": "results/survey/simulated_cosmos/survey.json",
            "measure_quality": "results/quality/simulated_cosmos/0-of-2.csv",
            "select_stamps": "results/selection/simulated_cosmos/selection.csv",
            "build_dataset": "results/dataset/simulated_cosmos.h5",
            "draw_sample": "results/sample/simulated_cosmos/danilov_beta_vae.h5",
            "encode_stamps": "results/latent/simulated_cosmos/danilov_beta_vae.h5",
            "measure_morphology": "results/evaluation/simulated_cosmos/danilov_beta_vae/morphology_raw.csv",
            "evaluate_model": "results/evaluation/simulated_cosmos/danilov_beta_vae/scores.json",
            "build_leaderboard": "results/leaderboard/simulated_cosmos.csv",
            "build_report": "results/report/index.html",
        }.items()
    ],
)
def test_any_other_job_that_is_killed_is_run_again(victim, entry, target, seen):
    before = victim.digests(target)
    (victim.path / target).unlink()
    running = victim.start(target)
    job = wait_for(lambda: job_of(running, entry))
    # Somewhere in its work, wherever that is on this machine: a tenth of a second of its own time.
    while job.is_running() and sum(job.cpu_times()[:2]) < 0.1:
        pass
    job.kill()
    output, _ = running.communicate(timeout=180)
    assert running.returncode != 0, "it ended before the fault"
    assert not (victim.path / target).exists()
    seen(line_with(output, f"Error in rule {entry}"))
    victim.make(target)
    assert victim.digests(target) == before
    assert victim.half_written() == []
    assert victim.planned() == set()


def test_the_tests_find_a_job_by_its_entry(victim):
    """What the tests of kills lean on: a job is found, and only while it runs."""
    assert job_of(psutil.Process(), "render_stamps") is None
