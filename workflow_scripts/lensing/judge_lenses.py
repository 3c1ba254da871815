"""Reconstruct the sources of held-out lenses, and score what each network makes of them."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from safetensors.torch import load_file

from galforge.core.command_line import run_entry
from galforge.core.progress import announce
from galforge.core.tables import write_table
from galforge.datasets.stamp_file import Stamps, write_stamps
from galforge.lensing.lens_files import SOURCE, read_lenses
from galforge.lensing.source_reader import SourceReader, decoded, latents_of, read_sources
from galforge.lensing.source_scores import COLUMNS, score_table
from galforge.models.base import GenerativeModel
from galforge.models.placement import Placement
from galforge.models.trained import ModelFiles, load_trained

UNLENSED, MEAN = "unlensed", "mean"


@dataclass(frozen=True)
class Files(ModelFiles):
    """The model, held-out lenses, the training lenses of the survey, and the network of each kind of source.

    Then what comes of it: scores, and the lenses with the reconstructions.
    """

    held_out: Path
    training: Path
    readers: tuple[Path, ...]
    scores: Path
    reconstructions: Path


def main(files: Files, settings: Placement) -> None:
    """Score each network, the VAE that is given the source itself, and the mean of the training sources."""
    trained = load_trained(files, settings, encodes=True)
    if trained.model is None:
        write_table(files.scores, pd.DataFrame(columns=list(COLUMNS)))
        none = trained.no_images()
        empty = replace(Stamps.plain(none), parts={SOURCE: none[:, 0]})
        write_stamps(files.reconstructions, [empty], trained.attributes)
        return
    images, sources = read_lenses(files.held_out)
    made = reconstructed(trained.model.cpu(), images, sources, files.readers)
    made[MEAN] = np.broadcast_to(read_lenses(files.training)[1].mean(axis=0), sources.shape)
    table = score_table(made, sources)
    write_table(files.scores, table)
    parts = {f"reconstruction/{name}": np.ascontiguousarray(each) for name, each in made.items()}
    pictures = replace(Stamps.plain(images), parts={SOURCE: sources, **parts})
    write_stamps(files.reconstructions, [pictures], trained.attributes)
    for row in table.to_dict("records"):
        announce(f"{row['reconstruction']}: PSNR {row['psnr']:.2f} dB, SSIM {row['ssim']:.3f}, "
                 f"flux {row['flux']:+.3f} mag")  # fmt: skip


def reconstructed(
    model: GenerativeModel,
    images: NDArray[np.float32],
    sources: NDArray[np.float32],
    readers: tuple[Path, ...],
) -> dict[str, NDArray[np.float32]]:
    """Return sources (N, H, H) as each network, by its folder, and the VAE itself make them."""
    made = {}
    for path in readers:
        reader = SourceReader(images.shape[-1], model.latent_size)
        reader.load_state_dict(load_file(path))
        made[path.parent.name] = decoded(model, read_sources(reader, images))
    return {**made, UNLENSED: decoded(model, latents_of(model, sources))}


if __name__ == "__main__":
    run_entry(main)
