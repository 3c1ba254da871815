"""Draw what a model or control was judged by: morphology planes, light, and the nearest training stamps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from matplotlib.figure import Figure

from galforge.core.command_line import run_entry
from galforge.core.tables import read_table
from galforge.datasets.same_galaxies import check_rows
from galforge.datasets.stamp_file import read_stamps
from galforge.evaluation.comparable import grey
from galforge.evaluation.score_records import read_scores
from galforge.evaluation.variants import FAILED
from galforge.figures.light import light_figure
from galforge.figures.morphology_planes import morphology_planes
from galforge.figures.neighbours import neighbour_figure
from galforge.figures.shown import Shown
from galforge.figures.style import GENERATED, model_style, save_figures, words_figure

Drawings = Mapping[str, Callable[[], Figure]]


@dataclass(frozen=True)
class Files:
    """The real galaxies and their morphology; the samples, raw and noise-matched; what was measured; figures.

    Morphology (``generated``) and features are those of the noise-matched samples.
    """

    dataset: Path
    real: Path
    stamps: tuple[Path, Path]
    generated: Path
    features: Path
    scores: Path
    figures: tuple[Path, ...]


def main(files: Files, settings: Shown) -> None:
    """Draw the figures, or the reason why there is nothing to draw."""
    colour = GENERATED if settings.position is None else model_style(settings.position).colour
    scores = read_scores(files.scores)
    if scores["status"] == FAILED or not scores["count"]["compared"]:
        drawings = failed_figures(scores["reason"])
    else:
        drawings = judged_figures(files, settings.title, colour)
    save_figures(drawings, files.figures)


def failed_figures(reason: str) -> Drawings:
    """Return what says for each figure why there is nothing to draw."""
    titles = {"planes": "No morphology", "light": "No light", "neighbours": "No neighbours"}
    return {name: partial(words_figure, title, reason) for name, title in titles.items()}


def judged_figures(files: Files, name: str, colour: str) -> Drawings:
    """Return what draws each figure of a sample that could be judged."""
    raw, matched = (read_stamps(path) for path in files.stamps)
    table = read_table(files.real)
    stamps = read_stamps(files.dataset)
    check_rows(files.real, table, stamps.catalog, files.dataset)
    return {
        "planes": lambda: morphology_planes(
            table, read_table(files.generated), f"{name}: morphology with the survey's noise", colour
        ),
        "light": lambda: light_figure(
            grey(stamps.image[table["row"].to_numpy()]),
            grey(raw.image),
            grey(matched.image),
            f"{name}: distribution of light",
            colour,
        ),
        "neighbours": lambda: neighbour_figure(
            matched.image,
            read_table(files.features),
            stamps.image[stamps.split == "train"],
            f"{name}: nearest training stamps; below 0.33 of the second nearest is a copy",
        ),
    }


if __name__ == "__main__":
    run_entry(main)
