"""Gather the scores of all models and controls of a dataset in one table, and in one list."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import run_entry
from galforge.core.errors import InputError
from galforge.core.files import replacing
from galforge.core.settings import Section
from galforge.core.tables import write_table
from galforge.evaluation.leaderboard import list_scores, rank_models
from galforge.evaluation.score_records import read_floor, read_scores
from galforge.figures.rounded_tables import as_latex, as_markdown, rounded_table


@dataclass(frozen=True)
class Files:
    """Scores of the floor and of each model; a table with one row per model, one with a row per score.

    The first is there rounded, too, for people: as CSV, Markdown and LaTeX.
    """

    floor: Path
    scores: tuple[Path, ...]
    leaderboard: Path
    all_scores: Path
    rounded: tuple[Path, Path, Path]


class Settings(Section):
    """The dataset whose models are ranked, and what they are called for people."""

    dataset: str
    labels: dict[str, str]


def main(files: Files, settings: Settings) -> None:
    """Rank the models and list their scores."""
    scores = [read_scores(path) for path in files.scores]
    for path, entry in zip(files.scores, scores, strict=True):
        if entry["dataset"] != settings.dataset:
            raise InputError(f"{path}: is of the dataset {entry['dataset']}, not {settings.dataset}")
    floor = read_floor(files.floor)
    try:
        table = rank_models(scores, floor)
    except ValueError as error:
        raise InputError(f"{files.leaderboard}: {error}") from error
    write_table(files.all_scores, list_scores(scores, floor))
    write_table(files.leaderboard, table)
    rounded = rounded_table(table, settings.labels)
    as_csv, as_md, as_tex = files.rounded
    write_table(as_csv, rounded)
    for path, text in ((as_md, as_markdown(rounded)), (as_tex, as_latex(rounded))):
        with replacing(path) as temporary:
            temporary.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    run_entry(main)
