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
from galforge.terminal.ending import IN_THE_MAKING, REFUSED, STOPPED, finished_run, is_report
from galforge.terminal.growing_report import TEMPLATE, GrowingReport, run_progress
from galforge.terminal.run_state import Running, RunState, Task, short_progress, shown_lines, task
from galforge.terminal.screen import Stream
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
    assert state.time_left(110, "training") == pytest.approx(100), "one job takes one core"
    state.begin(2, Running(TASKS[2], "working", None, 110))
    assert state.time_left(150, "training") == pytest.approx(60)


def test_the_time_left_is_known_where_the_number_of_cores_has_no_limit():
    state = RunState(TASKS[1:3], sys.maxsize, started=0.0)
    run(state, 1, TASKS[1], 0, 100)
    assert state.time_left(100) == pytest.approx(100)


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


@pytest.mark.parametrize(
    ("wildcards", "subject"),
    [
        ({"recognizer": "clothes", "variant": "deep", "repeat": "2"}, "clothes/deep/2"),
        ({"recognizer": "clothes", "pictures": "mine"}, "clothes"),
        ({"upscaler": "siren", "picture": "face"}, "siren/face"),
        ({"experiment": "beta"}, "beta"),
    ],
)
def test_a_task_of_a_further_stage_is_named_by_what_it_works_on(wildcards, subject):
    assert task("a_rule", "a_stage", wildcards).subject == subject


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


STOPS = "Terminating processes on user request, this might take some time."
NOT_COMPLETE = "WorkflowError:\nAt least one job did not complete successfully."
MISSING = (
    "MissingOutputException in rule train_model:\nJob 1 completed successfully, but some output is missing."
)


def shown(logger, capsys):
    """Begin to show a run."""
    display = own_display(SimpleNamespace())
    display.start(TASKS, 2, "heading")
    capsys.readouterr()
    return display


def test_a_run_that_its_user_stops_is_no_failure(logger, capsys):
    shown(logger, capsys)
    record(logger, None, STOPS, logging.WARNING)
    record(logger, "job_error", "x", logging.ERROR, log=["train.log"], **FAILED)
    record(logger, "error", "a command ended with the run", logging.ERROR)
    record(logger, "error", NOT_COMPLETE, logging.ERROR)
    said = capsys.readouterr().err
    assert STOPPED in said and "What to do" not in said and "train.log" not in said


def test_what_goes_wrong_after_a_job_has_ended_is_a_failure(logger, capsys):
    shown(logger, capsys)
    record(logger, "error", MISSING, logging.ERROR, exception="MissingOutputException")
    record(logger, "error", NOT_COMPLETE, logging.ERROR)
    record(logger, None, "Complete log(s): x.log", logging.WARNING)
    said = capsys.readouterr().err
    assert MISSING in said and STOPPED not in said
    assert "What to do: correct what it names" in said and "Complete log(s): x.log" in said


def test_a_configuration_that_is_refused_says_where_the_keys_are(logger, capsys):
    own_display(SimpleNamespace())
    record(logger, "error", "WorkflowError:\nconfiguration: seed is x", logging.ERROR)
    record(logger, None, "Complete log(s): x.log", logging.WARNING)
    assert capsys.readouterr().err.splitlines() == ["WorkflowError:", "configuration: seed is x", REFUSED]


@pytest.mark.parametrize(("first", "whole"), [("<!DOCTYPE html>", True), (IN_THE_MAKING, False)])
def test_nothing_to_be_done_names_the_report_if_it_is_whole(logger, tmp_path, capsys, first, whole):
    display = own_display(SimpleNamespace())
    display.page = tmp_path / "index.html"
    display.page.write_text(f"{first}\n<html>")
    record(logger, None, "Nothing to be done (all requested files are present and up to date).")
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("Nothing to be done")
    assert lines[1:] == ([f"The report: {display.page.as_uri()}"] if whole else [])


def test_a_record_that_cannot_be_shown_does_not_end_the_run(logger, capsys):
    shown(logger, capsys)
    record(logger, "job_info", rule_name="train_model", jobid=1)  # no wildcards
    record(logger, None, "the next one", logging.WARNING)
    said = capsys.readouterr().err
    assert "KeyError: 'wildcards'" in said, "logging tells of it"
    assert said.endswith("the next one\n")


def test_without_standard_error_snakemake_is_left_alone(logger, monkeypatch):
    before = list(logger.handlers)
    monkeypatch.setattr(sys, "stderr", None)
    assert own_display(SimpleNamespace()) is None
    assert logger.handlers == before


def test_a_closed_stream_ends_no_run(tmp_path):
    with (tmp_path / "log").open("w") as stream:
        screen = Stream(stream)
        screen.write("a line")
    screen.write("another")
    assert (tmp_path / "log").read_text() == "a line\n"


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


def on_terminal(code):
    """Run code with standard error on a terminal without a size; return what is written there."""
    parent, child = pty.openpty()
    ended = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, stderr=child, check=False, timeout=60)
    os.close(child)
    said = os.read(parent, 10_000).decode().replace("\r", "")
    os.close(parent)
    assert ended.returncode == 0, said
    return said


def test_what_jobs_say_stands_above_what_is_drawn_and_nothing_drawn_is_left():
    assert on_terminal(ON_TERMINAL) == (
        "how far\nit is\n\x1b[2A\x1b[Ja job says this\nfurther\n\x1b[1A\x1b[Jan error at the end\n"
    )


def test_a_terminal_without_a_size_is_taken_for_one_of_80_by_24():
    said = on_terminal("""
from galforge.terminal.screen import Terminal
terminal = Terminal(print)
size = terminal.size
terminal.write(f"{size[0]} by {size[1]}")
terminal.close()
""")
    assert said == "80 by 24\n"


def test_words_without_an_end_of_line_are_shown_when_the_terminal_is_given_back():
    said = on_terminal("""
import os
from galforge.terminal.screen import Terminal
terminal = Terminal(lambda line: terminal.write(f"taken: {line}"))
os.write(2, b"a whole line\\nthe last words")
terminal.close()
""")
    assert said == "taken: a whole line\ntaken: the last words\n"


def test_a_line_that_cannot_be_shown_does_not_make_the_jobs_wait():
    said = on_terminal("""
import os
from galforge.terminal.screen import Terminal
def take(line):
    if line != "the last":
        raise ValueError(line)
    terminal.write(line)
terminal = Terminal(take)
for _ in range(2000):
    os.write(2, b"x" * 99 + b"\\n")  # more than the pipe holds
os.write(2, b"the last\\n")
terminal.close()
""")
    assert said == "the last\n"


NAMES = ("rank", "ranks", "model", "kind", "gate", "mean_distance", "mean_distance_error")


def write_leaderboard(results, rows):
    path = results / "leaderboard/cosmos.csv"
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows([NAMES, *rows])


def test_a_run_ends_with_the_best_models_and_the_report(tmp_path):
    (tmp_path / "report").mkdir()
    (tmp_path / "report/index.html").write_text("<html>")
    write_leaderboard(
        tmp_path,
        [
            ("", "", "survey stamps (floor)", "floor", "", "0.18", "0.04"),
            ("", "", "control_memorizer", "control", "copies", "0.17", "0.04"),
            *((n, "1-4", f"model_{n}", "model", "", f"0.{n}2", "0.05") for n in range(1, 5)),
        ],
    )
    labels = {"cosmos": {"model_2": "Model II"}, "other": {}}
    lines = finished_run(tmp_path, labels, 7, 65).splitlines()
    assert lines[0] == "7 jobs done in 1 min 05 s."
    assert lines[1].startswith("The best of 4 models on cosmos")
    assert [line[8:].split("  ")[0].strip() for line in lines[2:5]] == ["model_1", "Model II", "model_3"]
    assert lines[2].endswith("0.12 ± 0.05")
    assert "survey stamps (floor)" in lines[5]
    assert lines[-1] == f"The report: {(tmp_path / 'report/index.html').as_uri()}"


def test_a_run_ends_without_what_it_neither_made_nor_found(tmp_path):
    write_leaderboard(tmp_path, [(1, "", "vae", "model", "13% are copies", "0.12", "0.05")])
    (tmp_path / "report").mkdir()
    (tmp_path / "report/index.html").write_text(f"{IN_THE_MAKING}\n<html>")
    assert finished_run(tmp_path, {}, 1, 5) == "1 job done in 5 s."
    held_back = finished_run(tmp_path, {"cosmos": {"vae": "β-VAE"}}, 1, 5).splitlines()
    assert held_back[1].startswith("The best of 1 model on cosmos")
    assert held_back[2:] == ["        β-VAE (held back)  0.12 ± 0.05"]


CONTENT = {
    "title": "A <title>",
    "datasets": [
        {
            "name": "cosmos", "description": "Galaxies.", "simulated": True,
            "models": [{"name": name, "label": f"The {name}"} for name in ("vae", "gan", "flow", "bad")],
            "controls": ["control_x"],
        }
    ],
}  # fmt: skip


def test_the_report_in_the_making_says_what_is_there_and_what_is_to_come(tmp_path):
    left = {("evaluate_model", f"cosmos/{model}") for model in ("gan", "flow", "bad", "control_x")}
    left |= {("train_model", f"cosmos/{model}") for model in ("gan", "flow", "bad")}
    left |= {
        ("plot_thumbnail", "cosmos/gan"),
        ("plot_thumbnail", "cosmos/flow"),
        ("plot_thumbnail", "cosmos/vae"),
        ("plot_thumbnail", "cosmos/bad"),
    }
    running, failed = {("train_model", "cosmos/gan")}, {("train_model", "cosmos/bad")}
    progress = run_progress(CONTENT, left, running, failed, total=20, done=9)
    states = {model["name"]: (model["state"], model["strip"]) for model in progress["datasets"][0]["models"]}
    assert states == {
        "vae": ("judged", False), "gan": ("in training", False),
        "flow": ("to come", False), "bad": ("failed", False), "control_x": ("to come", True),
    }  # fmt: skip
    judged = {("cosmos", "vae"): scores("vae", 0.42, copies="13% are copies of training stamps")}
    template = (PROJECT / TEMPLATE).read_text()
    pictures = {("cosmos", ""): b"png"}
    page = render_progress(template, RunProgress.model_validate(progress), judged, pictures, "now")
    assert "Still to come: The gan, The flow, control_x." in page
    assert "Failed: The bad;" in page and "<td>failed</td>" in page
    assert '<th scope="row">The vae <span class="soft">held back</span>' in page
    assert "0.42 ± 0.05 (0.18)" in page and "9 of 20 jobs" in page
    assert "A &lt;title&gt;" in page and "galaxies are simulated" in page
    path = tmp_path / "index.html"
    assert not is_report(path), "nothing is there"
    path.write_text(page)
    assert page.startswith(IN_THE_MAKING) and not is_report(path)
    path.write_text("<!DOCTYPE html>a whole report")
    assert is_report(path)


def test_the_report_in_the_making_has_models_in_the_order_of_the_leaderboard():
    names = ("vae", "gan", "flow", "bad")
    progress = run_progress(CONTENT, {("evaluate_model", "cosmos/gan")}, set(), set(), total=20, done=9)
    judged = {
        ("cosmos", name): scores(name, value, **gates)
        for name, value, gates in (
            ("vae", 0.2, {"copies": "13% are copies"}),
            ("flow", 0.5, {}),
            ("bad", 0.4, {}),
            ("control_x", 0.1, {}),
        )
    }
    template = (PROJECT / TEMPLATE).read_text()
    page = render_progress(template, RunProgress.model_validate(progress), judged, {}, "now")
    table = page.partition("<tbody>")[2]
    order = sorted((*(f"The {name}" for name in names), "control_x"), key=table.index)
    assert order == ["The bad", "The flow", "The vae", "The gan", "control_x"]


def scores(model, value, **gates):
    """What the judge says of a model, as far as the report in the making shows it."""
    mean = {"model": value, "error": 0.05, "floor": 0.18, "floor_error": 0.04, "reason": ""}
    return {"model": model, "status": "ok", "gates": gates, "mean_distance": mean}


@pytest.fixture
def growing(logger, tmp_path, monkeypatch):
    """A report in the making that no process writes."""
    monkeypatch.setattr(GrowingReport, "_keep_writing", lambda self: None)
    report = GrowingReport(PROJECT, tmp_path, CONTENT, TASKS)
    report._news = False
    return report


def begin(logger, number=1, model="vae"):
    wildcards = {"dataset": "cosmos", "model": model}
    record(logger, "job_info", rule_name="train_model", jobid=number, wildcards=wildcards)


def test_the_report_in_the_making_follows_the_jobs(growing, logger):
    training = ("train_model", "cosmos/vae")
    begin(logger)
    assert growing._news and training in growing._left
    record(logger, "job_finished", job_id=1)
    assert training not in growing._left and growing._done == 1
    record(logger, "job_info", rule_name="a_target", jobid=9, wildcards={})
    record(logger, "job_finished", job_id=9)
    assert growing._done == 1, "what is no job of the run is not counted"


def test_a_training_that_failed_is_no_more_in_training_unless_it_is_tried_again(growing, logger):
    begin(logger)
    growing._news = False
    record(logger, "job_error", "x", logging.ERROR, log=[], **FAILED)
    assert growing._news and growing._failed == {("train_model", "cosmos/vae")} and not growing._jobs
    begin(logger, 2)
    assert not growing._failed


def test_a_training_that_its_user_stops_has_not_failed(growing, logger):
    begin(logger)
    record(logger, None, STOPS, logging.WARNING)
    record(logger, "job_error", "x", logging.ERROR, log=[], **FAILED)
    assert not growing._failed


def test_a_record_that_cannot_be_read_does_not_end_the_report_in_the_making(growing, logger, capsys):
    record(logger, "job_info", rule_name="train_model", jobid=1)  # no wildcards
    assert "KeyError: 'wildcards'" in capsys.readouterr().err
    begin(logger)
    assert growing._jobs == {1: TASKS[1]}
