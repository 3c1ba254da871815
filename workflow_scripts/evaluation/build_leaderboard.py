"""Gather the scores of all models and controls of a dataset in one table, and in one list."""

from dataclasses import dataclass, field
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
    """Scores of the floor, each model and further trainings; a table with a row per model, one per score.

    The first is there rounded, too, for people: as CSV, Markdown and LaTeX.
    """

    floor: Path
    scores: tuple[Path, ...]
    leaderboard: Path
    all_scores: Path
    rounded: tuple[Path, Path, Path]
    repeated: tuple[Path, ...] = ()


class Settings(Section):
    """The dataset whose models are ranked, what they are called, and further trainings of some, by name."""

    dataset: str
    labels: dict[str, str]
    repeated: dict[str, list[str]] = field(default_factory=dict)


def main(files: Files, settings: Settings) -> None:
    """Rank the models and list their scores."""
    scores, further = ([read_scores(path) for path in paths] for paths in (files.scores, files.repeated))
    for path, entry in zip((*files.scores, *files.repeated), (*scores, *further), strict=True):
        if entry["dataset"] != settings.dataset:
            raise InputError(f"{path}: is of the dataset {entry['dataset']}, not {settings.dataset}")
    floor = read_floor(files.floor)
    try:
        table = rank_models(scores, floor, further, settings.repeated)
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
