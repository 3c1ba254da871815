"""Draw the map of classes that were learnt from a model's latents, and which are confused."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import run_entry
from galforge.core.files import read_json
from galforge.core.tables import read_table
from galforge.evaluation.class_map import MAP_TEXT
from galforge.figures.latent_classes import classes_figure
from galforge.figures.shown import Shown
from galforge.figures.style import save_figures


@dataclass(frozen=True)
class Files:
    """The map of held-out galaxies, and the numbers; the figure."""

    places: Path
    numbers: Path
    figures: tuple[Path, ...]


def main(files: Files, settings: Shown) -> None:
    """Draw the figure; where there is nothing to draw, it says why."""
    numbers = {**read_json(files.numbers), "model": settings.title}
    save_figures(
        {"classes": lambda: classes_figure(read_table(files.places, MAP_TEXT), numbers)}, files.figures
    )


if __name__ == "__main__":
    run_entry(main)
