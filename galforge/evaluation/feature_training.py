"""The space of features of a dataset: its network, principal components and clusters."""

import numpy as np
import torch
from scipy.cluster.vq import kmeans2
from torch import Tensor

from galforge.core.seeds import derive_seed
from galforge.evaluation.feature_network import (
    features_of,
    principal_components,
    project,
    train_feature_network,
)
from galforge.evaluation.feature_settings import FeatureSpaceSettings

LEAST_DEVIATION = 1e-12  # what a deviation of zero is divided by


class Settings(FeatureSpaceSettings):
    """The feature space of a dataset, and the seed of its training."""

    seed: int


def train_feature_space(images: Tensor, settings: Settings) -> tuple[dict[str, Tensor], dict[str, float]]:
    """Train the feature network of a dataset, and find its principal components and clusters.

    Parameters
    ----------
    images : Tensor, shape (N, C, H, W)
        Real training stamps in [0, 1], at least two.
    settings : Settings
        There are fewer clusters where there are fewer stamps.

    Returns
    -------
    tensors : dict of str to Tensor
        What :class:`galforge.evaluation.feature_space.FeatureSpace` is made from.
    record : dict of str to float
        How far the training came, ``pca_variance``, the components' share of the pixels' variance, among it.
    """
    size, seed = settings.size, settings.seed
    network, losses = train_feature_network(
        images, size, settings.steps, settings.batch_size, derive_seed(seed, "feature network")
    )
    raw = features_of(network, images)
    parts = principal_components(images, size, derive_seed(seed, "components"))
    projected = project(images, parts)
    mean, deviation = raw.mean(dim=0), raw.std(dim=0).clamp_min(LEAST_DEVIATION)
    centres, _ = kmeans2(
        ((raw - mean) / deviation).double().numpy(),
        min(settings.clusters, len(images)),
        minit="++",
        rng=np.random.default_rng(derive_seed(seed, "clusters")),
    )
    variance = images.flatten(1).var(dim=0).sum().clamp_min(LEAST_DEVIATION)
    tensors = {f"network.{name}": value for name, value in network.state_dict().items()} | {
        "feature_mean": mean,
        "feature_deviation": deviation,
        "pca_mean": parts["mean"],
        "pca_components": parts["components"],
        # One number for all components: they keep their proportions.
        "pca_deviation": projected.var(dim=0).mean().sqrt().clamp_min(LEAST_DEVIATION),
        "centres": torch.from_numpy(centres).float(),
    }
    record = {
        "first_loss": float(np.mean(losses[:10])),
        "last_loss": float(np.mean(losses[-10:])),
        "chance_loss": float(np.log(2 * min(settings.batch_size, len(images)) - 1)),
        "pca_variance": float(projected.var(dim=0).sum() / variance),
    }
    return tensors, record
