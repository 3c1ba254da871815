"""The validation at the end of each epoch."""

import torch
from torch import Tensor

from galforge.models.trainable import Trainable, evaluating
from galforge.training.data import StampSource

EVALUATION_BATCH = 256  # stamps


def validate(model: Trainable, stamps: StampSource, seed: int) -> tuple[dict[str, float], dict[str, float]]:
    """Return the validation terms, averaged over the stamps, and what the model monitors.

    Parameters
    ----------
    model : Trainable
    stamps : StampSource
        At least one stamp, on the model's device.
    seed : int
        The same seed gives the same draws.
    """
    generator = torch.Generator(stamps.device).manual_seed(seed)
    sums: dict[str, Tensor] = {}
    monitored: dict[str, float] | None = None
    with evaluating(model):
        for batch in stamps.batches(EVALUATION_BATCH):
            for name, value in model.validation_losses(batch, generator).items():
                sums[name] = sums.get(name, 0) + value.double() * len(batch)
            if monitored is None:
                monitored = model.monitor(batch, torch.Generator(stamps.device).manual_seed(seed))
    return {name: float(value) / stamps.count for name, value in sums.items()}, monitored or {}
