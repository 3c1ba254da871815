"""Measure the features of stamps, and their nearest training stamps."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import Tensor

from galforge.core.command_line import argument_parser, parse_settings, run_entry, strict
from galforge.core.files import check_digest, read_json
from galforge.core.tables import write_table
from galforge.datasets.stamp_file import SPLITS, read_stamps
from galforge.evaluation.comparable import comparable, is_comparable
from galforge.evaluation.feature_network import FeatureNetwork, features_of, project
from galforge.evaluation.inception import InceptionFeatures
from galforge.evaluation.neighbours import nearest, symmetries
from galforge.evaluation.reference_split import reference_order


@strict
@dataclass(frozen=True)
class Settings:
    """At most this many stamps: the first generated ones, or those of a split that are judged."""

    count: int


class FeatureSpace:
    """The published feature network with its components and clusters.

    Parameters
    ----------
    weights, record : Path
        Of ``train_feature_network``.

    Raises
    ------
    InputError
        If the weights are not those that the record describes.
    """

    def __init__(self, weights: Path, record: Path) -> None:
        facts = read_json(record)
        check_digest(weights, facts["weights_digest"], record)
        self._tensors = load_file(weights)
        self._network = FeatureNetwork(facts["image_shape"][0], facts["size"])
        prefix = "network."
        self._network.load_state_dict(
            {
                name.removeprefix(prefix): value
                for name, value in self._tensors.items()
                if name.startswith(prefix)
            }
        )
        self._network.eval()

    def features(self, images: Tensor) -> Tensor:
        """Return the network's features, (N, F), in deviations over the training stamps."""
        found = features_of(self._network, images)
        return (found - self._tensors["feature_mean"]) / self._tensors["feature_deviation"]

    def components(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the principal components, (N, K), in units of their mean deviation."""
        parts = {"mean": self._tensors["pca_mean"], "components": self._tensors["pca_components"]}
        found = project(torch.from_numpy(np.ascontiguousarray(images)), parts)
        return np.asarray((found / self._tensors["pca_deviation"]).numpy())

    def clusters(self, features: Tensor) -> NDArray[np.intp]:
        """Return the nearest cluster of each row of features, (N,)."""
        return np.asarray(torch.cdist(features, self._tensors["centres"]).argmin(dim=1).numpy())


def measure_features(
    images: NDArray[np.float32],
    train: NDArray[np.float32],
    space: FeatureSpace,
    inception: InceptionFeatures | None = None,
) -> pd.DataFrame:
    """Return the features of stamps, a row each.

    Parameters
    ----------
    images, train : ndarray, shapes (N, C, H, W) and (M, C, H, W)
        Stamps, and the training stamps among which neighbours are sought.
    space : FeatureSpace
    inception : InceptionFeatures, optional

    Returns
    -------
    DataFrame
        ``network_00`` ..., ``pca_00`` ..., ``cluster``; of the nearest training stamp in the space of
        principal components, in any of eight orientations, ``neighbour_row`` (in ``train``) and
        ``neighbour_distance``, and of the second nearest ``neighbour_second``; with Inception
        ``inception_0000`` .... NaN for stamps that are constant or not finite.
    """
    stamps = comparable(images)
    features = space.features(torch.from_numpy(stamps))
    components = space.components(stamps)
    found = nearest(
        [space.components(turned) for turned in symmetries(stamps)],
        space.components(comparable(train)),
    )
    table = pd.DataFrame(
        {
            **{f"network_{n:02d}": features[:, n].numpy() for n in range(features.shape[1])},
            **{f"pca_{n:02d}": components[:, n] for n in range(components.shape[1])},
            "cluster": space.clusters(features),
            "neighbour_row": found.row,
            "neighbour_distance": found.distance,
            "neighbour_second": found.second,
        }
    ).astype(np.float64)
    if inception is not None:
        # Thousands of columns: they stay in single precision, which is half the text.
        found_there = inception(stamps)
        names = [f"inception_{n:04d}" for n in range(found_there.shape[1])]
        table = pd.concat([table, pd.DataFrame(found_there, columns=names)], axis=1)
    table.loc[~is_comparable(images)] = np.nan
    return table


def main() -> None:
    """Run the stage."""
    parser = argument_parser(__doc__)
    parser.add_argument("--dataset", type=Path, required=True, help="whose training stamps are neighbours")
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--record", type=Path, required=True)
    parser.add_argument("--inception", type=Path, help="TorchScript file of Inception, if it is wanted")
    parser.add_argument("--stamps", type=Path, nargs="+", help="generated stamps; none for those of --split")
    parser.add_argument("--split", choices=SPLITS, help="this side of the dataset's split")
    parser.add_argument("--output", type=Path, nargs="+", required=True, help="a table a file, a row a stamp")
    arguments = parser.parse_args()
    settings = parse_settings(Settings, arguments.settings)

    torch.set_num_threads(1)
    dataset = read_stamps(arguments.dataset)
    train = dataset.image[dataset.split == "train"]
    if arguments.stamps:
        files = [read_stamps(path).image[: settings.count] for path in arguments.stamps]
        rows = [np.arange(len(images)) for images in files]
    else:
        of_split = np.flatnonzero(dataset.split == arguments.split)
        order = reference_order(dataset.catalog.iloc[of_split])[: settings.count]
        rows = [of_split[np.sort(order)]]
        files = [dataset.image[rows[0]]]
    space = FeatureSpace(arguments.weights, arguments.record)
    inception = InceptionFeatures(arguments.inception) if arguments.inception else None
    for images, names, output in zip(files, rows, arguments.output, strict=True):
        table = measure_features(images, train, space, inception)
        table.insert(0, "row", names)
        write_table(output, table)


if __name__ == "__main__":
    run_entry(main)
