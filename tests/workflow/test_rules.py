"""The helper functions of the rules, as Snakemake runs them."""

import contextlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from galforge.core.errors import GalforgeError
from galforge.imaging.memory import drawing_memory
from galforge.survey.manifest import SurveyManifest, read_manifest, write_manifest
from tests.conftest import PROJECT


def source_of(name):
    """Return the text of one function of rules/common.smk."""
    text = (PROJECT / "rules" / "common.smk").read_text()
    return re.search(rf"^def {name}\(.*?(?=^\S)", text, re.MULTILINE | re.DOTALL)[0]


@pytest.mark.parametrize(("option", "limit"), [(None, "None"), ("5/1s", "5")])
def test_the_limit_of_jobs_a_second_is_taken_away_unless_the_user_set_one(tmp_path, option, limit):
    (tmp_path / "Snakefile").write_text(
        source_of("let_scheduler_sleep")
        + """
onstart:
    # That Snakemake has such a limit at all: the day it has another one, this is to be seen.
    given = workflow.scheduler.job_rate_limiter.max_jobs
    let_scheduler_sleep()
    limiter = workflow.scheduler.job_rate_limiter
    print("limits:", given, limiter and limiter.max_jobs)

rule all:
    output: touch("done")
"""
    )
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--directory", tmp_path]
    command += ["--snakefile", tmp_path / "Snakefile", "--profile", "none"]
    command += ["--max-jobs-per-timespan", option] if option else []
    run = subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert f"limits: {5 if option else 100} {limit}" in run.stdout + run.stderr


def test_drawing_asks_for_more_memory_where_stamps_are_larger(tmp_path):
    """Stamps of 1,600 px took 1,608 MB where the rule asked for 1,500."""
    path = tmp_path / "survey.json"
    facts = ("local", False, ".", "catalog.fits", "none", 7, "somebody", {})
    known = {
        "contextlib": contextlib,
        "Path": Path,
        "read_manifest": read_manifest,
        "GalforgeError": GalforgeError,
        "drawing_memory": drawing_memory,
    }
    exec(source_of("drawing"), known)
    memory = known["drawing"](1500)
    assert memory(None, {}, 1) == memory(None, {"survey": str(path)}, 1) == 1500
    write_manifest(path, SurveyManifest(*facts, largest_stamp=190))
    assert memory(None, {"survey": [str(path)]}, 1) == 1500
    write_manifest(path, SurveyManifest(*facts, largest_stamp=1600))
    assert 1608 < memory(None, {"survey": str(path)}, 1) < 2400
    assert memory(None, {"survey": str(path)}, 3) == 2 * memory(None, {"survey": str(path)}, 1)


def test_memory_and_time_double_once():
    known = {}
    exec(source_of("growing"), known)
    memory, minutes = known["growing"](2000, a_thread=500), known["growing"](60)
    assert [memory(None, threads=4, attempt=attempt) for attempt in (1, 2, 3, 9)] == [4000, 8000, 8000, 8000]
    assert [minutes(None, threads=4, attempt=attempt) for attempt in (1, 2, 3)] == [60, 120, 120]
