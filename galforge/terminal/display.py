"""The run on the terminal: stages and running jobs, warnings and errors whole, and nothing else.

A handler of Snakemake's log, in place of the one that writes each job with its files. A plugin would have
to be installed beside Snakemake; this comes with the Snakefile, so ``snakemake --cores N`` in a checkout
shows it. ``--verbose``, ``--logger`` and the like have Snakemake's own.
"""

import logging
import os
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from galforge.core.progress import PROGRESS
from galforge.terminal.ending import FAILED, REFUSED, STOPPED, address, is_report
from galforge.terminal.run_state import Running, RunState, Task, last_progress, shown_lines, task
from galforge.terminal.screen import Screen, Stream, Terminal

SNAKEMAKE = "snakemake.logging"
OF_SNAKEMAKE = "DefaultStreamHandler"

# What Snakemake says that is no news to a person, by its kind and by how it begins. Its log file has all.
SILENT_EVENTS = (
    "run_info", "workflow_started", "shellcmd", "job_started", "group_info", "resources_info", "debug_dag",
    "progress", "rulegraph", "job_error",
)  # fmt: skip
SILENT_BEGINNINGS = (
    "Assuming unrestricted shared filesystem", "Building DAG of jobs", "Using shell",
    "Conda environments: ignored", "Group jobs: inactive", "Select jobs to execute",
    "Shutting down, this might", "Elapsed time",
    "Exiting because a job execution failed", "DAG of jobs will be updated",
    # The report in the making was not there when the run began.
    "Warning: the following output files of rule build_report were not present",
)  # fmt: skip
LOG_HINT = "Complete log(s)"
NOTHING_TO_DO = "Nothing to be done"
USER_STOPS = "Terminating processes on user request"
LAST_JOBS_FAILED = "At least one job did not complete successfully"
TAIL_BYTES = 16384
TAIL_LINES = 40


def own_display(settings: Any) -> "RunDisplay | None":
    """Show the run in place of Snakemake, unless the user asked for something else.

    Parameters
    ----------
    settings : snakemake.settings.types.OutputSettings
        Of the workflow.

    Returns
    -------
    RunDisplay or None
        None if the user asked for what Snakemake shows (``--verbose``, ``--dry-run``, ``--quiet``,
        ``--debug-dag``, ``--printshellcmds``, ``--logger``), or if there is no standard error.
    """
    asked = ("verbose", "dryrun", "quiet", "debug_dag", "printshellcmds")
    logger = logging.getLogger(SNAKEMAKE)
    replaced = next((handler for handler in logger.handlers if handler.name == OF_SNAKEMAKE), None)
    # Of a process that is started with standard error closed, Python has none.
    if replaced is None or sys.stderr is None or any(getattr(settings, name, None) for name in asked):
        return None
    display = RunDisplay(replaced, live=sys.stderr.isatty() and os.environ.get("TERM") != "dumb")
    logger.removeHandler(replaced)
    logger.addHandler(display)
    return display


class RunDisplay(logging.Handler):
    """Show a run of the workflow.

    Parameters
    ----------
    replaced : logging.Handler
        Snakemake's own, whose words are used for what is not of jobs.
    live : bool
        Whether to draw how far the run is, again and again, which only a terminal can show.

    Attributes
    ----------
    page : Path or None
        The report, once it is known where it lies.
    """

    def __init__(self, replaced: logging.Handler, live: bool) -> None:
        super().__init__()
        self.formatter = replaced.formatter
        self._state: RunState | None = None
        self._tasks: dict[str, Task] = {}
        self._failed, self._stopped = False, False
        self._live = live
        self._screen: Screen = Stream(sys.stderr)
        self._ended = threading.Event()
        # Not the handler's own, under which it is closed: then the reader of the terminal still writes.
        self._lock = threading.RLock()
        self.page: Path | None = None

    def start(self, tasks: Sequence[Task], cores: int, heading: str) -> None:
        """Begin to show the jobs of a run, after a heading."""
        with self._lock:
            self._tasks = {each.rule: each for each in tasks}
            self._state = RunState(tasks, cores, time.monotonic())
            if self._live:
                self._screen = Terminal(self.take)
                threading.Thread(target=self._keep_drawing, daemon=True).start()
            self._screen.write(heading)

    def emit(self, record: logging.LogRecord) -> None:
        """Show what a record of Snakemake's log says, if it is news to a person."""
        try:
            with self._lock:
                text = self._text(record)
                if text:
                    self._screen.write(text)
                self._draw()
        except Exception:  # As logging has it: a line that cannot be shown is no reason to end the run.
            self.handleError(record)

    def take(self, line: str) -> None:
        """Show a line that came on standard error; how far a job is, is drawn from its log."""
        with self._lock:
            if not PROGRESS.fullmatch(line):
                self._screen.write(line)
                self._draw()

    def end(self, text: str) -> None:
        """Show the last words of a run."""
        self._stop()
        self._screen.write(text)

    def close(self) -> None:
        """Give the terminal back."""
        self._stop()
        super().close()

    @property
    def jobs(self) -> int:
        """How many jobs have ended well."""
        return self._state.done if self._state else 0

    @property
    def seconds(self) -> float:
        """Since the run began."""
        return time.monotonic() - self._state.started if self._state else 0.0

    def _stop(self) -> None:
        self._ended.set()
        self._screen.close()

    def _text(self, record: logging.LogRecord) -> str | None:
        """Return what is to be written for a record, after noting it."""
        event = str(getattr(record, "event", None) or "")
        facts = record.__dict__
        if event == "job_info":
            self._begin(facts)
        elif event == "job_finished":
            return self._state.end(facts["job_id"], time.monotonic()) if self._state else None
        elif event == "job_error" and not self._stopped:  # else it ended with the run, and is no failure
            return self._failure(facts)
        elif event == "group_error":
            return f"Error in a group of jobs; log: {', '.join(facts['aux_logs']) or 'none'}"
        elif event not in SILENT_EVENTS:
            return self._said(record)
        return None

    def _said(self, record: logging.LogRecord) -> str | None:
        text = self.format(record)
        self._stopped |= text.startswith(USER_STOPS)
        if text.startswith(SILENT_BEGINNINGS) or (text.startswith(LOG_HINT) and not self._failed):
            return None
        if LAST_JOBS_FAILED in text:
            return FAILED if self._failed else STOPPED
        if self._stopped and "CalledProcessError" in text:
            return None  # a job that ended with the run
        if getattr(record, "exception", "") == "CalledProcessError":
            # The command is of a thousand characters; which job it was, and its log, follow.
            return "A job " + text.rpartition("' ")[2]
        if record.levelno >= logging.ERROR and "configuration: " in text:
            return f"{text}\n{REFUSED}"
        # Of what goes wrong after a job has ended, such as an output that is not there, no job_error tells.
        self._failed |= record.levelno >= logging.ERROR and not self._stopped
        if text.startswith(NOTHING_TO_DO) and self.page and is_report(self.page):
            return f"{text}\nThe report: {address(self.page)}"
        return text if text != "None" else None

    def _begin(self, facts: dict[str, Any]) -> None:
        known = self._tasks.get(facts["rule_name"])
        if self._state is None or known is None:
            return
        work = task(known.rule, known.stage, facts["wildcards"])
        message = facts["rule_msg"] or f"{work.rule} {work.subject}"
        log = facts["log"][0] if facts["log"] else None
        self._state.begin(facts["jobid"], Running(work, message, log, time.monotonic()))

    def _failure(self, facts: dict[str, Any]) -> str:
        self._failed = True
        job = self._state.fail(facts["jobid"]) if self._state else None
        lines = [f"Error in rule {facts['rule_name']}" + (f": {job.message}" if job else "")]
        lines += [f"{name}: {value}" for name, value in facts["aux"].items()]
        for log in facts["log"]:
            lines += [f"Its log, {log}:", *tail(log, TAIL_LINES)]
        return "\n".join(lines)

    def _draw(self) -> None:
        if self._state is None or not isinstance(self._screen, Terminal):
            return
        logs = {number: job.log for number, job in self._state.running.items() if job.log}
        progress = {number: last_progress(tail(log, TAIL_LINES)) for number, log in logs.items()}
        known = {number: line for number, line in progress.items() if line}
        self._screen.draw(shown_lines(self._state, known, time.monotonic(), *self._screen.size))

    def _keep_drawing(self) -> None:
        while not self._ended.wait(1):
            with self._lock:
                self._draw()


def tail(log: str, lines: int) -> list[str]:
    """Return the last lines of a log, or one that says why there are none."""
    try:
        with Path(log).open("rb") as stream:
            stream.seek(0, os.SEEK_END)
            stream.seek(max(stream.tell() - TAIL_BYTES, 0))
            return stream.read().decode(errors="replace").splitlines()[-lines:] or ["(empty)"]
    except OSError:
        return ["(not there)"]
