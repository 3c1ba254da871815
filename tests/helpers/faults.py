"""The marks of the fault suite, and the table that it makes: docs/reliability.md."""

import re
import socket
from pathlib import Path

import pytest

DOCUMENT = "docs/reliability.md"

MARKED = pytest.StashKey[dict[str, pytest.Mark]]()  # every fault that was collected, run or not
SEEN = pytest.StashKey[dict[str, list[str]]]()  # what was seen of those that were run

HEAD = """# What can go wrong, and what to do

`make test-faults` writes this page. It inflicts each fault on the real pipeline, records what the user sees,
repairs what was broken, runs again and compares the results bit for bit with those of an undisturbed run.
`make test` covers the quick faults.

Nothing is lost where every finished file is as it was; unfinished files are made again. No fault publishes
anything wrong or leaves half a file under a name that is read. N stands for what differs from run to run.

| fault | what is seen | what is lost | what to do |
|---|---|---|---|
"""


def fault(name, *, then, lost="nothing", slow=False):
    """Mark a test as part of the fault suite; it must call ``seen`` with the lines that a user sees.

    Parameters
    ----------
    name : str
        What is done to the pipeline: the first column of the table.
    then : str
        What the user does about it.
    lost : str
        What is lost.
    slow : bool
        Left to ``make test-slow`` and ``make test-faults``.
    """
    return pytest.mark.fault(name, then=then, lost=lost, slow=slow)


def without_this_run(line):
    """Return a line without what differs from run to run: folders, processes, ports, steps."""
    line = re.sub(r"/[^:'\"(]*/a prüject/", "", line)
    line = re.sub(r"/[^:'\"( ]*/pytest-[^/]*/[^/ ]*/", "", line)
    line = re.sub(r"/dev/shm/galforge[^/ ]*/", "", line)
    line = re.sub(rf"\bon {re.escape(socket.gethostname())}\b", "on HOST", line)
    line = re.sub(r"http://127\.0\.0\.1:\d+", "http://HOST", line)
    line = re.sub(r"\b(process|step|after|of) \d[\d,]*\b(?! galaxies)", r"\1 N", line)
    line = re.sub(r"(line \d+: +)\d+( Killed)", r"\1N\2", line)  # as bash tells it
    return " ".join(line.split())


def table(marked, seen):
    """Return the document."""
    rows = []
    for name in sorted(marked, key=str.lower):
        facts = marked[name].kwargs
        shown = "<br>".join(f"`{without_this_run(line)}`".replace("|", "\\|") for line in seen[name])
        rows.append(f"| {name} | {shown} | {facts['lost']} | {facts['then']} |\n")
    return HEAD + "".join(rows)


def listed(path: Path):
    """Return the faults that a document lists."""
    rows = re.findall(r"^\| (.+?) \|", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return set(rows) - {"fault"}
