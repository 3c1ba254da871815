"""Draw what a model makes: samples, reconstructions, interpolations, learning curve, morphology."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import run_entry
from galforge.core.errors import InputError
from galforge.core.tables import read_table
from galforge.datasets.same_galaxies import check_same_galaxies
from galforge.datasets.stamp_file import Stamps, read_stamps
from galforge.evaluation.score_records import read_scores
from galforge.figures.model import (
    curve_figure,
    interpolation_figure,
    morphology_figure,
    reconstruction_figure,
    sample_figure,
)
from galforge.figures.shown import Shown
from galforge.figures.style import model_style, save_figures


@dataclass(frozen=True)
class Files:
    """The real galaxies and their morphology; what a model made and its scores; the figures."""

    dataset: Path
    real: Path
    sample: Path
    matched: Path
    reconstruction: Path
    interpolation: Path
    history: Path
    generated: Path
    scores: Path
    figures: tuple[Path, ...]


class Settings(Shown):
    """How the model is shown; stamps in a row of the grid of samples, which has as many rows."""

    position: int
    columns: int


def main(files: Files, settings: Settings) -> None:
    """Draw the figures of one model."""
    scores = {**read_scores(files.scores), "model": settings.title}
    colour = model_style(settings.position).colour
    drawings = {
        "samples": lambda: sample_figure(read_stamps(files.sample), scores, settings.columns),
        "judged": lambda: sample_figure(
            read_stamps(files.matched), scores, settings.columns, " with the survey's noise"
        ),
        "reconstructions": lambda: reconstruction_figure(*read_reconstruction(files), scores),
        "interpolation": lambda: interpolation_figure(
            *read_with_originals(files.interpolation, files.dataset), scores
        ),
        "curve": lambda: curve_figure(read_table(files.history), scores, colour),
        "morphology": lambda: morphology_figure(
            read_table(files.real), read_table(files.generated), scores, colour
        ),
    }
    save_figures(drawings, files.figures)


def read_with_originals(path: Path, dataset: Path) -> tuple[Stamps, Stamps]:
    """Return stamps that a model made from a split of the dataset, and that split."""
    made = read_stamps(path)
    return made, read_stamps(dataset, split=str(made.attributes["split"])) if len(made) else made


def read_reconstruction(files: Files) -> tuple[Stamps, Stamps]:
    """Return reconstructions and their originals, at least as many."""
    reconstruction, original = read_with_originals(files.reconstruction, files.dataset)
    if len(reconstruction) > len(original):
        raise InputError(
            f"{files.reconstruction}: {len(reconstruction)} stamps, but the split has {len(original)}"
        )
    if len(reconstruction):
        first = original.catalog.head(len(reconstruction))
        check_same_galaxies(files.reconstruction, reconstruction.catalog, first, files.dataset)
    return reconstruction, original


if __name__ == "__main__":
    run_entry(main)
