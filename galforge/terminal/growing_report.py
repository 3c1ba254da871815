"""Have the report in the making written as a run goes on."""

import contextlib
import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from galforge.configuration import layout
from galforge.terminal.display import SNAKEMAKE, USER_STOPS
from galforge.terminal.run_state import Task, task

ENTRY = "workflow_scripts.report.show_progress"
TEMPLATE = "galforge/figures/growing_report.html.j2"
REPORT_RULE = "build_report"
# What the page shows the results of.
SHOWN = ("plot_dataset", "train_model", "evaluate_model", "plot_thumbnail")
INTERVAL_S = 15.0  # between two beginnings to write it, which takes 0.3 s of processor time


def run_progress(
    content: Mapping[str, Any],
    left: set[tuple[str, str]],
    running: set[tuple[str, str]],
    failed: set[tuple[str, str]],
    total: int,
    done: int,
) -> dict[str, Any]:
    """Return how far a run is, as :class:`galforge.figures.growing_report.RunProgress` has it.

    Parameters
    ----------
    content : mapping
        What belongs to the report (``report_settings``).
    left : set of (str, str)
        Rule and subject of each job that has not ended, of those :data:`SHOWN`: a file of an earlier run that
        is still there is not taken for this one's.
    running, failed : set of (str, str)
        Those that run, and those that failed.
    total, done : int
        Jobs in all, and those that have ended.
    """
    datasets = []
    for dataset in content["datasets"]:
        name = dataset["name"]
        shown = [(model["name"], model["label"], "model") for model in dataset["models"]]
        shown += [(control, control, "control") for control in dataset["controls"]]
        models = [
            {
                "name": model,
                "label": label,
                "kind": kind,
                "state": _state(f"{name}/{model}", kind, left, running, failed),
                "strip": ("plot_thumbnail", f"{name}/{model}") not in left,
            }
            for model, label, kind in shown
        ]
        facts = {key: dataset[key] for key in ("name", "description", "simulated")}
        datasets.append({**facts, "made": ("plot_dataset", name) not in left, "models": models})
    return {"title": content["title"], "done": done, "total": total, "datasets": datasets}


def _state(
    subject: str,
    kind: str,
    left: set[tuple[str, str]],
    running: set[tuple[str, str]],
    failed: set[tuple[str, str]],
) -> str:
    if ("evaluate_model", subject) not in left:
        return "judged"
    if {("train_model", subject), ("evaluate_model", subject)} & failed:
        return "failed"
    if ("train_model", subject) in running:
        return "in training"
    return "to come" if kind == "control" or ("train_model", subject) in left else "trained"


class GrowingReport(logging.Handler):
    """Write the report in the making as jobs begin and end, until the report itself is made.

    A process of its own writes it: nothing that goes wrong there is of consequence for the run.

    Parameters
    ----------
    project, results : Path
    content : mapping
        What belongs to the report.
    tasks : sequence of Task
        What each job of the run is for.
    """

    def __init__(
        self, project: Path, results: Path, content: Mapping[str, Any], tasks: Sequence[Task]
    ) -> None:
        super().__init__()
        self._project, self._results, self._content = project, results, content
        self._tasks = {each.rule: each for each in tasks}
        self._left = {(each.rule, each.subject) for each in tasks if each.rule in SHOWN}
        self._jobs: dict[int, Task] = {}
        self._failed: set[tuple[str, str]] = set()
        self._stopped = False
        self._total, self._done = len(tasks), 0
        self._writer: subprocess.Popen[bytes] | None = None
        self._written = -INTERVAL_S
        self._news, self._over, self._lock = True, threading.Event(), threading.Lock()
        logging.getLogger(SNAKEMAKE).addHandler(self)
        threading.Thread(target=self._keep_writing, daemon=True).start()

    def emit(self, record: logging.LogRecord) -> None:
        """Note what a record of Snakemake's log says of a job."""
        try:
            event = str(getattr(record, "event", None) or "")
            with self._lock:
                if event == "job_info":
                    self._begin(record.__dict__)
                elif event == "job_finished":
                    self._end(record.__dict__["job_id"])
                elif event == "job_error":
                    self._fail(record.__dict__["jobid"])
                else:
                    self._stopped |= record.getMessage().startswith(USER_STOPS)
        except Exception:  # As logging has it: a line that cannot be shown is no reason to end the run.
            self.handleError(record)

    def close(self) -> None:
        """Write no more."""
        with self._lock:
            self._stop()
        super().close()

    def _begin(self, facts: Mapping[str, Any]) -> None:
        known = self._tasks.get(facts["rule_name"])
        if known is None:
            return
        begun = task(known.rule, known.stage, facts["wildcards"])
        self._jobs[facts["jobid"]] = begun
        self._failed.discard((begun.rule, begun.subject))  # it is tried again
        self._news |= known.rule == "train_model"
        if known.rule == REPORT_RULE:
            self._stop()

    def _end(self, number: int) -> None:
        ended = self._jobs.pop(number, None)
        if ended is None:
            return
        self._done += 1
        self._left.discard((ended.rule, ended.subject))
        self._news = True

    def _fail(self, number: int) -> None:
        ended = self._jobs.pop(number, None)
        if ended is not None and not self._stopped:  # else it ended with the run, and is no failure
            self._failed.add((ended.rule, ended.subject))
            self._news = True

    def _keep_writing(self) -> None:
        while not self._over.wait(1):
            with self._lock, contextlib.suppress(OSError):  # no more processes, or a full disk
                self._write()

    def _write(self) -> None:
        """Begin to write the page, unless it is being written or was a moment ago."""
        busy = self._writer is not None and self._writer.poll() is None
        if self._over.is_set() or busy or not self._news or time.monotonic() - self._written < INTERVAL_S:
            return
        self._news, self._written = False, time.monotonic()
        running = {(each.rule, each.subject) for each in self._jobs.values()}
        progress = run_progress(self._content, self._left, running, self._failed, self._total, self._done)
        files = {
            "settings": json.dumps(progress),
            "results": str(self._results),
            "template": str(self._project / TEMPLATE),
            "page": str(layout.REPORT.at(self._results)),
        }
        words = [word for name, value in files.items() for word in (f"--{name}", value)]
        # As for jobs: no module that lies in the working directory.
        command = [sys.executable, "-P", "-m", ENTRY, *words]
        log = self._results / "logs" / "show_progress.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as stream:
            self._writer = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                env={**os.environ, "PYTHONPATH": str(self._project)},
            )

    def _stop(self) -> None:
        self._over.set()
        if self._writer is not None and self._writer.poll() is None:
            self._writer.terminate()
            self._writer.wait()
