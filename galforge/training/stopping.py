"""When a training has learnt enough, and which of its weights to keep."""

import math
from typing import Any

from torch import Tensor

from galforge.models.trainable import Trainable


class Best:
    """The epoch with the lowest validation loss, and how long ago it was.

    Parameters
    ----------
    patience : int, optional
        Epochs without a lower loss after which the training ends; None: never.
    keep_weights : bool
        Whether the weights of that epoch are kept.

    Attributes
    ----------
    weights : dict of str to Tensor, optional
        A copy on the CPU of the whole state of the best epoch.
    """

    def __init__(self, patience: int | None, keep_weights: bool) -> None:
        self.patience, self.keep_weights = patience, keep_weights
        self.loss, self.epoch, self.stale = math.inf, 0, 0
        self.weights: dict[str, Tensor] | None = None

    @property
    def ends(self) -> bool:
        """Whether the patience is exhausted."""
        return self.patience is not None and self.stale >= self.patience

    def see(self, loss: float, epoch: int, model: Trainable) -> None:
        """Note an epoch's validation loss and, where it is the lowest yet, the weights."""
        if loss < self.loss:
            self.loss, self.epoch, self.stale = loss, epoch, 0
            if self.keep_weights:
                self.weights = {
                    name: value.detach().to("cpu", copy=True) for name, value in model.state_dict().items()
                }
        else:
            self.stale += 1

    def state(self) -> dict[str, Any]:
        """Return what :meth:`restore` needs."""
        return {"loss": self.loss, "epoch": self.epoch, "stale": self.stale, "weights": self.weights}

    def restore(self, state: dict[str, Any]) -> None:
        """Resume from a saved state."""
        self.loss, self.epoch, self.stale = state["loss"], state["epoch"], state["stale"]
        self.weights = state["weights"]
