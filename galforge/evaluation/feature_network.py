"""A small network that learns, from real training stamps alone, in which features galaxies differ.

It is trained by contrast (SimCLR): two views of one galaxy are to lie near each other and far from all
others. The alternative, regressing measured morphology, would see what statmorph has measured and no
more; features are for what statmorph has no number for (arms, knots, companions). A view is turned by
quarters, mirrored and shifted by whole pixels, which changes no pixel's value and leaves the noise as it
is. Its sky and brightness vary, and noise is added: these tell any two normalized stamps apart, and the
features are not to follow them.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from galforge.core.progress import Progress

SHIFT = 4  # px, largest shift of a view
SKY, BRIGHTNESS, NOISE = 0.05, 0.1, 0.03  # largest changes of a view, in units of the stamp's range
TEMPERATURE = 0.5  # SimCLR's
CHANNELS = (16, 32, 64, 64)
LEARNING_RATE = 1e-3


class FeatureNetwork(nn.Module):
    """Stamps to features: four strided convolutions, the mean over the image, a dense layer.

    Parameters
    ----------
    channels : int
        C of the stamps, (N, C, H, W) with sides of at least 16 px.
    size : int
        F, the number of features.
    """

    def __init__(self, channels: int, size: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after in zip((channels, *CHANNELS[:-1]), CHANNELS, strict=True):
            layers += [
                nn.Conv2d(before, after, 4, stride=2, padding=1),
                nn.GroupNorm(4, after),
                nn.LeakyReLU(0.2),
            ]
        self.convolutions = nn.Sequential(*layers)  # (N, 64, H / 16, W / 16)
        self.dense = nn.Linear(CHANNELS[-1], size)

    def forward(self, images: Tensor) -> Tensor:
        """Return the features, (N, F), of stamps (N, C, H, W) in [0, 1]."""
        features: Tensor = self.dense(self.convolutions(images).mean(dim=(2, 3)))  # (N, F)
        return features


def draw_view(images: Tensor, generator: torch.Generator) -> Tensor:
    """Return one view per stamp, (N, C, H, W), as the module describes.

    The quarters of the turn, the mirror and the shift are common to a batch.
    """

    def uniform(*shape: int) -> Tensor:
        return torch.rand(shape, generator=generator)

    turns, mirrored = (int(torch.randint(high, (1,), generator=generator)) for high in (4, 2))
    view = torch.rot90(images, turns, dims=(2, 3))
    view = view.flip(3) if mirrored else view
    down, right = torch.randint(-SHIFT, SHIFT + 1, (2,), generator=generator).tolist()
    height, width = view.shape[2:]
    view = functional.pad(view, (SHIFT,) * 4, mode="reflect")
    view = view[:, :, SHIFT + down : SHIFT + down + height, SHIFT + right : SHIFT + right + width]
    count = len(images)
    sky = SKY * (2 * uniform(count, 1, 1, 1) - 1)
    brightness = 1 + BRIGHTNESS * (2 * uniform(count, 1, 1, 1) - 1)
    noise = NOISE * uniform(count, 1, 1, 1) * torch.randn(view.shape, generator=generator)
    return brightness * view + sky + noise


def contrast_loss(first: Tensor, second: Tensor) -> Tensor:
    """Return the normalized, temperature-scaled cross-entropy of two views, Eq. 1 of SimCLR.

    Parameters
    ----------
    first, second : Tensor, shape (N, F)
        Features of two views of the same N stamps.

    References
    ----------
    Chen et al. (2020), arXiv:2002.05709.
    """
    features = functional.normalize(torch.cat([first, second]), dim=1)  # (2 N, F)
    similarity = features @ features.T / TEMPERATURE
    similarity.fill_diagonal_(-torch.inf)
    count = len(first)
    partner = torch.arange(2 * count).roll(count)
    return functional.cross_entropy(similarity, partner)


def train_feature_network(
    images: Tensor, size: int, steps: int, batch_size: int, seed: int
) -> tuple[FeatureNetwork, list[float]]:
    """Return a trained network in evaluation mode, and the loss of every step.

    Parameters
    ----------
    images : Tensor, shape (N, C, H, W)
        Real training stamps in [0, 1], at least two.
    size : int
        Number of features.
    steps, batch_size : int
    seed : int

    Notes
    -----
    The loss is computed on the output of a dense layer over the features, which is then discarded, as in
    SimCLR.
    """
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    network = FeatureNetwork(images.shape[1], size)
    projection = nn.Sequential(nn.LeakyReLU(0.2), nn.Linear(size, size))
    parameters = [*network.parameters(), *projection.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=LEARNING_RATE)
    progress = Progress("Training the feature network", steps, "steps")
    losses = []
    for _ in range(steps):
        rows = torch.randperm(len(images), generator=generator)[:batch_size]
        first, second = (projection(network(draw_view(images[rows], generator))) for _ in range(2))
        loss = contrast_loss(first, second)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch does not annotate it
        optimizer.step()
        losses.append(float(loss.detach()))
        progress.advance(note=f"loss {losses[-1]:.3f}")
    return network.eval(), losses


def features_of(network: FeatureNetwork, images: Tensor, batch: int = 256) -> Tensor:
    """Return the features, (N, F), of stamps (N, C, H, W) in [0, 1]."""
    with torch.no_grad():
        parts = [network(part) for part in torch.split(images, batch)]
    return torch.cat(parts) if parts else torch.zeros(0, network.dense.out_features)


def principal_components(images: Tensor, count: int, seed: int) -> dict[str, Tensor]:
    """Return mean and principal components of stamps.

    Parameters
    ----------
    images : Tensor, shape (N, C, H, W)
        More than ``count``.
    count : int
        K components, those of largest variance (by a randomized decomposition, Halko et al. 2011).
    seed : int

    Returns
    -------
    dict of str to Tensor
        ``mean`` (D,) and ``components`` (D, K) of the D pixels, orthonormal.
    """
    flat = images.flatten(1).double()
    mean = flat.mean(dim=0)
    torch.manual_seed(seed)
    count = min(count, len(flat) - 1, flat.shape[1])
    _, _, components = torch.pca_lowrank(flat - mean, q=min(count + 8, *flat.shape), center=False, niter=6)
    return {"mean": mean.float(), "components": components[:, :count].float().contiguous()}


def project(images: Tensor, parts: dict[str, Any]) -> Tensor:
    """Return the principal components, (N, K), of stamps (N, C, H, W)."""
    projections: Tensor = (images.flatten(1) - parts["mean"]) @ parts["components"]
    return projections
