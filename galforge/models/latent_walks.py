"""Ways through the latents of a model: between galaxies, and along its strongest directions."""

import torch
import torch.nn.functional as F
from torch import Tensor


def strongest_directions(latents: Tensor, features: Tensor, count: int) -> Tensor:
    """Return the latent directions that matter most to features of the latents, (count, L).

    The principal components of the features; each is carried back to the latents by least squares: the mean
    of z weighted by the component's coordinate. A direction has length 1 and its sign is that of its largest
    entry.

    Parameters
    ----------
    latents : Tensor, shape (M, L)
        Draws from N(0, 1).
    features : Tensor, shape (M, F)
        What a model makes of them.
    count : int

    References
    ----------
    Härkönen et al. (2020), "GANSpace: discovering interpretable GAN controls", NeurIPS, section 2.2.
    """
    centred = features - features.mean(0)
    coordinates, _, _ = torch.linalg.svd(centred, full_matrices=False)  # (M, min(M, F)), orthonormal
    return _unit(coordinates[:, :count].T @ latents)


def principal_directions(points: Tensor, count: int) -> Tensor:
    """Return the principal components of points (M, L), (count, L); length and sign as above."""
    _, _, components = torch.linalg.svd(points - points.mean(0), full_matrices=False)
    return _unit(components[:count])


def _unit(directions: Tensor) -> Tensor:
    largest = directions.gather(1, directions.abs().argmax(1, keepdim=True))
    return F.normalize(directions) * largest.sign()


def interpolated_latents(first: Tensor, second: Tensor, steps: int) -> Tensor:
    """Return latents on the arc from one to the other, both included, (steps, L).

    Along the arc, and not the chord, the length of a latent stays what it is in draws from N(0, 1): the
    middle of a chord is shorter than any of them (White 2016, "Sampling generative networks").

    Parameters
    ----------
    first, second : Tensor, shape (L,)
    steps : int
    """
    cosine = torch.dot(first, second) / (first.norm() * second.norm())
    angle = torch.arccos(cosine.clamp(-1, 1))
    share = torch.linspace(0, 1, steps, device=first.device)[:, None]
    weights = torch.sin((1 - share) * angle), torch.sin(share * angle)
    return (weights[0] * first + weights[1] * second) / torch.sin(angle)
