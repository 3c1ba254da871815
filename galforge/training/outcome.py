"""How a training ended, and what it published."""

from dataclasses import dataclass, field

from torch import Tensor

History = list[dict[str, float]]


@dataclass(frozen=True)
class Outcome:
    """How a training ended.

    Attributes
    ----------
    status : str
        ``"ok"`` or ``"failed"``: a loss that is no longer finite.
    reason : str
        Which term at which step; empty if ok.
    history : list of dict
        One row per epoch.
    seconds : float
        Wall-clock time in training, including the earlier attempts of a resumed run.
    weights : dict of str to Tensor
        What is published. After a failure, those of the last good state; empty if none was saved.
    remainder : dict of str to Tensor
        The model's other weights, for further training.
    epoch : int
        The epoch after which the weights were these; 0 if the training failed.
    warnings : list of str
        What the model says of its training.
    film, film_steps : list
        Frames, uint8 (stamps, C, H, W), and after how many steps each was taken.
    interim : list of dict
        One row per validation within the epochs, where there are such.
    """

    status: str
    reason: str
    history: History
    seconds: float
    weights: dict[str, Tensor]
    remainder: dict[str, Tensor] = field(default_factory=dict)
    epoch: int = 0
    warnings: list[str] = field(default_factory=list)
    film: list[Tensor] = field(default_factory=list)
    film_steps: list[int] = field(default_factory=list)
    interim: History = field(default_factory=list)
