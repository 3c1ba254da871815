"""Decode around the average galaxy; encode and decode stamps that are turned or made noisier."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from galforge.core.command_line import run_entry
from galforge.datasets.drawing import model_stamps
from galforge.datasets.latent_file import read_latents
from galforge.datasets.normalization import Normalized
from galforge.datasets.stamp_file import Stamps, read_stamps, write_stamps
from galforge.evaluation.latent_trials import LatentTrials
from galforge.evaluation.latents import posteriors, summarize_latents
from galforge.evaluation.probing import Coder, probe_around, probe_galaxies
from galforge.models.base import GenerativeModel
from galforge.models.batch import Batch
from galforge.models.placement import Placement
from galforge.models.trained import BATCH, ModelFiles, load_trained

SPLIT = "test"


@dataclass(frozen=True)
class Files(ModelFiles):
    """The dataset and its latents under the model, and the stamp file of what is tried."""

    dataset: Path
    latents: Path
    probe: Path


class Settings(LatentTrials, Placement):
    """What is tried, from which seed."""

    seed: int


def coder_of(model: GenerativeModel, device: torch.device) -> Coder:
    """Return a model between arrays, without gradients, in batches."""

    @torch.no_grad()
    def encode(images: NDArray[np.float32]) -> NDArray[np.floating]:
        parts = torch.split(torch.from_numpy(images).to(device), BATCH)
        return np.concatenate([model.encode(Batch(part)).float().cpu().numpy() for part in parts])

    @torch.no_grad()
    def decode(latents: NDArray[np.floating]) -> NDArray[np.float32]:
        vectors = torch.from_numpy(np.asarray(latents, dtype=np.float32)).to(device)
        parts = [model.decode(part).float().cpu().numpy() for part in torch.split(vectors, BATCH)]
        return np.concatenate(parts)

    if not model.in_flux:
        return Coder(encode, decode)
    unit = float(model.record["observed"]["flux_scale"])
    return Coder(encode, decode, partial(in_flux, unit), unit)


def in_flux(unit: float, flux: NDArray[np.floating]) -> Normalized:
    """Return stamps (N, C, H, W) of flux as a model in flux is given them."""
    pixels = np.asarray(flux / unit, dtype=np.float32)
    return Normalized(pixels, np.zeros(len(pixels)), np.full(len(pixels), unit))


def main(files: Files, settings: Settings) -> None:
    """Try the model, nothing of one without latents that can be analysed."""
    trained = load_trained(files, settings, encodes=True)
    known = posteriors(read_latents(files.latents))
    # A model that encodes may have latents that cannot be analysed.
    attributes = {**trained.attributes, "reason": known.reason}
    if trained.model is None or known.reason:
        write_stamps(files.probe, [Stamps.plain(trained.no_images())], attributes)
        return

    coder = coder_of(trained.model, trained.device)
    table = summarize_latents(known.mean, known.deviation)

    def blocks() -> Iterator[Stamps]:
        yield from probe_around(table, settings.traversed, coder)
        yield from probe_galaxies(
            read_stamps(files.dataset, SPLIT),
            table.sort_values("latent")["scatter"].to_numpy(),
            coder,
            settings.galaxies,
            settings.angles,
            settings.snr,
            settings.seed,
        )

    units = model_stamps(trained.model, trained.no_images()).attributes
    write_stamps(files.probe, blocks(), {**units, **attributes})


if __name__ == "__main__":
    run_entry(main)
