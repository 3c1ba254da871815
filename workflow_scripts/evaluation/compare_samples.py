"""Draw samples of all models of a dataset under each other, below stamps of the survey."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import run_entry
from galforge.core.files import read_json
from galforge.datasets.stamp_file import read_stamps
from galforge.figures.compared import ComparedModels
from galforge.figures.side_by_side import Row, sample_rows
from galforge.figures.style import model_style, save_figure


@dataclass(frozen=True)
class Files:
    """The real galaxies; samples and scores of each model; the figure."""

    dataset: Path
    samples: tuple[Path, ...]
    scores: tuple[Path, ...]
    figures: tuple[Path]


def main(files: Files, settings: ComparedModels) -> None:
    """Draw one row of stamps per model."""
    rows = [Row("held-out stamps of the survey", read_stamps(files.dataset, "test").image)]
    for (name, position), path, scores in zip(settings.models, files.samples, files.scores, strict=True):
        fault = read_json(scores)["reason"]
        rows.append(Row(name, read_stamps(path).image, model_style(position), fault))
    save_figure(sample_rows(rows, f"Samples of the models on {settings.dataset}"), files.figures[0])


if __name__ == "__main__":
    run_entry(main)
