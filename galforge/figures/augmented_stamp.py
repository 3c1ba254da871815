"""One training stamp in many views, as the models see it."""

from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray

from galforge.core.seeds import derive_seed
from galforge.datasets.stamp_file import read_attributes
from galforge.datasets.stamp_rows import read_images, split_rows
from galforge.figures.preparation import augmentation_figure
from galforge.training.augmentation import Augmentation, augment

VIEWS = 16
CANDIDATES = 500  # training stamps that one is chosen from


def least_symmetric(images: NDArray[np.float32]) -> int:
    """Return the number of the stamp, of shape (C, H, W), that looks least like itself in its eight views."""
    views = [np.rot90(images, turns, axes=(2, 3)) for turns in (1, 2)] + [images[..., ::-1]]
    apart = [((view - images) ** 2).mean(axis=(1, 2, 3)) for view in views]
    return int(np.min(apart, axis=0).argmax())


def draw_augmentation(dataset: Path, augmentation: Augmentation, seed: int) -> Figure:
    """Return the figure of a training stamp and its views."""
    # Not the smallest or roundest, but one whose structure shows how it is turned.
    images = read_images(dataset, split_rows(dataset, "train")[:CANDIDATES])
    stamp = images[least_symmetric(images)]
    generator = torch.Generator().manual_seed(derive_seed(seed, "augmentation figure"))
    views = augment(torch.from_numpy(stamp).repeat(VIEWS, 1, 1, 1), augmentation, generator).numpy()
    title = (
        f"One galaxy of {read_attributes(dataset)['dataset']} under {VIEWS} draws: "
        f"flips {'on' if augmentation.flips else 'off'}, rotation {augmentation.rotation.replace('_', ' ')}, "
        f"translation up to {100 * augmentation.translation:.2g} % of the width"
    )
    return augmentation_figure(stamp, views, title)
