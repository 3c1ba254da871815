"""What a model is given of some stamps."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor


@dataclass(frozen=True)
class Batch:
    """Some stamps of a dataset, and what is known of each where the model asks for it.

    Attributes
    ----------
    image : Tensor, shape (N, C, H, W)
        In [0, 1]; stamps of a dataset in flux are in units of its noise, and negative where the sky is.
    condition : Tensor, shape (N, K), optional
        Conditions, standardised; NaN where a value is missing.
    psf : Tensor, shape (N, 1, P, P), optional
        The PSF of each stamp on its pixels, of sum 1, centred on the middle pixel.
    noise : Tensor, shape (N,), optional
        Standard deviation of the noise of a pixel, in units of ``image``.
    target : Tensor, shape (N, K), optional
        What a supervised network is to predict of each stamp.
    """

    image: Tensor
    condition: Tensor | None = None
    psf: Tensor | None = None
    noise: Tensor | None = None
    target: Tensor | None = None

    def __len__(self) -> int:
        return len(self.image)

    @property
    def device(self) -> torch.device:
        """Where the stamps are."""
        return self.image.device

    def map(self, function: Callable[[Tensor], Tensor]) -> "Batch":
        """Return the batch with a function applied to each of its tensors."""
        present = {field.name: getattr(self, field.name) for field in fields(self)}
        return replace(self, **{name: function(part) for name, part in present.items() if part is not None})

    def rows(self, rows: slice | Tensor) -> "Batch":
        """Return some of the stamps, with what is known of them."""
        return self.map(lambda part: part[rows])
