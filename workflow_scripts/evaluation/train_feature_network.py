"""Train the feature network of a dataset, and find its principal components and clusters."""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from scipy.cluster.vq import kmeans2

from galforge.core.command_line import argument_parser, parse_settings, run_entry, strict
from galforge.core.files import file_digest, write_json
from galforge.core.provenance import code_digest, versions
from galforge.core.seeds import derive_seed
from galforge.core.tensor_files import write_tensors
from galforge.datasets.stamp_file import read_stamps
from galforge.evaluation.comparable import comparable
from galforge.evaluation.feature_network import (
    features_of,
    principal_components,
    project,
    train_feature_network,
)
from galforge.evaluation.reference_split import hashed_order, stamp_names


@strict
@dataclass(frozen=True)
class Settings:
    """The feature space of a dataset.

    Attributes
    ----------
    size : int
        Features of the network, and principal components.
    steps, batch_size : int
        Of the network's training.
    clusters : int
        Of the cluster metric.
    stamps : int
        Most training stamps that are used.
    seed : int
    """

    size: int
    steps: int
    batch_size: int
    clusters: int
    stamps: int
    seed: int


def main() -> None:
    """Run the stage."""
    parser = argument_parser(__doc__)
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--code", type=Path, nargs="+", required=True, help="the sources of this stage")
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--record", type=Path, required=True)
    arguments = parser.parse_args()
    settings = parse_settings(Settings, arguments.settings)

    # One thread: the order of sums, and so the last bits, does not depend on free cores.
    torch.set_num_threads(1)
    train = read_stamps(arguments.dataset, "train")
    rows = hashed_order(stamp_names(train.catalog), "feature network")[: settings.stamps]
    images = torch.from_numpy(comparable(train.image[rows]))
    network, losses = train_feature_network(
        images,
        settings.size,
        settings.steps,
        settings.batch_size,
        derive_seed(settings.seed, "feature network"),
    )
    raw = features_of(network, images)
    parts = principal_components(images, settings.size, derive_seed(settings.seed, "components"))
    projected = project(images, parts)
    scaled = (raw - raw.mean(dim=0)) / raw.std(dim=0).clamp_min(1e-12)
    centres, _ = kmeans2(
        scaled.double().numpy(),
        min(settings.clusters, len(rows)),
        minit="++",
        rng=np.random.default_rng(derive_seed(settings.seed, "clusters")),
    )
    tensors = {f"network.{name}": value for name, value in network.state_dict().items()} | {
        "feature_mean": raw.mean(dim=0),
        "feature_deviation": raw.std(dim=0).clamp_min(1e-12),
        "pca_mean": parts["mean"],
        "pca_components": parts["components"],
        # One number for all components: they keep their proportions.
        "pca_deviation": projected.var(dim=0).mean().sqrt().clamp_min(1e-12),
        "centres": torch.from_numpy(centres).float(),
    }
    write_tensors(arguments.weights, tensors)
    write_json(
        arguments.record,
        {
            **asdict(settings),
            "dataset": train.attributes["dataset"],
            "dataset_digest": train.attributes["digest"],
            "image_shape": list(images.shape[1:]),
            "training_stamps": len(rows),
            "first_loss": float(np.mean(losses[:10])),
            "last_loss": float(np.mean(losses[-10:])),
            "chance_loss": float(np.log(2 * min(settings.batch_size, len(rows)) - 1)),
            "pca_variance": float(
                projected.var(dim=0).sum() / images.flatten(1).var(dim=0).sum().clamp_min(1e-12)
            ),
            "weights_digest": file_digest(arguments.weights),
            "code": code_digest(arguments.code),
            "versions": versions(),
        },
    )


if __name__ == "__main__":
    run_entry(main)
