"""Draw lensed pictures, their sources and what networks make of them, and the scores."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import run_entry
from galforge.core.tables import read_table
from galforge.figures.lenses import lens_score_figure, lensed_sources_figure
from galforge.figures.style import save_figures
from galforge.lensing.lens_files import read_lenses, read_reconstructions


@dataclass(frozen=True)
class Files:
    """The scores, held-out lenses with their reconstructions, and the figures."""

    scores: Path
    reconstructions: Path
    figures: tuple[Path, ...]


def main(files: Files) -> None:
    """Draw both figures."""
    save_figures(
        {
            "lensed_sources": lambda: lensed_sources_figure(
                *read_lenses(files.reconstructions), read_reconstructions(files.reconstructions)
            ),
            "lens_scores": lambda: lens_score_figure(read_table(files.scores)),
        },
        files.figures,
    )


if __name__ == "__main__":
    run_entry(main)
