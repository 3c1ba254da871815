"""Where and when it runs: another file system, another directory, a clock that goes back."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from galforge.core.files import file_digest
from tests.helpers.faults import fault
from tests.workflow.conftest import line_with

DATASET = "dataset/simulated_cosmos.h5"
DAY_S = 86_400
LONG_AGO = 978_307_200  # 2001-01-01; not 0, which Snakemake takes for no time at all
MEMORY = Path("/dev/shm")


def set_times(folder, moment):
    for path in [folder, *folder.rglob("*")]:
        os.utime(path, (moment, moment))


CLOCKS = {
    "older than their sources (a clock that was put forward)": (
        -2, "nothing", "nothing: contents are compared, not times"
    ),
    "from the future (a clock that was put back)": (
        2,
        "nothing, but an edited source goes unnoticed until the clock has caught up",
        "run `find results -exec touch -d 2001-01-01 {} +`: contents are then compared",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    "days",
    [
        pytest.param(days, id=what, marks=fault(f"results that are {what}", lost=lost, then=then))
        for what, (days, lost, then) in CLOCKS.items()
    ],
)
def test_a_wrong_clock_runs_nothing_twice_and_ends_well(victim, days, seen):
    results = victim.path / "results"
    set_times(results, time.time() + days * DAY_S)
    assert victim.planned() == set()
    page = results / "report/index.html"
    dataset = file_digest(results / DATASET)
    if days > 0:
        set_times(results, LONG_AGO)  # what the table says
        assert victim.planned() == set()
    try:
        with victim.edited("galforge/figures/report.html.j2", "</html>", "<!-- edited --></html>"):
            assert victim.planned() == {"build_report"}
            victim.make()
            assert "<!-- edited -->" in page.read_text()
            status, output = victim.run("-n")
            assert status == 0
            seen(line_with(output, "Nothing to be done"))
    finally:
        victim.make()
    assert file_digest(results / DATASET) == dataset


@fault(
    "a results folder on another file system, with spaces and letters like é in its path",
    then="nothing",
    slow=True,
)
def test_results_may_lie_on_another_file_system(made, fresh, seen):
    if not os.access(MEMORY, os.W_OK) or MEMORY.stat().st_dev == fresh.path.stat().st_dev:
        pytest.skip(f"{MEMORY} is no other file system here")
    folder = Path(tempfile.mkdtemp(prefix="galforge", dir=MEMORY))
    try:
        results = folder / "mes résultats"
        output = fresh.make("datasets", overlay=f'results: "{results}"')
        assert file_digest(results / DATASET) == file_digest(made.path / "results" / DATASET)
        assert not (fresh.path / "results").exists()
        seen(line_with(output, "Dataset simulated_cosmos: "))
    finally:
        shutil.rmtree(folder)


@fault(
    "Snakemake started elsewhere (`-s` the project's Snakefile, `--directory` a folder of one's own)",
    then="nothing",
    slow=True,
)
def test_results_come_to_the_directory_that_is_named(made, fresh, tmp_path, seen):
    elsewhere = tmp_path / "my wörk"
    elsewhere.mkdir()
    output = fresh.make(
        "-s", fresh.path / "Snakefile", "--directory", elsewhere,
        "--workflow-profile", fresh.path / "profiles/default", "--", "datasets",
        configfile=fresh.path / "tests/helpers/tiny.yaml", cwd=tmp_path,
    )  # fmt: skip
    assert file_digest(elsewhere / "results" / DATASET) == file_digest(made.path / "results" / DATASET)
    assert not (fresh.path / "results").exists()
    seen(line_with(output, "Dataset simulated_cosmos: "))


def test_targets_come_first_and_a_cache_may_be_elsewhere_as_the_documentation_says(
    fresh, tmp_path, monkeypatch
):
    """Snakemake ends in a traceback where a target comes last, and where it cannot write its cache."""
    page = (fresh.path / "docs/running.md").read_text()
    named = "(`snakemake --cores 8 datasets --configfile mine.yaml`)"
    assert named in page
    assert "set `XDG_CACHE_HOME` to a folder" in page
    monkeypatch.setenv("HOME", "/proc/none")  # nobody can write there, root neither
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    tiny = str(fresh.path / "tests/helpers/tiny.yaml")
    words = [tiny if word == "mine.yaml" else word for word in named.strip("()`").split()]
    command = [sys.executable, "-m", *words, "-n"]
    ended = subprocess.run(command, cwd=fresh.path, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert "build_dataset" in ended.stdout + ended.stderr
    assert "train_model" not in ended.stdout + ended.stderr
