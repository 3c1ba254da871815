"""A model that trains well and returns nothing of use: what the judge must not be taken in by."""

import torch
from galforge.models.broken.settings import BrokenSettings
from torch import Tensor, nn

from galforge.models.base import GenerativeModel
from galforge.models.batch import Batch


class BrokenModel(GenerativeModel):
    """Its samples are NaN, or all of one value, or three whatever is asked for."""

    def __init__(self, image_shape: tuple[int, int, int], settings: BrokenSettings) -> None:
        super().__init__(image_shape)
        self.returns = settings.returns
        self.level = nn.Parameter(torch.zeros(()))

    def training_losses(self, batch: Batch, phase: str, generator: torch.Generator) -> dict[str, Tensor]:
        return {"loss": ((batch.image - self.level) ** 2).mean()}

    def sample(self, count: int, generator: torch.Generator, condition: Tensor | None = None) -> Tensor:
        if self.returns == "three":
            return torch.rand((3, *self.image_shape), generator=generator)
        level = torch.nan if self.returns == "nan" else self.level.item()
        return torch.full((count, *self.image_shape), level)


build = BrokenModel
