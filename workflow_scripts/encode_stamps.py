"""Write the latents of a whole dataset under a model that encodes."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from workflow_scripts.command_line import argument_parser, parse_settings, run_entry, strict
from workflow_scripts.datasets.latent_file import Latents, write_latents
from workflow_scripts.datasets.stamp_file import image_blocks, read_attributes, read_catalog
from workflow_scripts.files import read_json
from workflow_scripts.models.building import load_model
from workflow_scripts.progress import Progress
from workflow_scripts.training.device import choose_device

BATCH = 64  # a fixed one: batches of another size may differ in the last bits


@strict
@dataclass(frozen=True)
class Settings:
    """Where it runs."""

    device: str
    threads: int


def main() -> None:
    """Run the stage."""
    parser = argument_parser(__doc__)
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--record", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    settings = parse_settings(Settings, arguments.settings)

    record = read_json(arguments.record)
    attributes = {
        "dataset": record["dataset"],
        "dataset_digest": str(read_attributes(arguments.dataset)["digest"]),
        "model": record["model"],
        "weights_digest": record["weights_digest"],
        "reason": record["reason"],
    }
    model = None
    if record["status"] == "ok":
        torch.set_num_threads(settings.threads)
        device = choose_device(settings.device)
        model = load_model(arguments.weights, arguments.record).to(device)
    if model is None or not model.encodes:
        attributes["reason"] = record["reason"] or f"{record['model']} has no encoder"
        nothing = np.zeros((0, 0), dtype=np.float32)
        write_latents(
            arguments.output,
            Latents(nothing, nothing, np.zeros(0, np.int64), np.zeros(0, str), attributes),
        )
        return

    catalog = read_catalog(arguments.dataset)
    label = f"encode_stamps {record['dataset']}/{record['model']}"
    progress = Progress(label, len(catalog), "stamps")
    posteriors = []
    with torch.no_grad():
        for images in image_blocks(arguments.dataset, BATCH):
            mean, log_variance = model.posterior(torch.from_numpy(images).to(device))
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
