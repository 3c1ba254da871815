"""The table of all experiments of the papers: what runs each, what the paper says, and what was measured.

    python -m galforge.configuration.experiment_reference [BUDGET=RESULTS ...]

writes the second part of ``docs/experiments.md``. From each folder of results it first takes over what was
measured there, under the name of a budget, into ``docs/experiments_measured.csv``.
"""

import csv
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from galforge.configuration.layout import VARIANTS
from galforge.configuration.loading import known_experiments, read_yaml

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = "docs/experiments.md"
LINES: Final = "docs/experiments.yaml"
MEASURED: Final = "docs/experiments_measured.csv"
COLUMNS: Final = ("experiment", "budget", "measure", "variant", "mean", "deviation", "count", "failed")

Row = Mapping[str, str]

# Below it the page is written by this module, above it by hand.
HEADING: Final = "## Every experiment of the papers"

EXPLANATION: Final = """\
Our numbers are means and standard deviations over trainings, by budget; "not run" means that there is none.
Trainings of seconds on simulated galaxies need not show what the papers saw. This part is written by
`python -m galforge.configuration.experiment_reference` from [experiments.yaml](experiments.yaml) and
[experiments_measured.csv](experiments_measured.csv)."""


def reference_table(
    lines: Mapping[str, Sequence[Mapping[str, str]]], known: Mapping[str, Any], measured: Sequence[Row]
) -> str:
    """Return the part of the page below :data:`HEADING`, in Markdown.

    Parameters
    ----------
    lines : mapping
        By paper: what is compared (``line``), with what runs it (``experiment``, or ``run`` with ``shown``)
        or why nothing does (``left_out``).
    known : mapping
        The papers' experiments, by name.
    measured : sequence of mapping
        Rows with :data:`COLUMNS`.

    Raises
    ------
    ValueError
        If an experiment is in no line, or a line names one that there is not.
    """
    named = [entry["experiment"] for entries in lines.values() for entry in entries if "experiment" in entry]
    if sorted(named) != sorted(known):
        raise ValueError(f"{LINES} names {sorted(named)}, there are {sorted(known)}")
    parts = [HEADING, EXPLANATION]
    for paper, entries in lines.items():
        rows = ["| what is compared | run by | the paper | ours |", "|---|---|---|---|"]
        rows += [f"| {' | '.join(_cells(entry, known, measured))} |" for entry in entries]
        parts += [f"### {paper}", "\n".join(rows)]
    return "\n\n".join(parts) + "\n"


def _cells(entry: Mapping[str, str], known: Mapping[str, Any], measured: Sequence[Row]) -> list[str]:
    if "experiment" not in entry:
        if "run" in entry:
            shown = entry.get("shown", "in its report")
            return [entry["line"], f"[{entry['run']}](../config/{entry['run']}), {shown}", "", ""]
        return [entry["line"], "–", "", entry["left_out"]]
    name = entry["experiment"]
    paper = known[name]["paper"]
    numbers = [f"{key}: {value:g}" for key, value in (paper.get("numbers") or {}).items()]
    said = f"{paper['text']} {'Numbers: ' + ', '.join(numbers) + '.' if numbers else ''} ({paper['source']})"
    ours = [row for row in measured if row["experiment"] == name]
    return [entry["line"], f"`{name}`", " ".join(said.split()), _ours(ours) or "not run"]


def _ours(rows: Sequence[Row]) -> str:
    """Return what was measured: of each budget, of each measure, each variant's number."""
    text = []
    for budget in dict.fromkeys(row["budget"] for row in rows):
        of_budget = [row for row in rows if row["budget"] == budget]
        measures = []
        for measure in dict.fromkeys(row["measure"] for row in of_budget):
            values = [_value(row) for row in of_budget if row["measure"] == measure]
            measures.append(f"{measure.replace('_', ' ')} {', '.join(values)}")
        text.append(f"{budget}: {'; '.join(measures)}")
    return "<br>".join(text)


def _value(row: Row) -> str:
    failed = f" ({row['failed']} failed)" if int(row["failed"]) else ""
    if not row["mean"]:
        return f"{row['variant']}: none{failed}"
    spread = f" ± {float(row['deviation']):.1g}" if row["deviation"] else ""
    return f"{row['variant']}: {float(row['mean']):.4g}{spread}{failed}"


def measured_in(results: Path, budget: str, known: Iterable[str]) -> list[dict[str, str]]:
    """Return what was measured of these experiments in a folder of results, with :data:`COLUMNS`."""
    rows = []
    for name in known:
        path = VARIANTS.at(results, experiment=name)
        if not path.is_file():
            continue
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                for count in (key for key in row if key.endswith("_count")):
                    measure = count.removesuffix("_count")
                    facts = (row[measure], row[f"{measure}_deviation"], row[count], row["failed"])
                    rows.append(
                        dict(zip(COLUMNS, (name, budget, measure, row["variant"], *facts), strict=True))
                    )
    return rows


def read_measured(path: Path) -> list[dict[str, str]]:
    """Return the rows of an earlier call."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def written(project: Path = ROOT) -> str:
    """Return the page with the table as the project's files have it."""
    above = (project / PAGE).read_text(encoding="utf-8").partition(HEADING)[0]
    return above + reference_table(
        read_yaml(project / LINES), known_experiments(project), read_measured(project / MEASURED)
    )


def main(budgets: Sequence[str]) -> None:
    """Take over what was measured (``BUDGET=RESULTS``), and write the page."""
    known = known_experiments(ROOT)
    rows = read_measured(ROOT / MEASURED)
    for budget, _, results in (text.partition("=") for text in budgets):
        found = measured_in(Path(results), budget, known)
        there = {(row["experiment"], row["budget"]) for row in found}
        rows = [row for row in rows if (row["experiment"], row["budget"]) not in there] + found
    with (ROOT / MEASURED).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    (ROOT / PAGE).write_text(written(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
