"""The fit of a network to one picture, and what it is worth beside interpolation."""

import hashlib
import json
from typing import Any

import numpy as np
import torch
from torch import Tensor

from galforge.core.device import choose_device, keep_freed_memory
from galforge.core.seeds import derive_seed
from galforge.training.data import ResidentStamps
from galforge.training.known import Known
from galforge.training.loop import train
from galforge.training.outcome import Outcome
from galforge.training.state import StateStore
from galforge.upscaling.painter import Painter, grid
from galforge.upscaling.pictures import Pair, Pixels, enlarged, signal_to_noise
from galforge.upscaling.settings import UpscalerTraining

FOLLOWED = 4096  # held-out pixels whose loss is followed


def fit_key(settings: UpscalerTraining, pair: Pair, code: str) -> str:
    """Return a digest of all that the weights depend on."""
    pixels = hashlib.sha256(b"".join(part.tobytes() for part in pair)).hexdigest()
    parts = [settings.model_dump(exclude={"source"}), pixels, code, torch.__version__]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def fit(settings: UpscalerTraining, pair: Pair, store: StateStore) -> tuple[Painter, Outcome]:
    """Return the network, fitted from the saved state if there is one, and how that ended."""
    torch.set_num_threads(settings.threads)
    keep_freed_memory()
    device = choose_device(settings.device)
    torch.manual_seed(derive_seed(settings.seed, "weights", settings.upscaler, settings.picture))
    painter = Painter(settings.settings).to(device)
    random = np.random.default_rng(derive_seed(settings.seed, "held-out pixels", settings.picture))
    rows = torch.from_numpy(random.permutation(pair.truth.shape[0] ** 2)[:FOLLOWED])
    outcome = train(
        painter,
        _source(pair.fitted, None, device),
        _source(pair.truth, rows, device),
        settings.recipe,
        derive_seed(settings.seed, "training", settings.upscaler, settings.picture),
        store,
        settings.label,
    )
    if outcome.weights:
        painter.load_state_dict(outcome.weights)
    return painter, outcome


def _source(pixels: Pixels, rows: Tensor | None, device: torch.device) -> ResidentStamps:
    places = grid(len(pixels))
    values = torch.from_numpy(np.ascontiguousarray(pixels)).reshape(len(places), -1, 1, 1)
    if rows is not None:
        places, values = places[rows], values[rows]
    return ResidentStamps(values.to(device), Known(condition=places.to(device)))


def measures(painter: Painter, pair: Pair) -> dict[str, Any]:
    """Return peak signal-to-noise ratios, dB.

    ``fitted`` of the network on the pixels that it was given; on the held-out pixels ``network``, ``bicubic``
    and ``constant``, the mean of the given pixels everywhere.
    """
    side = len(pair.truth)
    constant = np.broadcast_to(pair.fitted.mean(axis=(0, 1)), pair.truth.shape)
    return {
        "fitted": signal_to_noise(painter.drawn(len(pair.fitted)).numpy(), pair.fitted),
        "network": signal_to_noise(painter.drawn(side).numpy(), pair.truth),
        "bicubic": signal_to_noise(enlarged(pair.fitted, side), pair.truth),
        "constant": signal_to_noise(constant, pair.truth),
    }
