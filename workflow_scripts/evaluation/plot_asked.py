"""Draw what a conditional model was asked for against what is measured."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import run_entry
from galforge.core.files import read_json
from galforge.core.tables import read_table
from galforge.figures.asked import asked_figure
from galforge.figures.shown import Shown
from galforge.figures.style import model_style, save_drawn


@dataclass(frozen=True)
class Files:
    """What was asked and measured, one row per galaxy; the numbers; the figure."""

    asked: Path
    numbers: Path
    figures: tuple[Path]


class Settings(Shown):
    """How the model is shown."""

    position: int


def main(files: Files, settings: Settings) -> None:
    """Draw the figure."""
    style = model_style(settings.position)
    numbers = {**read_json(files.numbers), "model": settings.title}
    save_drawn(lambda: asked_figure(read_table(files.asked), numbers, style), files.figures[0])


if __name__ == "__main__":
    run_entry(main)
