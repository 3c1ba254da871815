"""Draw pictures of a survey beside the stamps that they became."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import run_entry, strict
from galforge.datasets.stamp_file import read_attributes
from galforge.figures.preparation import preparation_figure
from galforge.figures.prepared_pictures import triples_of
from galforge.figures.style import save_figure
from galforge.pictures.preprocessing import Preprocessing
from galforge.survey.manifest import read_manifest


@dataclass(frozen=True)
class Files:
    """The survey's manifest, the dataset, and the figure."""

    survey: Path
    dataset: Path
    figures: tuple[Path]


@strict
@dataclass(frozen=True)
class Settings:
    """How the stamps were made; ``recipe`` is the name of the preprocessing."""

    recipe: str
    preprocessing: Preprocessing


def main(files: Files, settings: Settings) -> None:
    """Write the figure."""
    attributes = read_attributes(files.dataset)
    kind = "Simulated" if attributes["simulated"] else "Observed"
    title = f"{kind} galaxies of {attributes['dataset']}, prepared with the recipe {settings.recipe}"
    triples = triples_of(files.dataset, read_manifest(files.survey), settings.preprocessing)
    save_figure(preparation_figure(triples, title), files.figures[0])


if __name__ == "__main__":
    run_entry(main)
