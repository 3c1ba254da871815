"""Draw what a model's latents say of galaxies, and galaxies that are asked for through them."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import run_entry
from galforge.core.files import read_json
from galforge.core.tables import read_table
from galforge.datasets.stamp_file import read_stamps
from galforge.figures.physics import galaxy_grid_figure, regression_figure
from galforge.figures.shown import Shown
from galforge.figures.style import model_style, save_figures


@dataclass(frozen=True)
class Files:
    """The grid of galaxies, what was fitted and measured, and the numbers; the figures."""

    grid: Path
    regression: Path
    cells: Path
    physics: Path
    figures: tuple[Path, ...]


class Settings(Shown):
    """How the model is shown."""

    position: int


def main(files: Files, settings: Settings) -> None:
    """Draw the figures; where there is nothing to draw, each says why."""
    numbers = {**read_json(files.physics), "model": settings.title}
    style = model_style(settings.position)
    save_figures(
        {
            "regression": lambda: regression_figure(read_table(files.regression), numbers, style),
            "galaxy_grid": lambda: galaxy_grid_figure(
                read_stamps(files.grid).image, read_table(files.cells), numbers
            ),
        },
        files.figures,
    )


if __name__ == "__main__":
    run_entry(main)
