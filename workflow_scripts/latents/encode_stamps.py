"""Write the latents of a whole dataset under a model that encodes."""

from pathlib import Path

import numpy as np
import torch

from galforge.core.command_line import parse_settings, run_entry
from galforge.core.progress import Progress
from galforge.datasets.latent_file import Latents, write_latents
from galforge.datasets.stamp_file import image_blocks, read_attributes, read_catalog
from galforge.models.trained import BATCH, Placement, load_trained, model_parser


def main() -> None:
    """Run the stage."""
    parser = model_parser(__doc__)
    parser.add_argument("--dataset", type=Path, required=True)
    arguments = parser.parse_args()
    settings = parse_settings(Placement, arguments.settings)

    trained = load_trained(arguments.weights, arguments.record, settings, encodes=True)
    attributes = {
        **trained.attributes,
        "dataset_digest": str(read_attributes(arguments.dataset)["digest"]),
        "weights_digest": trained.record["weights_digest"],
    }
    if trained.model is None:
        nothing = np.zeros((0, 0), dtype=np.float32)
        write_latents(
            arguments.output,
            Latents(nothing, nothing, np.zeros(0, np.int64), np.zeros(0, str), attributes),
        )
        return

    catalog = read_catalog(arguments.dataset)
    label = f"encode_stamps {attributes['dataset']}/{attributes['model']}"
    progress = Progress(label, len(catalog), "stamps")
    posteriors = []
    with torch.no_grad():
        for images in image_blocks(arguments.dataset, BATCH):
            mean, log_variance = trained.model.posterior(torch.from_numpy(images).to(trained.device))
            posteriors.append((mean.float().cpu().numpy(), log_variance.float().cpu().numpy()))
            progress.advance(len(images))
    means, log_variances = (np.concatenate(parts) for parts in zip(*posteriors, strict=True))
    write_latents(
        arguments.output,
        Latents(
            means, log_variances, catalog["identifier"].to_numpy(), catalog["split"].to_numpy(str), attributes
        ),
    )


if __name__ == "__main__":
    run_entry(main)
