"""Training stamps in a new view each time they are drawn."""

from collections.abc import Iterator

import torch
from torch import Tensor

from galforge.core.seeds import derive_seed
from galforge.training.augmentation import augment
from galforge.training.augmentation_settings import Augmentation
from galforge.training.data import StampSource


class AugmentedStamps(StampSource):
    """The batches of another source, augmented on their device.

    Parameters
    ----------
    source : StampSource
    augmentation : Augmentation

    Notes
    -----
    The views of a batch depend on the seed of its epoch and on its number alone, so a resumed training
    sees the views that it would have seen.
    """

    def __init__(self, source: StampSource, augmentation: Augmentation) -> None:
        self.source, self.augmentation = source, augmentation
        self.count, self.image_shape, self.device = source.count, source.image_shape, source.device

    def shuffled(self, seed: int, batch_size: int, first: int) -> Iterator[Tensor]:
        """See :meth:`StampSource.shuffled`; each stamp in a view of its own."""
        for number, images in enumerate(self.source.shuffled(seed, batch_size, first), start=first):
            generator = torch.Generator(self.device).manual_seed(derive_seed(seed, "augmentation", number))
            yield augment(images, self.augmentation, generator)

    def batches(self, batch_size: int) -> Iterator[Tensor]:
        """See :meth:`StampSource.batches`; the stamps as they are."""
        return self.source.batches(batch_size)
