"""Bring generated stamps to the noise of the real ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from galforge.core.command_line import run_entry
from galforge.core.progress import remark
from galforge.core.seeds import derive_seed
from galforge.core.settings import Section
from galforge.datasets.conditions import drawn_rows
from galforge.datasets.normalization import FLUX
from galforge.datasets.observing_conditions import UNITS, draw_noise_blanks
from galforge.datasets.stamp_file import Stamps, read_stamps, write_stamps
from galforge.datasets.stamp_rows import image_blocks, split_rows
from galforge.evaluation.noise_matching import match_noise

BLOCK = 256  # stamps that are read at a time


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
    # The same for all models: a score depends on the stamps, not on what their model is called.
    seed = derive_seed(settings.seed, "matched noise")
    if sample.attributes.get("normalization") == FLUX and len(sample):
        add_noise_in_flux(files, sample.attributes, seed)
        return
    real = read_stamps(files.dataset, "train")
    images = match_noise(sample.image, real.image, seed)
    changed = (images != sample.image).any(axis=(1, 2, 3)) & np.isfinite(sample.image).all(axis=(1, 2, 3))
    remark(f"{sample.attributes['model']}: noise added to {int(changed.sum())} of {len(sample)} stamps")
    kept = ("dataset", "model", "reason")
    attributes = {key: sample.attributes[key] for key in kept if key in sample.attributes}
    write_stamps(files.matched, [Stamps.plain(images)], attributes)


def add_noise_in_flux(files: Files, attributes: Mapping[str, Any], seed: int) -> None:
    """Give galaxies in flux, which have no noise, that of as many random training stamps."""
    images = np.concatenate(list(image_blocks(files.sample, BLOCK, stored=True)))
    rows = drawn_rows(split_rows(files.dataset, "train"), len(images), derive_seed(seed, "stamps"))
    noisy = images + draw_noise_blanks(files.dataset, rows, seed)
    remark(f"{attributes['model']}: noise added to {len(images)} of {len(images)} stamps")
    kept = ("dataset", "model", "reason", *UNITS)
    stated = {key: attributes[key] for key in kept if key in attributes}
    stamps = Stamps.in_flux(noisy, stated.pop("flux_scale"), **stated)
    write_stamps(files.matched, [stamps], stamps.attributes)


if __name__ == "__main__":
    run_entry(main)
