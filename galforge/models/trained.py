"""Using a trained model: its files, where it runs, why there may be none, and the stamps that it draws."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from galforge.core.device import choose_device
from galforge.models.base import GenerativeModel
from galforge.models.building import load_model
from galforge.models.placement import Placement
from galforge.models.record import read_record
from galforge.models.trainable import evaluating

# Stamps at a time, fixed numbers: batches of another size may differ in the last bits.
BATCH, BATCH_IN_FLUX = 64, 512


@dataclass(frozen=True)
class ModelFiles:
    """A trained model as it is published: ``weights.safetensors`` and ``model.json``."""

    weights: Path
    record: Path


@dataclass(frozen=True)
class Trained:
    """A model after its training, which may have failed.

    Attributes
    ----------
    record : dict
        The content of its ``model.json``.
    model : GenerativeModel, optional
        In evaluation mode, on its device; None where there is none, or none that can do what is wanted.
    device : torch.device
    reason : str
        Why there is none; empty where there is.
    """

    record: dict[str, Any]
    model: GenerativeModel | None
    device: torch.device
    reason: str

    @property
    def attributes(self) -> dict[str, Any]:
        """What a file that the model makes says of it."""
        return {"dataset": self.record["dataset"], "model": self.record["model"], "reason": self.reason}

    def no_images(self) -> NDArray[np.float32]:
        """Return images of the model's shape, (0, C, H, W)."""
        return np.zeros((0, *self.record["image_shape"]), dtype=np.float32)


def load_trained(files: ModelFiles, placement: Placement, encodes: bool = False) -> Trained:
    """Return a trained model where it is to run, or why there is none.

    Parameters
    ----------
    files : ModelFiles
    placement : Placement
    encodes : bool
        Whether only a model with an encoder is wanted.

    Raises
    ------
    InputError
        If the record is none, or the weights are not those that it describes.
    """
    facts = read_record(files.record)
    if facts["status"] != "ok":
        return Trained(facts, None, torch.device("cpu"), facts["reason"])
    torch.set_num_threads(placement.threads)
    device = choose_device(placement.device)
    model = load_model(files.weights, files.record).to(device)
    if encodes and not model.encodes:
        return Trained(facts, None, device, f"{facts['model']} has no encoder")
    return Trained(facts, model, device, "")


def draw_images(
    model: GenerativeModel,
    count: int,
    seed: int,
    condition: NDArray[np.float32] | None = None,
    psfs: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """Return new stamps of a model, (count, C, H, W), drawn where the model is.

    They are in [0, 1]; those of a model in flux are in units of its dataset's noise, without noise.

    Parameters
    ----------
    model : GenerativeModel
    count, seed : int
    condition : ndarray of float32, shape (count, K), optional
        What is asked of each, standardised; NaN where a value is left to the model.
    psfs : ndarray of float32, shape (count, P, P), optional
        What each galaxy of a model in flux is seen through; without them it has no PSF.
    """
    device = next(model.parameters()).device
    generator = torch.Generator(device).manual_seed(seed)
    asked = None if condition is None else torch.from_numpy(condition).to(device)
    seen_through = None if psfs is None else torch.from_numpy(psfs)[:, None].to(device)
    # A flow's components follow each other, whatever the number of galaxies: many at a time cost little more.
    size = BATCH_IN_FLUX if model.in_flux else BATCH
    batches = []
    with evaluating(model):
        for start in range(0, count, size):
            rows = slice(start, min(start + size, count))
            part = None if asked is None else asked[rows]
            images = model.galaxies(rows.stop - start, generator, part)
            if seen_through is not None:
                images = model.observed(images, seen_through[rows])
            batches.append(images.float().cpu().numpy())
    return np.concatenate([np.zeros((0, *model.image_shape), dtype=np.float32), *batches])
