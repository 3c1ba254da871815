"""Bring generated stamps to the noise of the real ones."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from galforge.core.command_line import run_entry
from galforge.core.progress import announce
from galforge.core.seeds import derive_seed
from galforge.core.settings import Section
from galforge.datasets.stamp_file import Stamps, read_stamps, write_stamps
from galforge.evaluation.noise_matching import match_noise


@dataclass(frozen=True)
class Files:
    """The dataset whose training stamps have the noise, the sample, and the sample with that noise."""

    dataset: Path
    sample: Path
    matched: Path


class Settings(Section):
    """The seed of the noise."""

    seed: int


def main(files: Files, settings: Settings) -> None:
    """Add the noise that each stamp of the sample lacks."""
    sample = read_stamps(files.sample)
    real = read_stamps(files.dataset, "train")
    # The same for all models: a score depends on the stamps, not on what their model is called.
    images = match_noise(sample.image, real.image, derive_seed(settings.seed, "matched noise"))
    changed = (images != sample.image).any(axis=(1, 2, 3)) & np.isfinite(sample.image).all(axis=(1, 2, 3))
    announce(f"{sample.attributes['model']}: noise added to {int(changed.sum())} of {len(sample)} stamps")
    kept = ("dataset", "model", "reason")
    attributes = {key: sample.attributes[key] for key in kept if key in sample.attributes}
    write_stamps(files.matched, [Stamps.plain(images)], attributes)


if __name__ == "__main__":
    run_entry(main)
