"""Draw the bias of a shear measurement for the survey's galaxies, a model's and single-Sersic fits."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import run_entry
from galforge.core.tables import read_table
from galforge.figures.shear import shear_figure
from galforge.figures.shown import Shown
from galforge.figures.style import model_style, save_drawn


@dataclass(frozen=True)
class Files:
    """The biases, one row per kind of galaxies; the figure."""

    table: Path
    figures: tuple[Path]


class Settings(Shown):
    """How the model is shown."""

    position: int


def main(files: Files, settings: Settings) -> None:
    """Draw the figure."""
    style = model_style(settings.position)
    save_drawn(lambda: shear_figure(read_table(files.table), settings.title, style), files.figures[0])


if __name__ == "__main__":
    run_entry(main)
