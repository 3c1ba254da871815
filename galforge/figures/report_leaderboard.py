"""The leaderboards of the report, ready to be shown."""

from typing import Any, NamedTuple

import pandas as pd

from galforge.evaluation.leaderboard import told_apart
from galforge.evaluation.variants import RANKED
from galforge.figures.labels import in_order
from galforge.figures.report_text import missing

# Further columns of the first screen, beside the mean distance: the table's names and heads. All scores
# are in a table of their own below.
COLUMNS = {
    "mean_distance_raw": "Distance, raw stamps",
    "failure_fraction": "Not measurable",
    "classifier_light": "Classifier, light",
    "missing_tails": "Missing tails",
    "memorized_fraction": "Copies",
}


class Leaderboard(NamedTuple):
    """Rows of the leaderboard, its scored parameters, and its further scores.

    A row is a mapping of the CSV's columns, and ``share``: its mean distance over the largest of a
    model, at most 1, None where undefined; ``ties``: the columns whose value cannot be told from the floor's.
    ``warning`` says so where most pairs of models may have the same rank.
    """

    rows: list[dict[str, Any]]
    parameters: list[str]
    scores: list[str]
    floor_share: float | None
    warning: str = ""


def leaderboard(table: pd.DataFrame, listed: pd.DataFrame) -> Leaderboard:
    """Return a leaderboard CSV's content, ready to be shown in the file's order.

    Parameters
    ----------
    table, listed : DataFrame
        The leaderboard, and the list of all scores of the same models, which says what is tied.
    """
    prefix = "distance_"
    parameters = in_order(
        column.removeprefix(prefix) for column in table.columns if column.startswith(prefix)
    )
    scores = [column for column in table.columns if f"{column}_error" in table.columns]
    rows = [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]
    known = [row for row in rows if not missing(row["mean_distance"])]
    # A control that is no galaxy at all is several times as far as any model.
    of_models = [row for row in known if row["kind"] == "model"] or known
    largest = max((float(row["mean_distance"]) for row in of_models), default=0.0)
    floors = [row["mean_distance"] for row in rows if row["kind"] == "floor"]
    floor = float(floors[0]) if floors and not missing(floors[0]) else None
    ties = tied_columns(listed)
    for row in rows:
        row["ties"] = ties.get(row["model"], set())
        mean = None if missing(row["mean_distance"]) else float(row["mean_distance"])
        row["share"] = min(1.0, mean / largest) if mean is not None and largest > 0 else None
        for text in ("reason", "gate", "ranks"):
            row[text] = "" if missing(row[text]) else str(row[text])
    share = min(1.0, floor / largest) if floor is not None and largest > 0 else None
    return Leaderboard(rows, parameters, scores, share, _warning(table))


def _warning(table: pd.DataFrame) -> str:
    """Return how many pairs of models cannot be told apart, if most of them cannot."""
    ranked = table[table["ranks"].fillna("") != ""]
    pairs = len(ranked) * (len(ranked) - 1) // 2
    tied = pairs - int(told_apart(ranked).sum()) // 2 if pairs else 0
    if 2 * tied <= pairs:
        return ""
    return (
        f"{tied} of {pairs} pairs of models cannot be told apart: on {int(ranked['stamps'].iloc[0]):,} "
        "stamps each, their distances differ by less than two errors. More stamps (evaluation.count, and a "
        "larger test split) tell more models apart."
    )


def tied_columns(listed: pd.DataFrame) -> dict[str, set[str]]:
    """Return the leaderboard's columns that cannot be told from the floor, by model."""
    tied = listed[listed["tied"] == 1]
    columns: dict[str, set[str]] = {}
    for model, variant, score in zip(tied["model"], tied["variant"], tied["score"], strict=True):
        # The leaderboard has the mean distance alone of the raw stamps.
        if variant == RANKED or score == "mean_distance":
            columns.setdefault(model, set()).add(score if variant == RANKED else f"{score}_{variant}")
    return columns
