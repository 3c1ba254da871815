"""Write the latents of a whole dataset under a model that encodes."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from galforge.core.command_line import run_entry
from galforge.core.progress import Progress
from galforge.datasets.latent_file import Latents, write_latents
from galforge.datasets.stamp_file import read_attributes, read_catalog
from galforge.models.placement import Placement
from galforge.models.trained import BATCH, ModelFiles, load_trained
from galforge.training.data import dataset_batches
from galforge.training.known import Wanted


@dataclass(frozen=True)
class Files(ModelFiles):
    """The dataset and the model, and the latent file."""

    dataset: Path
    latents: Path


def main(files: Files, settings: Placement) -> None:
    """Encode every stamp of the dataset, none with a model that does not encode."""
    trained = load_trained(files, settings, encodes=True)
    attributes = {
        **trained.attributes,
        "dataset_digest": str(read_attributes(files.dataset)["digest"]),
        "weights_digest": trained.record["weights_digest"],
    }
    if trained.model is None:
        nothing = np.zeros((0, 0), dtype=np.float32)
        write_latents(
            files.latents,
            Latents(nothing, nothing, np.zeros(0, np.int64), np.zeros(0, str), attributes),
        )
        return

    catalog = read_catalog(files.dataset)
    label = f"encode_stamps {attributes['dataset']}/{attributes['model']}"
    progress = Progress(label, len(catalog), "stamps")
    posteriors = []
    with torch.no_grad():
        for batch in dataset_batches(files.dataset, BATCH, trained.device, Wanted.of_record(trained.record)):
            mean, log_variance = trained.model.posterior(batch)
            posteriors.append((mean.float().cpu().numpy(), log_variance.float().cpu().numpy()))
            progress.advance(len(batch))
    means, log_variances = (np.concatenate(parts) for parts in zip(*posteriors, strict=True))
    write_latents(
        files.latents,
        Latents(
            means, log_variances, catalog["identifier"].to_numpy(), catalog["split"].to_numpy(str), attributes
        ),
    )


if __name__ == "__main__":
    run_entry(main)
