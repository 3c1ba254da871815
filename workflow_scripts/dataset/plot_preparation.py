"""Draw pictures of a survey beside the stamps that they became."""

from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from galforge.core.command_line import run_entry
from galforge.core.settings import Section
from galforge.datasets.stamp_file import read_attributes
from galforge.figures.preparation import preparation_figure
from galforge.figures.prepared_pictures import triples_of
from galforge.figures.style import save_drawn
from galforge.pictures.preprocessing_settings import PreprocessingSettings
from galforge.survey.manifest import read_manifest


@dataclass(frozen=True)
class Files:
    """The survey's manifest, the dataset, and the figure."""

    survey: Path
    dataset: Path
    figures: tuple[Path]


class Settings(Section):
    """How the stamps were made; ``recipe`` is the name of the preprocessing."""

    recipe: str
    preprocessing: PreprocessingSettings


def main(files: Files, settings: Settings) -> None:
    """Write the figure."""
    attributes = read_attributes(files.dataset)
    kind = "Simulated" if attributes["simulated"] else "Observed"
    title = f"{kind} galaxies of {attributes['dataset']}, prepared with the recipe {settings.recipe}"
    survey = read_manifest(files.survey)

    def draw() -> Figure:
        return preparation_figure(triples_of(files.dataset, survey, settings.preprocessing), title)

    save_drawn(draw, files.figures[0])


if __name__ == "__main__":
    run_entry(main)
