"""Decode ways through the latents of a generator: between galaxies, and along its strongest directions."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from workflow_scripts.command_line import argument_parser, parse_settings, run_entry, strict
from workflow_scripts.datasets.stamp_file import Stamps, write_stamps
from workflow_scripts.files import read_json
from workflow_scripts.models.adversarial import AdversarialModel, interpolated_latents
from workflow_scripts.models.building import load_model
from workflow_scripts.seeds import derive_seed
from workflow_scripts.training.device import choose_device

PAIRS = 2  # of galaxies, with a way between them
DIRECTIONS = 5
STEPS = 9  # stamps a way
REACH = 3.0  # of a direction, to either side, in standard deviations of the latents


@strict
@dataclass(frozen=True)
class Settings:
    """Which draws, and where it runs."""

    seed: int
    device: str
    threads: int


def ways(model: AdversarialModel, generator: torch.Generator) -> Tensor:
    """Return latents of shape (PAIRS + DIRECTIONS, STEPS, L).

    First the arcs between pairs of draws; then the first draw with its coordinate along each direction
    set to values from -REACH to REACH.
    """
    ends = model.draw_latents(2 * PAIRS, generator)  # (2 PAIRS, L)
    arcs = [
        interpolated_latents(first, second, STEPS)
        for first, second in zip(ends[::2], ends[1::2], strict=True)
    ]
    directions = model.latent_directions(DIRECTIONS, generator)  # (DIRECTIONS, L)
    reach = torch.linspace(-REACH, REACH, STEPS, device=ends.device)[:, None]
    lines = [ends[0] + (reach - ends[0] @ direction) * direction for direction in directions]
    return torch.stack([*arcs, *lines])


def main() -> None:
    """Run the stage."""
    parser = argument_parser(__doc__)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--record", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    settings = parse_settings(Settings, arguments.settings)

    record = read_json(arguments.record)
    images = np.zeros((0, *record["image_shape"]), dtype=np.float32)
    if record["status"] == "ok":
        torch.set_num_threads(settings.threads)
        device = choose_device(settings.device)
        model = load_model(arguments.weights, arguments.record).to(device)
        assert isinstance(model, AdversarialModel)  # the rules ask for no other
        generator = torch.Generator(device).manual_seed(derive_seed(settings.seed, "walk", record["model"]))
        with torch.no_grad():
            images = model.decode(ways(model, generator).flatten(0, 1)).float().cpu().numpy()
    attributes = {
        "dataset": record["dataset"],
        "model": record["model"],
        "reason": record["reason"],
        "pairs": PAIRS,
        "reach": json.dumps(np.linspace(-REACH, REACH, STEPS).tolist()),
    }
    write_stamps(arguments.output, [Stamps.plain(images)], attributes)


if __name__ == "__main__":
    run_entry(main)
