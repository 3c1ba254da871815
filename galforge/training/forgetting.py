"""Training stamps with some conditions withheld, so that a model can be asked for the others alone."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import torch

from galforge.core.seeds import derive_seed
from galforge.datasets.conditions import Condition
from galforge.models.batch import Batch
from galforge.training.data import StampSource


class ForgetfulStamps(StampSource):
    """The batches of another source, each column of each stamp withheld with a probability.

    Parameters
    ----------
    source : StampSource
    conditions : sequence of Condition
        Those of one column are withheld together.
    probability : float

    Notes
    -----
    What is withheld depends on the seed of the epoch and the number of the batch alone, so a resumed training
    goes on as it would have.
    """

    def __init__(self, source: StampSource, conditions: Sequence[Condition], probability: float) -> None:
        self.source, self.probability = source, probability
        self.count, self.image_shape, self.device = source.count, source.image_shape, source.device
        columns = list(dict.fromkeys(each.column for each in conditions))
        self.columns = torch.tensor([columns.index(each.column) for each in conditions], device=self.device)

    def shuffled(self, seed: int, batch_size: int, first: int) -> Iterator[Batch]:
        """See :meth:`StampSource.shuffled`."""
        for number, batch in enumerate(self.source.shuffled(seed, batch_size, first), start=first):
            assert batch.condition is not None
            generator = torch.Generator(self.device).manual_seed(derive_seed(seed, "conditions", number))
            shape = (len(batch), int(self.columns.max()) + 1)
            withheld = torch.rand(shape, generator=generator, device=self.device) < self.probability
            yield replace(batch, condition=batch.condition.masked_fill(withheld[:, self.columns], torch.nan))

    def batches(self, batch_size: int) -> Iterator[Batch]:
        """See :meth:`StampSource.batches`; nothing is withheld."""
        return self.source.batches(batch_size)
