"""The progressively grown Wasserstein GAN of Dia et al. (2019)."""

import math

import torch
from torch import Tensor

from galforge.models.adversarial import AdversarialModel
from galforge.models.batch import Batch
from galforge.models.progressive_gan.settings import ProgressiveGANSettings
from galforge.networks.progressive.network import enlarge, levels_of, reduce


class ProgressiveGAN(AdversarialModel):
    """A Wasserstein GAN with gradient penalty whose networks grow from 4 x 4 px to the stamp's size.

    The discriminator ("critic") maximises D(real) - D(fake), an estimate of the Wasserstein-1 distance
    as long as the gradient of D has length 1: penalty * (|grad D(x)| - 1)**2 sees to that at points x on
    lines between real and generated stamps (Gulrajani et al. 2017, Eq. 3). A little of D(real)**2 keeps
    its output near 0 (Karras et al. 2018, A.1). The generator maximises D(fake).

    Growth: at 4 x 4 px first; then a level at a time is faded in, in both networks and in the real stamps
    at once, and trained as it is. These phases have all the same number of steps and take ``growth_share``
    of the training together; the rest is at full size. Real stamps are reduced by means of blocks. All
    this is a function of the step alone. Karras et al. start the optimizers afresh at each level; here the
    weights that come in do so, and the others go on (with betas of 0 and 0.99 Adam remembers a hundred
    steps).

    Parameters
    ----------
    image_shape, settings, conditions
        See :class:`AdversarialModel`; the networks are those of ``networks/progressive``.

    References
    ----------
    Dia et al. (2019), "Galaxy image simulation using progressive GANs"; Gulrajani et al. (2017), "Improved
    training of Wasserstein GANs"; Karras et al. (2018), "Progressive growing of GANs", ICLR.
    """

    def __init__(
        self, image_shape: tuple[int, int, int], settings: ProgressiveGANSettings, conditions: int = 0
    ) -> None:
        super().__init__(image_shape, settings, conditions)
        self.levels = levels_of(image_shape[1])
        self.growth_share = settings.growth_share
        self.penalty, self.drift = settings.penalty, settings.drift
        # A buffer, so that it goes with the weights that it belongs to: into the state, their average, and
        # what is published. While training, the number is at hand: asking a GPU for it would wait for it.
        self._grown = float(self.levels)
        self.register_buffer("growth", torch.tensor(self._grown))
        self.growth: Tensor

    def published_state(self) -> dict[str, Tensor]:
        """Return the generator's weights and how far it has grown."""
        return {**super().published_state(), "growth": self.growth}

    def advance(self, step: int, total_steps: int) -> None:
        """Grow."""
        self._grown = growth(step, total_steps, self.levels, self.growth_share)
        self.growth.fill_(self._grown)

    def stage(self) -> tuple[int, Tensor | None]:
        """Return the level and, while it is faded in, its share."""
        grown = self._grown if self.training else self.growth.item()
        level = math.ceil(grown)
        return level, None if grown == level else self.growth - (level - 1)

    def generate(self, latents: Tensor) -> Tensor:
        """Return stamps (N, C, S, S) in [-1, 1], or somewhat beyond, of latents: S is the level's side."""
        images: Tensor = self.generator(latents, *self.stage())
        return images

    def to_network(self, images: Tensor) -> Tensor:
        """Return stamps of [0, 1] in [-1, 1], at the level's side, faded as the generator's are."""
        level, fade = self.stage()
        small = reduce(2 * images - 1, 2 ** (self.levels - level))
        if fade is None:
            return small
        coarse = enlarge(reduce(small))
        return coarse + fade * (small - coarse)

    def from_network(self, images: Tensor) -> Tensor:
        """Return stamps in [0, 1] at full size; what lies beyond is cut off."""
        return enlarge((images + 1) / 2, self.image_shape[1] // images.shape[-1]).clamp(0, 1)

    def score(self, batch: Batch) -> Tensor:
        """Return the critic's output for stamps, (N,)."""
        return self._critic(self.to_network(batch.image), self.asked(batch.condition, len(batch)))

    def discriminator_losses(
        self, real: Tensor, fake: Tensor, asked: Tensor, generator: torch.Generator
    ) -> dict[str, Tensor]:
        """Return ``loss``, ``distance`` (the estimate), ``penalty`` (unweighted) and ``accuracy``.

        The accuracy is the share of stamps on their own side of the middle between the two mean outputs.
        """
        on_real, on_fake = self._critic(real, asked), self._critic(fake, asked)
        distance = on_real.mean() - on_fake.mean()
        penalty = self.gradient_penalty(real, fake, asked, generator)
        middle = (on_real.mean() + on_fake.mean()) / 2
        right = (on_real > middle).float().mean(), (on_fake < middle).float().mean()
        return {
            "loss": self.penalty * penalty - distance + self.drift * on_real.square().mean(),
            "distance": distance,
            "penalty": penalty,
            "accuracy": (right[0] + right[1]) / 2,
        }

    def generator_losses(self, fake: Tensor, asked: Tensor, generator: torch.Generator) -> dict[str, Tensor]:
        """Return ``loss``."""
        return {"loss": -self._critic(fake, asked).mean()}

    def validation_losses(self, batch: Batch, generator: torch.Generator) -> dict[str, Tensor]:
        """Return the estimate of the distance as ``loss``: it falls as the samples get better."""
        asked = self.asked(batch.condition, len(batch))
        latents = torch.cat([self.draw_latents(len(batch), generator), asked], 1)
        real, fake = self.to_network(batch.image), self.generate(latents)
        distance = self._critic(real, asked).mean() - self._critic(fake, asked).mean()
        return {"loss": distance, "discriminator_distance": distance}

    def gradient_penalty(
        self, real: Tensor, fake: Tensor, asked: Tensor, generator: torch.Generator
    ) -> Tensor:
        """Return the mean of (|grad D(x)| - 1)**2, x uniform on a line from each real stamp to a fake one.

        The gradient is that with respect to the stamp, of which the same is asked all along the line.
        """
        shape = (len(real), 1, 1, 1)
        share = torch.rand(shape, generator=generator, device=real.device)
        # In single precision whatever the rest is in: it is a small difference of gradients.
        with torch.autocast(real.device.type, enabled=False):
            between = torch.lerp(real.float(), fake.float(), share).requires_grad_()
            output = self.discriminator(self.shown(between, asked), *self.stage()).sum()
            (gradient,) = torch.autograd.grad(output, between, create_graph=True)
            lengths: Tensor = gradient.flatten(1).norm(dim=1)
            return (lengths - 1).square().mean()

    def features(self, shown: Tensor) -> Tensor:
        """Return what the critic's last layer sees, (N, channels, 1, 1)."""
        features: Tensor = self.discriminator.features(shown, *self.stage())
        return features

    def _critic(self, images: Tensor, asked: Tensor) -> Tensor:
        scores: Tensor = self.discriminator(self.shown(images, asked), *self.stage())
        return scores.float()


def growth(step: int, total_steps: int, levels: int, share: float) -> float:
    """Return how far the networks have grown at a step: a level, or between two while one is faded in.

    Parameters
    ----------
    step, total_steps : int
    levels : int
        Doublings of the side from 4 px to the stamp's.
    share : float
        Share of the steps for growing; a phase has ``share * total_steps / (2 * levels)`` of them. Even
        phases are at rest on a level, odd ones fade in the next.
    """
    phase, part = divmod((step + 0.5) / total_steps / share * 2 * levels, 1)
    if phase >= 2 * levels:
        return float(levels)
    return phase // 2 + (part if phase % 2 else 0.0)


build = ProgressiveGAN
