"""What generative adversarial networks share: two networks, two phases, and watching them."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar

import torch
from torch import Tensor, nn

from galforge.core.seeds import derive_seed
from galforge.models.base import GenerativeModel
from galforge.models.base_settings import AdversarialSettings
from galforge.models.batch import Batch
from galforge.models.latent_walks import strongest_directions
from galforge.networks import registry as networks

DIRECTION_SAMPLES = 1024  # latents that the directions are found from
MONITORED = 64  # samples of the same latents that the diversity is measured on, each epoch
COLLAPSED = 0.5  # of the real stamps' mean pairwise distance: less is reported
OVERPOWERING = 0.99  # accuracy of a discriminator that no longer teaches
EPOCHS_TO_WARN = 3  # in a row

STATISTICS_BATCHES, STATISTICS_BATCH = 32, 64  # of samples, for the published batch statistics


class AdversarialModel(GenerativeModel):
    """A generator and a discriminator that are trained against each other.

    Subclasses say with which losses. Stamps of [0, 1] are shown to the discriminator as :meth:`to_network`
    scales them.

    With conditions, the generator is given them beside the latent, and the discriminator as further maps of
    the stamp: a constant one per value, and one per mask of what is missing (Mirza & Osindero 2014). It can
    then also tell by what a stamp shows that it is not what was asked for.

    Parameters
    ----------
    image_shape : tuple of int
        (C, H, W).
    settings : AdversarialSettings
        The network is a generator, latents to stamps, and a discriminator, stamps to a number each.
    conditions : int, optional
        That a galaxy can be asked for with, K.

    References
    ----------
    Mirza & Osindero (2014), "Conditional generative adversarial nets".
    """

    # Losses and the gradient penalty are computed in single precision whatever the networks run in.
    supports_bfloat16: ClassVar[bool] = True

    def __init__(
        self, image_shape: tuple[int, int, int], settings: AdversarialSettings, conditions: int = 0
    ) -> None:
        super().__init__(image_shape)
        self.conditions = conditions
        self.generator, self.discriminator = networks.build(
            settings.network, settings.network_settings, image_shape
        )
        if conditions:
            network = settings.network, settings.network_settings, image_shape
            self.generator = networks.build_wider(*network, latents=2 * conditions)[0]
            self.discriminator = networks.build_wider(*network, maps=2 * conditions)[1]
        self.auxiliary = settings.auxiliary if conditions else None
        self.reader = None
        if self.auxiliary:
            with torch.no_grad():
                blank = self.shown(torch.zeros(1, *image_shape), torch.zeros(1, 2 * conditions))
                features = self.discriminator.eval().features(blank)
            self.discriminator.train()
            self.reader = nn.Linear(features[0].numel(), conditions)
        self.latent_size = settings.network_settings.latent_size
        self.discriminator_steps = settings.discriminator_steps

    def phases(self, step: int, total_steps: int) -> tuple[str, ...]:
        """Return the discriminator's phase, and the generator's after it at every so many steps."""
        phases = AdversarialSettings.phases
        return phases if (step + 1) % self.discriminator_steps == 0 else phases[:1]

    def phase_parameters(self) -> dict[str, list[nn.Parameter]]:
        """Return the parameters of each network."""
        reader = list(self.reader.parameters()) if self.reader else []
        return {
            "discriminator": [*self.discriminator.parameters(), *reader],
            "generator": list(self.generator.parameters()),
        }

    def published_state(self) -> dict[str, Tensor]:
        """Return the generator's weights: the discriminator is no part of the sampler."""
        return {name: value for name, value in self.state_dict().items() if name.startswith("generator.")}

    def training_losses(self, batch: Batch, phase: str, generator: torch.Generator) -> dict[str, Tensor]:
        """Return the terms of one network; stamps are drawn from the generator as needed."""
        asked = self.asked(batch.condition, len(batch))
        latents = torch.cat([self.draw_latents(len(batch), generator), asked], 1)
        if phase == "discriminator":
            with torch.no_grad():
                fake = self.generate(latents)
            real = self.to_network(batch.image)
            terms = self.discriminator_losses(real, fake, asked, generator)
            return self._with_reading(terms, real, batch.condition)
        # Its weights are not trained here: without gradients of theirs the step takes a third less time.
        with frozen(self.discriminator):
            fake = self.generate(latents)
            terms = self.generator_losses(fake, asked, generator)
            return self._with_reading(terms, fake, batch.condition)

    def _with_reading(
        self, terms: dict[str, Tensor], images: Tensor, condition: Tensor | None
    ) -> dict[str, Tensor]:
        """Return the terms with the error of what the discriminator reads from stamps that show no maps."""
        if self.reader is None or self.auxiliary is None or condition is None:
            return terms
        shown = self.shown(images, self.asked(None, len(images)))
        read = self.reader(self.features(shown).flatten(1).float())
        known = condition.isfinite()
        error = (read - torch.where(known, condition, read)).square().sum() / known.sum().clamp(min=1)
        return {**terms, "loss": terms["loss"] + self.auxiliary * error, "reading": error}

    def features(self, shown: Tensor) -> Tensor:
        """Return what the discriminator's last layer sees of what it is shown, (N, ...)."""
        features: Tensor = self.discriminator.features(shown)
        return features

    @abstractmethod
    def discriminator_losses(
        self, real: Tensor, fake: Tensor, asked: Tensor, generator: torch.Generator
    ) -> dict[str, Tensor]:
        """Return the discriminator's terms.

        Parameters
        ----------
        real, fake : Tensor, shape (N, C, H, W)
            Stamps in the network's scale.
        asked : Tensor, shape (N, 2 K)
            Conditions of both, as networks see them.
        generator : torch.Generator
        """

    @abstractmethod
    def generator_losses(self, fake: Tensor, asked: Tensor, generator: torch.Generator) -> dict[str, Tensor]:
        """Return the generator's terms; parameters as for the discriminator's."""

    def shown(self, images: Tensor, asked: Tensor) -> Tensor:
        """Return what the discriminator sees: stamps (N, C, H, W) with the maps of conditions (N, 2 K)."""
        if not self.conditions:
            return images
        maps = asked[:, :, None, None].expand(-1, -1, *images.shape[2:])
        return torch.cat([images, maps.to(images.dtype)], 1)

    @abstractmethod
    def generate(self, latents: Tensor) -> Tensor:
        """Return stamps in the network's scale of latents (N, latent_size + 2 K), conditions among them."""

    @abstractmethod
    def to_network(self, images: Tensor) -> Tensor:
        """Return stamps of [0, 1] as the discriminator is shown them at present."""

    @abstractmethod
    def from_network(self, images: Tensor) -> Tensor:
        """Return stamps (N, C, H, W) of [0, 1] of those that the generator made."""

    def directions(self, count: int, generator: torch.Generator) -> Tensor:
        """Return the directions of the latents that matter most to the generator's first layer."""
        latents = self.draw_latents(DIRECTION_SAMPLES, generator)  # (M, L)
        given = torch.cat([latents, self.asked(None, len(latents))], 1)
        return strongest_directions(latents, self.generator.features(given).flatten(1), count)

    def decode(self, latents: Tensor, condition: Tensor | None = None) -> Tensor:
        """Return stamps (N, C, H, W) in [0, 1] of latents (N, latent_size) and conditions (N, K)."""
        return self.from_network(self._generated(latents, condition))

    def _generated(self, latents: Tensor, condition: Tensor | None) -> Tensor:
        return self.generate(torch.cat([latents, self.asked(condition, len(latents))], 1))

    def sample(self, count: int, generator: torch.Generator, condition: Tensor | None = None) -> Tensor:
        """Return the stamps of ``count`` draws of the latents."""
        return self.decode(self.draw_latents(count, generator), condition)

    def fit_sampler(self, batches: Iterable[Batch]) -> None:
        """Take the batch statistics of the generator anew, where it has any.

        Those gathered while training are of weights that changed from step to step, and not of their
        average, which is what is published (as in torch.optim.swa_utils.update_bn).
        """
        layers = [layer for layer in self.generator.modules() if isinstance(layer, nn.BatchNorm2d)]
        if not layers:
            return
        device = layers[0].weight.device
        # Without conditions the stamps are not needed, and streaming them would take as long as an epoch.
        parts = (batch.condition for batch in batches) if self.conditions else ()
        conditions = [part for part in parts if part is not None]
        generator = torch.Generator(device).manual_seed(derive_seed(0, "batch statistics"))
        momenta = [layer.momentum for layer in layers]
        for layer in layers:
            layer.reset_running_stats()
            layer.momentum = None  # a plain mean over the batches
            layer.train()
        for _ in range(STATISTICS_BATCHES):
            latents = self.draw_latents(STATISTICS_BATCH, generator)
            self._generated(latents, _drawn_rows(conditions, STATISTICS_BATCH, generator))
        for layer, momentum in zip(layers, momenta, strict=True):
            layer.momentum = momentum
            layer.eval()

    def score(self, batch: Batch) -> Tensor:
        """Return how real the discriminator takes stamps to be, (N,); more is more real."""
        asked = self.asked(batch.condition, len(batch))
        scores: Tensor = self.discriminator(self.shown(self.to_network(batch.image), asked))
        return scores

    def monitor(self, batch: Batch, generator: torch.Generator) -> dict[str, float]:
        """Return ``diversity``: the samples' mean pairwise distance over that of real stamps."""
        some = batch.rows(slice(MONITORED))
        sample = self.sample(len(some), generator, some.condition)
        real = self.from_network(self.to_network(some.image))
        return {"diversity": mean_pairwise_distance(sample) / mean_pairwise_distance(real)}

    def warnings(self, history: Sequence[dict[str, float]]) -> list[str]:
        """Return sentences for samples that resemble each other and a discriminator that always wins."""
        found = []
        if since := _since(history, "monitor_diversity", lambda value: value < COLLAPSED):
            found.append(
                f"Since epoch {since} the samples resemble each other: their mean pairwise distance is less "
                f"than {COLLAPSED:g} of the real stamps' (mode collapse)."
            )
        if since := _since(history, "train_discriminator_accuracy", lambda value: value > OVERPOWERING):
            found.append(
                f"Since epoch {since} the discriminator tells more than {OVERPOWERING:.0%} of the stamps "
                "apart: there is little left that the generator could learn from it."
            )
        return found


@contextmanager
def frozen(network: nn.Module) -> Iterator[None]:
    """Give a context in which a network passes gradients on but gets none itself."""
    network.requires_grad_(False)
    try:
        yield
    finally:
        network.requires_grad_(True)


def _drawn_rows(parts: Sequence[Tensor], count: int, generator: torch.Generator) -> Tensor | None:
    """Return ``count`` random rows of tensors; None of none."""
    if not parts:
        return None
    whole = torch.cat(list(parts))
    return whole[torch.randint(len(whole), (count,), generator=generator, device=whole.device)]


def mean_pairwise_distance(images: Tensor) -> float:
    """Return the mean Euclidean distance between all pairs of stamps (N, C, H, W)."""
    return float(torch.pdist(images.float().flatten(1)).mean())


def _since(history: Sequence[dict[str, float]], column: str, holds: Callable[[float], bool]) -> int:
    """Return the epoch since which a condition has held for long enough to be reported, else 0."""
    since, length = 0, 0
    for row in reversed(history):
        if column not in row or not holds(row[column]):
            break
        since, length = int(row["epoch"]), length + 1
    return since if length >= EPOCHS_TO_WARN else 0
