"""Draw one training stamp in many views, as the models see it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from galforge.core.command_line import argument_parser, parse_settings, run_entry, strict
from galforge.core.seeds import derive_seed
from galforge.datasets.stamp_file import read_attributes
from galforge.datasets.stamp_rows import read_images, split_rows
from galforge.figures.preparation import augmentation_figure
from galforge.figures.style import save_figure, words_figure
from galforge.training.augmentation import Augmentation, augment

VIEWS = 16
CANDIDATES = 500  # training stamps that one is chosen from


@strict
@dataclass(frozen=True)
class Settings:
    """What is drawn at random, and from which seed; None: nothing is."""

    augmentation: Augmentation | None
    seed: int


def least_symmetric(images: NDArray[np.float32]) -> int:
    """Return the number of the stamp, of shape (C, H, W), that looks least like itself in its eight views."""
    views = [np.rot90(images, turns, axes=(2, 3)) for turns in (1, 2)] + [images[..., ::-1]]
    apart = [((view - images) ** 2).mean(axis=(1, 2, 3)) for view in views]
    return int(np.min(apart, axis=0).argmax())


def main() -> None:
    """Read the dataset, write the figure."""
    parser = argument_parser(__doc__)
    parser.add_argument("--dataset", required=True, type=Path, help="stamp file of the dataset")
    parser.add_argument("--output", required=True, type=Path, help="the figure, PNG")
    arguments = parser.parse_args()
    settings = parse_settings(Settings, arguments.settings)

    name, chosen = str(read_attributes(arguments.dataset)["dataset"]), settings.augmentation
    if chosen is None:
        figure = words_figure("No augmentation", f"{name} is trained on as it is.")
    else:
        # Not the smallest or roundest, but one whose structure shows how it is turned.
        images = read_images(arguments.dataset, split_rows(arguments.dataset, "train")[:CANDIDATES])
        stamp = images[least_symmetric(images)]
        generator = torch.Generator().manual_seed(derive_seed(settings.seed, "augmentation figure"))
        views = augment(torch.from_numpy(stamp).repeat(VIEWS, 1, 1, 1), chosen, generator).numpy()
        title = (
            f"One galaxy of {name} under {VIEWS} draws: flips {'on' if chosen.flips else 'off'}, "
            f"rotation {chosen.rotation.replace('_', ' ')}, "
            f"translation up to {100 * chosen.translation:.2g} % of the width"
        )
        figure = augmentation_figure(stamp, views, title)
    save_figure(figure, arguments.output)


if __name__ == "__main__":
    run_entry(main)
