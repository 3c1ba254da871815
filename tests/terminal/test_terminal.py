"""What a person sees of a run."""

import csv
import logging
import os
import pty
import subprocess
import sys
from types import SimpleNamespace

import pytest

from galforge.core.progress import PROGRESS, Progress
from galforge.figures.growing_report import RunProgress, render_progress
from galforge.terminal.display import OF_SNAKEMAKE, SNAKEMAKE, own_display
from galforge.terminal.ending import finished_run
from galforge.terminal.growing_report import IN_THE_MAKING, TEMPLATE, may_be_written, run_progress
from galforge.terminal.run_state import Running, RunState, Task, short_progress, shown_lines, task
from tests.conftest import PROJECT

TASKS = [
    Task("simulate_survey", "survey", "cosmos"),
    Task("train_model", "training", "cosmos/vae"),
    Task("train_model", "training", "cosmos/gan"),
    Task("draw_sample", "sampling", "cosmos/vae"),
    Task("reconstruct_stamps", "sampling", "cosmos/vae"),
    Task("build_report", "report", ""),
]


def run(state, number, work, since, until):
    state.begin(number, Running(work, "working", None, since))
    return state.end(number, until)


def test_a_line_comes_with_the_last_job_of_a_stage_for_its_subject():
    state = RunState(TASKS, 2, started=0.0)
    assert run(state, 3, TASKS[3], 0, 10) is None
    line = run(state, 4, TASKS[4], 10, 15)
    assert line == "[2 of 6] sampling of cosmos/vae: 15 s of work"
    assert run(state, 5, TASKS[5], 15, 16) == "[3 of 6] report: 1 s of work"


def test_the_time_left_is_that_of_the_jobs_that_have_ended_shared_among_cores():
    state = RunState(TASKS, 2, started=0.0)
    run(state, 3, TASKS[3], 0, 10)
    assert state.time_left(10) == 0, "no training has ended, and trainings take longest"
    run(state, 1, TASKS[1], 10, 110)
    # A training of 100 s and a reconstruction, as long as its stage's mean; survey and report are unknown.
    assert state.time_left(110) == pytest.approx((100 + 10) / 2)
    assert state.time_left(110, "training") == pytest.approx(50)
    state.begin(2, Running(TASKS[2], "working", None, 110))
    assert state.time_left(150, "training") == pytest.approx(30)


def test_a_job_that_failed_runs_no_more_and_counts_as_not_done():
    state = RunState(TASKS, 1, started=0.0)
    state.begin(1, Running(TASKS[1], "Training", "log", 0))
    assert state.fail(1).task == TASKS[1]
    assert not state.running and state.done == 0
    assert state.end(1, 5) is None


def test_lines_drawn_fit_the_terminal():
    state = RunState(TASKS, 2, started=0.0)
    state.begin(1, Running(TASKS[1], "Training vae on cosmos (log: results/logs/x.log)", "x", 0))
    line = "train_model cosmos/vae: 5,056 of 10,752 images, 34 images/s, about 2 min 47 s left; loss 0.3"
    lines = shown_lines(state, {1: line}, now=60, width=80, height=30)
    assert lines[0] == "galforge: 0 of 6 jobs, 1 min 00 s"
    assert lines[2] == "  training     ░░░░░░░░░░░░░░░░░░░░   0 of 2, 1 running"
    assert lines[-2:] == [
        "Training vae on cosmos (1 min 00 s)",
        "    47 %, 34 images/s, about 2 min 47 s left; loss 0.3",
    ]
    small = shown_lines(state, {1: line}, now=60, width=20, height=4)
    assert len(small) == 3 and max(map(len, small)) == 19


@pytest.mark.parametrize("note", ["", "loss 1; and more"])
def test_every_line_of_progress_is_known_as_one(note):
    times = iter(range(0, 1000, 100))
    progress = Progress("label: of it", 1000, "stamps", clock=lambda: next(times))
    first = progress.line(note)
    progress.done = 500
    progress._marks.append((100, 500))
    later = progress.line(note)
    for line in (first, later):
        assert PROGRESS.fullmatch(line)["label"] == "label: of it"
    assert short_progress(later) == "50 %, 5 stamps/s, about 1 min 40 s left" + (f"; {note}" if note else "")
    assert not PROGRESS.fullmatch("vae: noise added: 3 stamps")


def test_a_task_is_named_by_its_wildcards():
    wildcards = {"dataset": "cosmos", "model": "vae", "shard": "1"}
    assert task("draw_sample", "sampling", wildcards).subject == "cosmos/vae"


@pytest.fixture
def logger():
    """The logger of Snakemake, with a handler such as Snakemake's own."""
    logger = logging.getLogger(SNAKEMAKE)
    handler = logging.StreamHandler()
    handler.name = OF_SNAKEMAKE
    kept, logger.handlers, logger.propagate = logger.handlers, [handler], False
    level = logger.level
    logger.setLevel(logging.INFO)
    yield logger
    logger.handlers, logger.propagate = kept, True
    logger.setLevel(level)


def record(logger, event, message=None, level=logging.INFO, **facts):
    logger.log(level, message, extra={"event": event, **facts})


FAILED = {"aux": {}, "rule_name": "train_model", "jobid": 1, "input": ["galforge/core/files.py"]}


def test_an_error_is_shown_whole_with_its_log_and_what_to_do_and_no_source_file(logger, tmp_path, capsys):
    display = own_display(SimpleNamespace(verbose=False, dryrun=False, quiet=None))
    display.start(TASKS, 2, "heading")
    log = tmp_path / "train.log"
    log.write_text("WARNING: odd\nERROR: stamps.h5: is damaged\n")
    about = {"rule_name": "train_model", "jobid": 1, "wildcards": {"dataset": "cosmos", "model": "vae"}}
    record(logger, "job_info", rule_msg="Training vae", log=[str(log)], input=FAILED["input"], **about)
    record(logger, None, "Select jobs to execute...")
    record(logger, "job_error", "x", logging.ERROR, log=[str(log)], **FAILED)
    record(logger, "error", "WorkflowError:\nAt least one job did not complete successfully.", logging.ERROR)
    record(logger, None, "a word that nobody foresaw", logging.WARNING)
    said = capsys.readouterr().err
    assert said.splitlines()[:5] == [
        "heading",
        "Error in rule train_model: Training vae",
        f"Its log, {log}:",
        "WARNING: odd",
        "ERROR: stamps.h5: is damaged",
    ]
    assert "What to do: correct what it names, then run the same command again." in said
    assert "a word that nobody foresaw" in said
    assert "files.py" not in said and "Select" not in said


@pytest.mark.parametrize("option", ["verbose", "dryrun", "quiet", "debug_dag", "printshellcmds"])
def test_who_asks_for_what_snakemake_shows_gets_it(logger, option):
    before = list(logger.handlers)
    assert own_display(SimpleNamespace(**{option: True})) is None
    assert logger.handlers == before


def test_another_logger_is_left_alone(logger):
    logger.handlers[0].name = "a plugin"
    assert own_display(SimpleNamespace()) is None


ON_TERMINAL = """
import os, subprocess, sys, time
from galforge.terminal.screen import Terminal
lines = []
terminal = Terminal(lambda line: (lines.append(line), terminal.write(line)))
terminal.draw(["how far", "it is"])
subprocess.run(["sh", "-c", "echo a job says this >&2"])
while not lines:  # they come in a thread of its own
    time.sleep(0.01)
terminal.draw(["further"])
terminal.close()
terminal.close()
print("an error at the end", file=sys.stderr)
assert lines == ["a job says this"], lines
"""


def test_what_jobs_say_stands_above_what_is_drawn_and_nothing_drawn_is_left():
    parent, child = pty.openpty()
    ended = subprocess.run([sys.executable, "-c", ON_TERMINAL], cwd=PROJECT, stderr=child, check=False)
    os.close(child)
    said = os.read(parent, 10_000).decode()
    os.close(parent)
    assert ended.returncode == 0, said
    assert said.replace("\r", "") == (
        "how far\nit is\n\x1b[2A\x1b[Ja job says this\nfurther\n\x1b[1A\x1b[Jan error at the end\n"
    )


def test_a_run_ends_with_the_best_models_and_the_report(tmp_path):
    board = tmp_path / "leaderboard/cosmos.csv"
    board.parent.mkdir()
    (tmp_path / "report").mkdir()
    (tmp_path / "report/index.html").write_text("<html>")
    rows = [
        ("", "", "survey stamps (floor)", "floor", "0.18", "0.04"),
        ("", "", "control_memorizer", "control", "0.17", "0.04"),
        *((n, "1-4", f"model_{n}", "model", f"0.{n}2", "0.05") for n in range(1, 5)),
    ]
    with board.open("w", newline="") as stream:
        names = ("rank", "ranks", "model", "kind", "mean_distance", "mean_distance_error")
        csv.writer(stream).writerows([names, *rows])
    lines = finished_run(tmp_path, ["cosmos", "other"], 7, 65).splitlines()
    assert lines[0] == "7 jobs done in 1 min 05 s."
    assert [line.split()[1] for line in lines[2:5]] == ["model_1", "model_2", "model_3"]
    assert lines[2].endswith("0.12 ± 0.05")
    assert "survey stamps (floor)" in lines[5]
    assert lines[-1] == f"The report: {(tmp_path / 'report/index.html').as_uri()}"


CONTENT = {
    "title": "A <title>",
    "datasets": [
        {
            "name": "cosmos", "description": "Galaxies.", "simulated": True,
            "models": [{"name": "vae"}, {"name": "gan"}, {"name": "flow"}], "controls": ["control_x"],
        }
    ],
}  # fmt: skip


def test_the_report_in_the_making_says_what_is_there_and_what_is_to_come(tmp_path):
    left = {("evaluate_model", f"cosmos/{model}") for model in ("gan", "flow", "control_x")}
    left |= {("train_model", f"cosmos/{model}") for model in ("gan", "flow")}
    left |= {
        ("plot_thumbnail", "cosmos/gan"),
        ("plot_thumbnail", "cosmos/flow"),
        ("plot_thumbnail", "cosmos/vae"),
    }
    progress = run_progress(CONTENT, left, {("train_model", "cosmos/gan")}, total=20, done=9)
    states = {model["name"]: (model["state"], model["strip"]) for model in progress["datasets"][0]["models"]}
    assert states == {
        "vae": ("judged", False), "gan": ("in training", False),
        "flow": ("to come", False), "control_x": ("to come", True),
    }  # fmt: skip
    distances = {
        ("cosmos", "vae"): {"model": 0.42, "error": 0.05, "floor": 0.18, "floor_error": 0.04, "reason": ""}
    }
    template = (PROJECT / TEMPLATE).read_text()
    pictures = {("cosmos", ""): b"png"}
    page = render_progress(template, RunProgress.model_validate(progress), distances, pictures, "now")
    assert "Still to come: gan, flow, control_x." in page
    assert "0.42 ± 0.05 (0.18)" in page and "9 of 20 jobs" in page
    assert "A &lt;title&gt;" in page and "galaxies are simulated" in page
    path = tmp_path / "index.html"
    assert may_be_written(path), "nothing is there"
    path.write_text(page)
    assert page.startswith(IN_THE_MAKING) and may_be_written(path)
    path.write_text("<!DOCTYPE html>a whole report")
    assert not may_be_written(path)
