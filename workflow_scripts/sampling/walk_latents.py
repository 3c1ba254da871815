"""Decode walks through the latents of a model: between galaxies, and along its strongest directions."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from galforge.core.command_line import run_entry
from galforge.core.seeds import derive_seed
from galforge.datasets.stamp_file import Stamps, write_stamps
from galforge.models.base import GenerativeModel
from galforge.models.latent_walks import interpolated_latents
from galforge.models.placement import Placement
from galforge.models.trained import ModelFiles, load_trained

PAIRS = 2  # of galaxies, with a walk between them
DIRECTIONS = 5
STEPS = 9  # stamps per walk
REACH = 3.0  # of a walk along a direction, to either side, in standard deviations of the latents


@dataclass(frozen=True)
class Files(ModelFiles):
    """The model, and the stamp file of the walks."""

    stamps: Path


class Settings(Placement):
    """Which draws."""

    seed: int


def walks(model: GenerativeModel, generator: torch.Generator) -> Tensor:
    """Return latents of shape (PAIRS + DIRECTIONS, STEPS, L).

    First the arcs between pairs of draws; then the first draw with its coordinate along each direction
    set to values from -REACH to REACH.
    """
    ends = model.draw_latents(2 * PAIRS, generator)  # (2 PAIRS, L)
    arcs = [
        interpolated_latents(first, second, STEPS)
        for first, second in zip(ends[::2], ends[1::2], strict=True)
    ]
    directions = model.directions(DIRECTIONS, generator)  # (DIRECTIONS, L)
    reach = torch.linspace(-REACH, REACH, STEPS, device=ends.device)[:, None]
    lines = [ends[0] + (reach - ends[0] @ direction) * direction for direction in directions]
    return torch.stack([*arcs, *lines])


def main(files: Files, settings: Settings) -> None:
    """Decode the walks of a model; none if its training failed."""
    trained = load_trained(files, settings)
    images = trained.no_images()
    if trained.model is not None:
        seed = derive_seed(settings.seed, "walk", trained.record["model"])
        generator = torch.Generator(trained.device).manual_seed(seed)
        with torch.no_grad():
            images = trained.model.decode(walks(trained.model, generator).flatten(0, 1)).float().cpu().numpy()
    attributes = {
        **trained.attributes,
        "pairs": PAIRS,
        "reach": json.dumps(np.linspace(-REACH, REACH, STEPS).tolist()),
    }
    write_stamps(files.stamps, [Stamps.plain(images)], attributes)


if __name__ == "__main__":
    run_entry(main)
