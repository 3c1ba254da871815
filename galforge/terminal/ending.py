"""The last words of a run: the best models and the report, or what to do."""

import csv
from collections.abc import Sequence
from pathlib import Path

from galforge.configuration import layout
from galforge.core.progress import format_duration

BEST = 3

FAILED = """\
At least one job failed; the error is above.
What to do: correct what it names, then run the same command again. What was made is kept.
With --keep-going, what does not need the failed job is made as well. --verbose shows Snakemake's log."""

STOPPED = "Stopped. The same command goes on from here: what was made is kept, and a training resumes."

REFUSED = "What to do: correct it, then run the same command again; docs/settings.md lists every key."


def counted(jobs: int) -> str:
    """Return a number of jobs as a person says it."""
    return f"{jobs} job" if jobs == 1 else f"{jobs} jobs"


def address(page: Path) -> str:
    """Return the address of a page for a browser."""
    return page.resolve().as_uri()


def finished_run(results: Path, datasets: Sequence[str], jobs: int, seconds: float) -> str:
    """Return the last words of a run that made all that was asked for."""
    lines = [f"{counted(jobs)} done in {format_duration(seconds)}."]
    for dataset in datasets:
        board = layout.LEADERBOARD.at(results, dataset=dataset)
        if board.is_file():
            lines += best_models(board, dataset)
    page = layout.REPORT.at(results)
    if page.is_file():
        lines.append(f"The report: {address(page)}")
    return "\n".join(lines)


def best_models(board: Path, dataset: str) -> list[str]:
    """Return the best models of a leaderboard, and what the survey's own stamps score, as lines."""
    with board.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    floors = [row for row in rows if row["kind"] == "floor"]
    ranked = [row for row in rows if row["rank"]]
    if not ranked:
        return [f"No model of {dataset} could be ranked; the report says why."]
    shown = [*ranked[:BEST], *floors]
    width = max(len(row["model"]) for row in shown)
    return [
        f"The best of {len(ranked)} models on {dataset} (possible ranks, mean distance to the survey):",
        *(f"  {row['ranks'] or '':<5} {row['model']:<{width}}  {_distance(row)}" for row in shown),
    ]


def _distance(row: dict[str, str]) -> str:
    value, error = row["mean_distance"], row["mean_distance_error"]
    if not value:
        return "not scored"
    return f"{float(value):.2f}" + (f" ± {float(error):.2f}" if error else "")
