"""Draw lensed pictures, their sources and what networks make of them, and the scores."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import run_entry
from galforge.core.tables import read_table
from galforge.figures.lenses import lens_score_figure, lensed_sources_figure
from galforge.figures.shown import Shown
from galforge.figures.style import model_style, save_figures
from galforge.lensing.lens_files import read_lenses, read_reconstructions


@dataclass(frozen=True)
class Files:
    """The scores, held-out lenses with their reconstructions, and the figures."""

    scores: Path
    reconstructions: Path
    figures: tuple[Path, ...]


class Settings(Shown):
    """How the model is shown."""

    position: int


def main(files: Files, settings: Settings) -> None:
    """Draw both figures."""
    style = model_style(settings.position)
    save_figures(
        {
            "lensed_sources": lambda: lensed_sources_figure(
                *read_lenses(files.reconstructions), read_reconstructions(files.reconstructions)
            ),
            "lens_scores": lambda: lens_score_figure(read_table(files.scores), settings.title, style),
        },
        files.figures,
    )


if __name__ == "__main__":
    run_entry(main)
