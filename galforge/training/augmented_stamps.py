"""Training stamps in a new view each time they are drawn."""

from collections.abc import Iterator, Sequence

import torch

from galforge.core.seeds import derive_seed
from galforge.models.batch import Batch
from galforge.training.augmentation import augment_batch
from galforge.training.augmentation_settings import Augmentation
from galforge.training.data import StampSource


class AugmentedStamps(StampSource):
    """The batches of another source, augmented on their device.

    Parameters
    ----------
    source : StampSource
    augmentation : Augmentation
    angles : sequence of (int, int), optional
        Which conditions are cosine and sine of the double of an angle, and turn with the stamp.
    unit_range : bool, optional
        Whether the stamps are in [0, 1].

    Notes
    -----
    The views of a batch depend on the seed of its epoch and on its number alone, so a resumed training
    sees the views that it would have seen.
    """

    def __init__(
        self,
        source: StampSource,
        augmentation: Augmentation,
        angles: Sequence[tuple[int, int]] = (),
        unit_range: bool = True,
    ) -> None:
        self.source, self.augmentation, self.angles, self.unit_range = (
            source,
            augmentation,
            angles,
            unit_range,
        )
        self.count, self.image_shape, self.device = source.count, source.image_shape, source.device

    def shuffled(self, seed: int, batch_size: int, first: int) -> Iterator[Batch]:
        """See :meth:`StampSource.shuffled`; each stamp in a view of its own."""
        for number, batch in enumerate(self.source.shuffled(seed, batch_size, first), start=first):
            generator = torch.Generator(self.device).manual_seed(derive_seed(seed, "augmentation", number))
            yield augment_batch(batch, self.augmentation, generator, self.angles, self.unit_range)

    def batches(self, batch_size: int) -> Iterator[Batch]:
        """See :meth:`StampSource.batches`; the stamps as they are."""
        return self.source.batches(batch_size)
