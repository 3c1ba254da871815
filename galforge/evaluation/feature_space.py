"""The features of stamps in the space of a dataset, and their nearest training stamps."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from galforge.evaluation import copies
from galforge.evaluation.alignment import aligned_neighbours
from galforge.evaluation.comparable import comparable, grey, is_comparable
from galforge.evaluation.feature_network import FeatureNetwork, features_of, project
from galforge.evaluation.inception import InceptionFeatures
from galforge.evaluation.mixtures import mixture_residuals
from galforge.evaluation.neighbours import nearest, symmetries

_NETWORK = "network."  # how the names of the network's own tensors begin


class FeatureSpace:
    """The trained feature network of a dataset with its components and clusters.

    Parameters
    ----------
    tensors : mapping of str to Tensor
        From :func:`galforge.evaluation.feature_training.train_feature_space`.
    record : mapping
        The record of the same training: ``image_shape`` and ``size``.
    """

    def __init__(self, tensors: Mapping[str, Tensor], record: Mapping[str, Any]) -> None:
        self._tensors = tensors
        self._network = FeatureNetwork(record["image_shape"][0], record["size"])
        self._network.load_state_dict(
            {
                name.removeprefix(_NETWORK): value
                for name, value in tensors.items()
                if name.startswith(_NETWORK)
            }
        )
        self._network.eval()

    def features(self, images: Tensor) -> Tensor:
        """Return the network's features, (N, F), in deviations over the training stamps."""
        raw = features_of(self._network, images)
        return (raw - self._tensors["feature_mean"]) / self._tensors["feature_deviation"]

    def components(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the principal components, (N, K), in units of their mean deviation."""
        parts = {"mean": self._tensors["pca_mean"], "components": self._tensors["pca_components"]}
        projections = project(torch.from_numpy(np.ascontiguousarray(images)), parts)
        return np.asarray((projections / self._tensors["pca_deviation"]).numpy())

    def clusters(self, features: Tensor) -> NDArray[np.intp]:
        """Return the nearest cluster of each row of features, (N,)."""
        return np.asarray(torch.cdist(features, self._tensors["centres"]).argmin(dim=1).numpy())


def measure_features(
    images: NDArray[np.float32],
    train: NDArray[np.float32],
    space: FeatureSpace,
    inception: InceptionFeatures | None = None,
) -> pd.DataFrame:
    """Return the features of stamps, one row per stamp.

    Parameters
    ----------
    images, train : ndarray, shapes (N, C, H, W) and (M, C, H, W)
        Stamps, and the training stamps among which neighbours are sought.
    space : FeatureSpace
    inception : InceptionFeatures, optional

    Returns
    -------
    DataFrame
        ``network_00`` ..., ``pca_00`` ..., ``cluster``; ``neighbour_distance`` of the nearest training stamp
        in the space of principal components, in any of eight orientations; of the nearest two once
        aligned, ``copy_row`` (in ``train``), ``copy_distance`` and ``copy_second``; what one and two
        training stamps leave of the stamp, ``single_residual`` and ``pair_residual``; with
        Inception ``inception_0000`` .... NaN for stamps that are constant or not finite.
    """
    stamps = comparable(images)
    features = space.features(torch.from_numpy(stamps))
    components = space.components(stamps)
    neighbours = nearest(
        [space.components(turned) for turned in symmetries(stamps)],
        space.components(comparable(train)),
    )
    light, known = grey(images), grey(train)
    aligned, residuals = aligned_neighbours(light, known), mixture_residuals(light, known)
    table = pd.DataFrame(
        {
            **{f"network_{n:02d}": features[:, n].numpy() for n in range(features.shape[1])},
            **{f"pca_{n:02d}": components[:, n] for n in range(components.shape[1])},
            "cluster": space.clusters(features),
            "neighbour_distance": neighbours.distance,
            "copy_row": aligned.row,
            **dict(zip(copies.COLUMNS, np.concatenate([aligned.distance, residuals], axis=1).T, strict=True)),
        }
    ).astype(np.float64)
    if inception is not None:
        # Thousands of columns: they stay in single precision, which is half the text.
        published = inception(stamps)
        names = [f"inception_{n:04d}" for n in range(published.shape[1])]
        table = pd.concat([table, pd.DataFrame(published, columns=names)], axis=1)
    table.loc[~is_comparable(images)] = np.nan
    return table
