"""Pictures of a training: samples of the same latents, now and then."""

from typing import Any

import torch
from torch import Tensor

from galforge.models.base import GenerativeModel
from galforge.models.trainable import evaluating
from galforge.training.recipe import FilmSettings


class Film:
    """Frames of a training, evenly spaced from before the first step to after the last.

    Parameters
    ----------
    settings : FilmSettings
    total_steps : int
    seed : int
        For the latents, the same in every frame.

    Attributes
    ----------
    frames : list of Tensor, uint8 (stamps, C, H, W)
        1 is 255.
    steps : list of int
        After how many steps each frame was taken.
    """

    def __init__(self, settings: FilmSettings, total_steps: int, seed: int) -> None:
        self.stamps, self.seed, self.total_steps = settings.stamps, seed, total_steps
        gaps = max(1, settings.frames - 1)
        self.moments = {round(frame * total_steps / gaps) for frame in range(settings.frames)}
        self.frames: list[Tensor] = []
        self.steps: list[int] = []

    def look(self, model: GenerativeModel, step: int, last: bool) -> None:
        """Take a frame if this step is one of its moments, or the training's last."""
        if step in self.steps or not (last or step in self.moments):
            return
        device = next(model.parameters()).device
        with evaluating(model):
            images = model.sample(self.stamps, torch.Generator(device).manual_seed(self.seed))
        self.frames.append((255 * images.clamp(0, 1)).round().to("cpu", torch.uint8))
        self.steps.append(step)

    def state(self) -> dict[str, Any]:
        """Return what :meth:`restore` needs."""
        return {"frames": list(self.frames), "steps": list(self.steps)}

    def restore(self, state: dict[str, Any]) -> None:
        """Resume from a saved state."""
        self.frames, self.steps = state["frames"], state["steps"]
