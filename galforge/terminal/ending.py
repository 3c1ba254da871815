"""The last words of a run: the best models and the report, or what to do."""

import csv
from collections.abc import Mapping
from pathlib import Path

from galforge.configuration import layout
from galforge.core.progress import format_duration

BEST = 3

# How the page of a run that goes on begins, by which it is told from a whole report.
IN_THE_MAKING = "<!-- galforge: a report in the making -->"

FAILED = """\
At least one job failed; the error is above.
What to do: correct what it names, then run the same command again. What was made is kept.
With --keep-going, what does not need the failed job is made as well. --verbose shows Snakemake's log."""

STOPPED = "Stopped. The same command goes on from here: what was made is kept, and a training resumes."

REFUSED = "What to do: correct it, then run the same command again; docs/settings.md lists every key."


def counted(number: int, what: str = "job") -> str:
    """Return a number of jobs, or of something else, as a person says it."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def is_report(page: Path) -> bool:
    """Return whether a whole report lies there, and not the page of a run that went on."""
    try:
        with page.open(encoding="utf-8", errors="replace") as stream:
            return stream.readline().rstrip() != IN_THE_MAKING
    except OSError:
        return False


def address(page: Path) -> str:
    """Return the address of a page for a browser."""
    return page.resolve().as_uri()


def finished_run(results: Path, labels: Mapping[str, Mapping[str, str]], jobs: int, seconds: float) -> str:
    """Return the last words of a run that made all that was asked for.

    Parameters
    ----------
    results : Path
    labels : mapping of str to mapping
        What models are called, by the datasets whose leaderboards the run made, or found up to date.
    jobs : int
    seconds : float
    """
    lines = [f"{counted(jobs)} done in {format_duration(seconds)}."]
    for dataset, called in labels.items():
        board = layout.LEADERBOARD.at(results, dataset=dataset)
        if board.is_file():
            lines += best_models(board, dataset, called)
    page = layout.REPORT.at(results)
    if is_report(page):
        lines.append(f"The report: {address(page)}")
    return "\n".join(lines)


def best_models(board: Path, dataset: str, labels: Mapping[str, str]) -> list[str]:
    """Return the best models of a leaderboard, and what the survey's own stamps score, as lines.

    Parameters
    ----------
    board : Path
    dataset : str
    labels : mapping
        What models are called, by name.
    """
    with board.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    floors = [row for row in rows if row["kind"] == "floor"]
    ranked = [row for row in rows if row["rank"]]
    if not ranked:
        return [f"No model of {dataset} could be ranked; the report says why."]
    shown = [(_title(row, labels), row) for row in (*ranked[:BEST], *floors)]
    width = max(len(title) for title, _ in shown)
    models = counted(len(ranked), "model")
    return [
        f"The best of {models} on {dataset} (possible ranks, mean distance to the survey):",
        *(f"  {row['ranks'] or '':<5} {title:<{width}}  {_distance(row)}" for title, row in shown),
    ]


def _title(row: Mapping[str, str], labels: Mapping[str, str]) -> str:
    return labels.get(row["model"], row["model"]) + (" (held back)" if row["gate"] else "")


def _distance(row: Mapping[str, str]) -> str:
    value, error = row["mean_distance"], row["mean_distance_error"]
    if not value:
        return "not scored"
    return f"{float(value):.2f}" + (f" ± {float(error):.2f}" if error else "")
