"""The generative adversarial network of Goodfellow et al. (2014): a discriminator that classifies."""

import torch
import torch.nn.functional as F
from torch import Tensor

from galforge.models.adversarial import AdversarialModel
from galforge.models.batch import Batch
from galforge.models.gan.settings import GANSettings


class GAN(AdversarialModel):
    """A discriminator that gives the probability of a stamp's being real, and a generator that raises it.

    The discriminator's loss is the binary cross-entropy of its answers to real and to generated stamps
    (Eq. 1 of Goodfellow et al. 2014), the mean of the two; the generator's is -log D(G(z)), their
    "non-saturating" form.

    Parameters
    ----------
    image_shape, settings, conditions
        See :class:`AdversarialModel`.
    """

    def __init__(self, image_shape: tuple[int, int, int], settings: GANSettings, conditions: int = 0) -> None:
        super().__init__(image_shape, settings, conditions)
        self.output, self.fake, self.smoothing = settings.output, settings.fake, settings.smoothing
        self.span = 2.0 if self.output == "tanh" else 1.0
        self.instance_noise = settings.instance_noise
        self.register_buffer("noise", torch.tensor(self.span * self.instance_noise))
        self.noise: Tensor

    def advance(self, step: int, total_steps: int) -> None:
        """Let the instance noise fall."""
        self.noise.fill_(self.span * self.instance_noise * (1 - step / total_steps))

    def generate(self, latents: Tensor) -> Tensor:
        """Return stamps in [-1, 1] or [0, 1] of latents (N, latent_size)."""
        logits: Tensor = self.generator(latents)
        return torch.tanh(logits) if self.output == "tanh" else torch.sigmoid(logits)

    def to_network(self, images: Tensor) -> Tensor:
        """Return stamps of [0, 1] in the range of the generator's."""
        return 2 * images - 1 if self.output == "tanh" else images

    def from_network(self, images: Tensor) -> Tensor:
        """Return stamps of [0, 1] of those in the generator's range."""
        return (images + 1) / 2 if self.output == "tanh" else images

    def score(self, batch: Batch) -> Tensor:
        """Return the probability that the discriminator gives to stamps of being real, (N,).

        The ETH report takes it for the similarity of a picture to those of the training.
        """
        return torch.sigmoid(super().score(batch))

    def discriminator_losses(
        self, real: Tensor, fake: Tensor, asked: Tensor, generator: torch.Generator
    ) -> dict[str, Tensor]:
        """Return ``loss`` and ``accuracy``, the share of stamps that are classified right."""
        if self.fake == "noise":
            noise = torch.rand(fake.shape, generator=generator, device=fake.device)
            fake = self.to_network(noise)
        logits = self._logits(real, asked, generator), self._logits(fake, asked, generator)
        losses = [
            F.binary_cross_entropy_with_logits(values, self._targets(values, side, generator))
            for values, side in zip(logits, (1.0, 0.0), strict=True)
        ]
        right = (logits[0] > 0).float().mean(), (logits[1] < 0).float().mean()
        return {"loss": (losses[0] + losses[1]) / 2, "accuracy": (right[0] + right[1]) / 2}

    def generator_losses(self, fake: Tensor, asked: Tensor, generator: torch.Generator) -> dict[str, Tensor]:
        """Return ``loss``."""
        return {"loss": F.softplus(-self._logits(fake, asked, generator)).mean()}

    def validation_losses(self, batch: Batch, generator: torch.Generator) -> dict[str, Tensor]:
        """Return the terms of both networks; ``loss`` is the generator's."""
        asked = self.asked(batch.condition, len(batch))
        fake = self.generate(torch.cat([self.draw_latents(len(batch), generator), asked], 1))
        terms = self.discriminator_losses(self.to_network(batch.image), fake, asked, generator)
        loss = self.generator_losses(fake, asked, generator)["loss"]
        named = {f"discriminator_{name}": value for name, value in terms.items()}
        return {"loss": loss, **named, "generator_loss": loss}

    def _logits(self, images: Tensor, asked: Tensor, generator: torch.Generator) -> Tensor:
        """Return the discriminator's logits (N,) of stamps with the noise of the moment."""
        if self.instance_noise:
            drawn = torch.randn(images.shape, generator=generator, device=images.device)
            images = images + self.noise * drawn
        logits: Tensor = self.discriminator(self.shown(images, asked))
        return logits.float()

    def _targets(self, logits: Tensor, side: float, generator: torch.Generator) -> Tensor:
        drawn = torch.rand(logits.shape, generator=generator, device=logits.device)
        return (side - self.smoothing * drawn).abs()


build = GAN
