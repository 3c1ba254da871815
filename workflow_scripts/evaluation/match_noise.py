"""Bring generated stamps to the noise of the real ones."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from galforge.core.command_line import argument_parser, parse_settings, run_entry, strict
from galforge.core.progress import announce
from galforge.core.seeds import derive_seed
from galforge.datasets.stamp_file import Stamps, read_stamps, write_stamps
from galforge.evaluation.noise_matching import match_noise


@strict
@dataclass(frozen=True)
class Settings:
    """The seed of the noise."""

    seed: int


def main() -> None:
    """Run the stage."""
    parser = argument_parser(__doc__)
    parser.add_argument("--dataset", type=Path, required=True, help="whose training stamps have the noise")
    parser.add_argument("--sample", type=Path, required=True, help="stamps of a model or control")
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    settings = parse_settings(Settings, arguments.settings)

    sample = read_stamps(arguments.sample)
    real = read_stamps(arguments.dataset, "train")
    name = str(sample.attributes["model"])
    images = match_noise(sample.image, real.image, derive_seed(settings.seed, "matched noise", name))
    changed = (images != sample.image).any(axis=(1, 2, 3)) & np.isfinite(sample.image).all(axis=(1, 2, 3))
    announce(f"{name}: noise added to {int(changed.sum())} of {len(sample)} stamps")
    kept = ("dataset", "model", "reason")
    attributes = {key: sample.attributes[key] for key in kept if key in sample.attributes}
    write_stamps(arguments.output, [Stamps.plain(images)], attributes)


if __name__ == "__main__":
    run_entry(main)
