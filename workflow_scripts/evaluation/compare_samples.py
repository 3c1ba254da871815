"""Draw samples of all models of a dataset under each other, below stamps of the survey."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import run_entry
from galforge.datasets.stamp_file import read_stamps
from galforge.evaluation.score_records import leaderboard_order, read_scores
from galforge.evaluation.variants import OK
from galforge.figures.shown import ComparedModels
from galforge.figures.side_by_side import Row, sample_rows
from galforge.figures.style import model_style, save_drawn


@dataclass(frozen=True)
class Files:
    """The real galaxies; samples and scores of each model; the figure."""

    dataset: Path
    samples: tuple[Path, ...]
    scores: tuple[Path, ...]
    figures: tuple[Path]


def main(files: Files, settings: ComparedModels) -> None:
    """Draw one row of stamps per model, in the order of the leaderboard."""
    drawn = []
    for model, path, scores in zip(settings.models, files.samples, files.scores, strict=True):
        judged = read_scores(scores)
        fault = "" if judged["status"] == OK else f"{judged['status']}, {judged['reason']}"
        row = Row(model.title, read_stamps(path).image, model_style(model.position), fault)
        drawn.append((leaderboard_order(judged), row))
    rows = [Row("held-out stamps of the survey", read_stamps(files.dataset, "test").image)]
    rows += [row for _, row in sorted(drawn, key=lambda entry: entry[0])]
    title = f"Samples of the models on {settings.dataset}"
    save_drawn(lambda: sample_rows(rows, title), files.figures[0])


if __name__ == "__main__":
    run_entry(main)
