"""A leaderboard for people to put elsewhere, each value rounded to its error: CSV, Markdown and LaTeX."""

import re
import unicodedata
from collections.abc import Mapping

import pandas as pd

from galforge.evaluation.variants import OK
from galforge.figures.report_leaderboard import COLUMNS
from galforge.figures.report_text import cell, missing

# The default encoding of fonts prints other signs in place of the last three.
_SPECIAL = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "|": r"\textbar{}", "<": r"\textless{}", ">": r"\textgreater{}",
}  # fmt: skip


def rounded_table(table: pd.DataFrame, labels: Mapping[str, str]) -> pd.DataFrame:
    """Return a leaderboard as text: rank, model, mean distance and the report's further columns.

    Parameters
    ----------
    table : DataFrame
        From :func:`galforge.evaluation.leaderboard.rank_models`.
    labels : mapping of str to str
        What models are called for people, by their names.
    """
    rows = []
    for row in table.to_dict("records"):
        judged = row["status"] == OK
        rows.append(
            {
                "Rank": "–" if missing(row["rank"]) or pd.isna(row["rank"]) else str(int(row["rank"])),
                "Model": labels.get(row["model"], row["model"]) + (" (held back)" if row["gate"] else ""),
                "Mean distance": cell(row, "mean_distance") if judged else row["status"],
                **{head: cell(row, name) for name, head in COLUMNS.items() if name in table},
            }
        )
    return pd.DataFrame(rows)


def as_markdown(table: pd.DataFrame) -> str:
    """Return a table of text as Markdown; names on the left, numbers on the right."""
    lines = [list(table), [":--" if name == "Model" else "--:" for name in table], *table.to_numpy().tolist()]
    return "".join("| " + " | ".join(map(_in_markdown, line)) + " |\n" for line in lines)


def _in_markdown(text: str) -> str:
    return re.sub(r"([\\|*_<>`$\[\]])", r"\\\1", text)


def as_latex(table: pd.DataFrame) -> str:
    """Return a table of text as a LaTeX ``tabular``; it needs the package booktabs."""
    columns = "".join("l" if name == "Model" else "r" for name in table)
    lines = [" & ".join(map(in_latex, line)) + r" \\" for line in [list(table), *table.to_numpy().tolist()]]
    body = [r"\toprule", lines[0], r"\midrule", *lines[1:], r"\bottomrule"]
    return "\n".join([rf"\begin{{tabular}}{{{columns}}}", *body, r"\end{tabular}", ""])


def in_latex(text: str) -> str:
    """Return text as LaTeX prints it, with Greek letters and ± as formulas, which every LaTeX has."""
    return "".join(map(_character, text))


def _character(sign: str) -> str:
    name = unicodedata.name(sign, "")
    if re.fullmatch(r"GREEK SMALL LETTER [A-Z]+", name) and sign != "ο":
        return f"$\\{name.split()[-1].lower().replace('lamda', 'lambda')}$"
    return {"±": r"$\pm$", "–": "--", "−": "$-$"}.get(sign) or _SPECIAL.get(sign, sign)
