"""Ways through the latents of a generator: between galaxies, and along its strongest directions."""

import torch
import torch.nn.functional as F
from torch import Tensor

from galforge.models.adversarial import AdversarialModel

DIRECTION_SAMPLES = 1024  # latents that the directions are found from


@torch.no_grad()
def latent_directions(model: AdversarialModel, count: int, generator: torch.Generator) -> Tensor:
    """Return the latent directions that matter most to the generator's first layer, (count, latent_size).

    The principal components of the first layer's output over many latents; each is carried back to the
    latents by least squares: the mean of z weighted by the component's coordinate. A direction has
    length 1 and its sign is that of its largest entry.

    References
    ----------
    Härkönen et al. (2020), "GANSpace: discovering interpretable GAN controls", NeurIPS, section 2.2.
    """
    latents = model.draw_latents(DIRECTION_SAMPLES, generator)  # (M, L)
    given = torch.cat([latents, model.asked(None, len(latents))], 1)
    features: Tensor = model.generator.features(given).flatten(1)  # (M, F)
    centred = features - features.mean(0)
    coordinates, _, _ = torch.linalg.svd(centred, full_matrices=False)  # (M, min(M, F)), orthonormal
    directions = coordinates[:, :count].T @ latents  # (count, L)
    largest = directions.gather(1, directions.abs().argmax(1, keepdim=True))
    found: Tensor = F.normalize(directions) * largest.sign()
    return found


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
