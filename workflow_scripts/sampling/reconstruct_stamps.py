"""Reconstruct the test stamps with a model that encodes."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import torch

from galforge.core.command_line import run_entry
from galforge.datasets.drawing import model_stamps
from galforge.datasets.normalization import in_range_of
from galforge.datasets.stamp_file import Stamps, read_stamps, write_stamps
from galforge.models.placement import Placement
from galforge.models.trained import BATCH, ModelFiles, load_trained
from galforge.training.data import resident_stamps
from galforge.training.known import Wanted

SPLIT = "test"


@dataclass(frozen=True)
class Files(ModelFiles):
    """The dataset and the model, and the stamp file of reconstructions."""

    dataset: Path
    stamps: Path


def main(files: Files, settings: Placement) -> None:
    """Reconstruct the test split, nothing with a model that does not encode."""
    trained = load_trained(files, settings, encodes=True)
    reconstructed = Stamps.plain(trained.no_images())
    if trained.model is not None:
        stamps = resident_stamps(files.dataset, SPLIT, trained.device, Wanted.of_record(trained.record))
        with torch.no_grad():
            batches = [trained.model.reconstruct(batch).cpu() for batch in stamps.batches(BATCH)]
        images = torch.cat(batches).float().numpy()
        reconstructed = _of_originals(model_stamps(trained.model, images), files.dataset)
    write_stamps(files.stamps, [reconstructed], {**trained.attributes, "split": SPLIT})


def _of_originals(stamps: Stamps, dataset: Path) -> Stamps:
    """Return reconstructions with the names of their originals, in their flux and in the range of each."""
    real = read_stamps(dataset, SPLIT)
    names = [column for column in ("identifier",) if column in real.catalog]
    catalog = pd.DataFrame(real.catalog[names], index=range(len(stamps)))
    images = stamps.image
    if "flux_scale" in stamps.attributes:
        # By its own range a reconstruction without noise could not be compared with its original.
        images = in_range_of(stamps.flux(), real.offset, real.scale)
    return Stamps(images, real.offset, real.scale, catalog, real.split)


if __name__ == "__main__":
    run_entry(main)
