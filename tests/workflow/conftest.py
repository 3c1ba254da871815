"""A copy of the project to run Snakemake in, in a folder whose name has a space and a letter ü."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from filelock import FileLock
from PIL import Image

from galforge.core.files import file_digest
from galforge.figures.style import WARNING
from tests.conftest import PROJECT

TINY = "tests/helpers/tiny.yaml"


@dataclass
class Project:
    """A copy of the project."""

    path: Path

    def command(self, *arguments, cores=2, configfile=TINY, overlay=None):
        # Options that take several values come first, so that targets are not taken for theirs.
        several = configfile if isinstance(configfile, tuple) else (configfile,)
        configured = ["--configfile", *map(str, several)]
        if overlay:
            (self.path / "overlay.yaml").write_text(overlay)
            configured.append("overlay.yaml")
        return [sys.executable, "-m", "snakemake", *configured, "--cores", str(cores), *map(str, arguments)]

    def start(self, *arguments, **options):
        """Start Snakemake in a process group of its own."""
        return subprocess.Popen(
            self.command(*arguments, **options),
            cwd=self.path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            # A test run in the background of a shell ignores Ctrl-C, and its children would, too.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def run(self, *arguments, cwd=None, **options):
        """Run Snakemake to its end; return exit status and output."""
        ended = subprocess.run(
            self.command(*arguments, **options),
            cwd=cwd or self.path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return ended.returncode, ended.stdout

    def make(self, *arguments, **options):
        """Run Snakemake and insist that it ends well."""
        status, output = self.run(*arguments, **options)
        assert status == 0, output
        return output

    def planned(self, *arguments, **options):
        """Return the rules that a run would execute."""
        status, output = self.run("-n", *arguments, **options)
        assert status == 0, output
        if "Nothing to be done" in output:
            return set()
        table = output.split("Job stats:")[-1]
        counts = dict(re.findall(r"^([a-z_]+) +(\d+)$", table, flags=re.MULTILINE))
        return set(counts) - {"all", "total", "datasets", "models"}

    def failed_figures(self, folder):
        """Return why figures below a folder could not be drawn, by their paths; there must be figures."""
        found = sorted((self.path / folder).rglob("*.png"))
        assert found, f"no figure in {folder}"
        reasons = {}
        for path in found:
            with Image.open(path) as picture:
                reasons[str(path.relative_to(self.path))] = picture.info.get(WARNING)
        return {name: reason for name, reason in reasons.items() if reason}

    def copied_to(self, target):
        """Return a copy of the project with all its results, times included."""
        shutil.copytree(self.path, target, symlinks=True)
        return Project(target)

    def digests(self, *names):
        """Return each of these files, and each file below these folders, with its digest."""
        paths = [path for name in names for path in [self.path / name, *(self.path / name).rglob("*")]]
        return {str(path.relative_to(self.path)): file_digest(path) for path in paths if path.is_file()}

    def half_written(self):
        """Return the temporary files that are left among the results."""
        known = (".lock", ".snakemake_timestamp")
        return [path.name for path in (self.path / "results").rglob(".*") if path.name not in known]

    @contextlib.contextmanager
    def edited(self, name, old, new):
        """Replace the first such text in a source file, for as long as a block of code lasts."""
        path = self.path / name
        before = path.read_text()
        assert before.count(old) >= 1, f"{name} has no {old!r}"
        path.write_text(before.replace(old, new, 1))
        try:
            yield
        finally:
            path.write_text(before)


def job_of(running, entry):
    """Return the process of a stage that a started Snakemake runs, once there is one, else None."""
    try:
        for process in psutil.Process(running.pid).children(recursive=True):
            words = process.cmdline()
            if words[1:3] == ["-P", "-m"] and re.fullmatch(rf"workflow_scripts\.\w+\.{entry}", words[3]):
                return process
    except psutil.Error:
        pass
    return None


def wait_for(condition, seconds=180):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")


def wait_until_gone(pid):
    wait_for(lambda: not psutil.pid_exists(pid))


def line_with(output, words):
    """Return the first line of an output that has some words in it."""
    found = [line for line in output.splitlines() if words in line]
    assert found, f"no line has {words!r}:\n{output}"
    return found[0]


def error_of(output):
    """Return the one line that says what was wrong, and insist that there is no traceback."""
    assert "Traceback" not in output, output
    # On the terminal it comes twice: as it happens, and with the log of the job that failed.
    lines = list(dict.fromkeys(line for line in output.splitlines() if line.startswith("ERROR: ")))
    assert len(lines) == 1, output
    return lines[0]


def copy_project(target):
    names = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    for name in filter(None, names):
        if (PROJECT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, target / name)
    return Project(target)


@pytest.fixture(scope="session", autouse=True)
def quiet_environment():
    os.environ["PYTHONUNBUFFERED"] = "1"


@pytest.fixture(scope="session")
def made(tmp_path_factory, worker_id):
    """A project in which the tiny configuration has been run to its end; tests leave it as it was."""
    base = tmp_path_factory.getbasetemp()
    shared = (base if worker_id == "master" else base.parent) / "workflow"
    log = shared / "output.txt"
    # Where several processes test, the first makes it and each gets a copy of its own.
    with FileLock(f"{shared}.lock"):
        if not log.exists():
            log.write_text(copy_project(shared / "a prüject").make(), encoding="utf-8")
    project = Project(shared / "a prüject").copied_to(tmp_path_factory.mktemp("made") / "a prüject")
    project.output = log.read_text(encoding="utf-8")
    return project


@pytest.fixture(scope="module")
def victim(made, tmp_path_factory):
    """A copy of what was made, for faults to be done to; each test leaves it as it was."""
    return made.copied_to(tmp_path_factory.mktemp("victim") / "a prüject")


@pytest.fixture
def fresh(tmp_path):
    """A project in which nothing has been made."""
    return copy_project(tmp_path / "a prüject")
