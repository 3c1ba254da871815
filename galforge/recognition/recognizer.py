"""A network that recognizes, with its loss."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from galforge.models.batch import Batch
from galforge.models.trainable import Trainable, evaluating

BATCH = 256  # stamps at a time, a fixed number: batches of another size may differ in the last bits


class Recognizer(Trainable):
    """Stamps (N, C, H, W) to K numbers each: the shares of classes, or a score.

    Classes and votes are learnt by cross-entropy, the sparse one of Goupil (2020) where a vote is whole.
    Scores are learnt by the sum of the absolute errors of a batch, as in the ETH report.

    Parameters
    ----------
    network : Module
        Stamps to K numbers.
    kind : str
        That of the :class:`~galforge.recognition.settings.Target`.
    """

    def __init__(self, network: nn.Module, kind: str) -> None:
        super().__init__()
        self.network, self.kind = network, kind

    def forward(self, images: Tensor) -> Tensor:
        """Return what is predicted of stamps (N, C, H, W), (N, K): shares, or scores."""
        numbers: Tensor = self.network(images)
        return numbers if self.kind == "number" else numbers.softmax(dim=1)

    def training_losses(self, batch: Batch, phase: str, generator: torch.Generator) -> dict[str, Tensor]:
        """Return ``loss``, and ``accuracy`` or ``absolute_error``."""
        assert batch.target is not None
        numbers: Tensor = self.network(batch.image)  # (N, K)
        if self.kind == "number":
            error = (numbers - batch.target).abs().mean()
            # The sum over a training's batch, in validation too, whatever the length of its own batches.
            return {"loss": error * (self.step_size or len(batch)), "absolute_error": error.detach()}
        right = numbers.argmax(dim=1) == batch.target.argmax(dim=1)
        return {"loss": functional.cross_entropy(numbers, batch.target), "accuracy": right.float().mean()}


def answers(recognizer: Recognizer, images: Tensor) -> Tensor:
    """Return what is predicted of stamps (N, C, H, W) on the CPU, (N, K), computed where the network is."""
    device = next(recognizer.parameters()).device
    with evaluating(recognizer):
        parts = [recognizer(part.to(device)).float().cpu() for part in torch.split(images, BATCH)]
    return torch.cat(parts)
