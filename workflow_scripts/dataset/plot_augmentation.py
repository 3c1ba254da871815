"""Draw one training stamp in many views, as the models see it."""

from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from galforge.core.command_line import run_entry
from galforge.core.settings import Section
from galforge.datasets.stamp_file import read_attributes
from galforge.figures.augmented_stamp import draw_augmentation
from galforge.figures.style import save_drawn, words_figure
from galforge.training.augmentation_settings import Augmentation


@dataclass(frozen=True)
class Files:
    """The dataset, and the figure."""

    dataset: Path
    figures: tuple[Path]


class Settings(Section):
    """What is drawn at random, and from which seed; None: nothing is."""

    augmentation: Augmentation | None
    seed: int


def main(files: Files, settings: Settings) -> None:
    """Write the figure."""
    save_drawn(lambda: draw_figure(files.dataset, settings), files.figures[0])


def draw_figure(dataset: Path, settings: Settings) -> Figure:
    """Return the figure, or words where nothing is augmented."""
    if settings.augmentation is None:
        name = read_attributes(dataset)["dataset"]
        return words_figure("No augmentation", f"{name} is trained on as it is.")
    return draw_augmentation(dataset, settings.augmentation, settings.seed)


if __name__ == "__main__":
    run_entry(main)
