"""Reconstruct the test stamps with a model that encodes."""

from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import torch

from galforge.core.command_line import run_entry
from galforge.datasets.drawing import model_stamps
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
    attributes = {**reconstructed.attributes, **trained.attributes, "split": SPLIT}
    write_stamps(files.stamps, [reconstructed], attributes)


def _of_originals(stamps: Stamps, dataset: Path) -> Stamps:
    """Return reconstructions with the names of their originals, and in their flux."""
    real = read_stamps(dataset, SPLIT)
    names = [column for column in ("identifier",) if column in real.catalog]
    named = replace(
        stamps, catalog=pd.DataFrame(real.catalog[names], index=range(len(stamps))), split=real.split
    )
    if "flux_scale" in stamps.attributes:
        return named
    return replace(named, offset=real.offset, scale=real.scale)


if __name__ == "__main__":
    run_entry(main)
