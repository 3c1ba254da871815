"""Draw the scores of all models and controls of a dataset beside the floor, with their errors."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import run_entry
from galforge.core.tables import read_table
from galforge.figures.score_comparison import score_comparison
from galforge.figures.shown import ComparedModels
from galforge.figures.style import model_style, save_drawn


@dataclass(frozen=True)
class Files:
    """The table of all scores, and the figure."""

    all_scores: Path
    figures: tuple[Path]


def main(files: Files, settings: ComparedModels) -> None:
    """Draw the figure."""
    styles = {model.title: model_style(model.position) for model in settings.models}
    title = f"Scores on {settings.dataset}: the survey itself (band), models and controls"
    scores = read_table(files.all_scores).replace({"model": settings.titles})
    save_drawn(lambda: score_comparison(scores, styles, title), files.figures[0])


if __name__ == "__main__":
    run_entry(main)
