"""Draw one training stamp in many views, as the models see it."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import run_entry, strict
from galforge.datasets.stamp_file import read_attributes
from galforge.figures.augmented_stamp import draw_augmentation
from galforge.figures.style import save_figure, words_figure
from galforge.training.augmentation import Augmentation


@dataclass(frozen=True)
class Files:
    """The dataset, and the figure."""

    dataset: Path
    figures: tuple[Path]


@strict
@dataclass(frozen=True)
class Settings:
    """What is drawn at random, and from which seed; None: nothing is."""

    augmentation: Augmentation | None
    seed: int


def main(files: Files, settings: Settings) -> None:
    """Write the figure."""
    if settings.augmentation is None:
        name = read_attributes(files.dataset)["dataset"]
        figure = words_figure("No augmentation", f"{name} is trained on as it is.")
    else:
        figure = draw_augmentation(files.dataset, settings.augmentation, settings.seed)
    save_figure(figure, files.figures[0])


if __name__ == "__main__":
    run_entry(main)
