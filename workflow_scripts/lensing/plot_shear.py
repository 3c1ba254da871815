"""Draw the bias of a shear measurement for the survey's galaxies, a model's and single-Sersic fits."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import run_entry
from galforge.core.tables import read_table
from galforge.figures.shear import shear_figure
from galforge.figures.style import save_drawn


@dataclass(frozen=True)
class Files:
    """The biases, one row per kind of galaxies; the figure."""

    table: Path
    figures: tuple[Path]


def main(files: Files) -> None:
    """Draw the figure."""
    save_drawn(lambda: shear_figure(read_table(files.table)), files.figures[0])


if __name__ == "__main__":
    run_entry(main)
