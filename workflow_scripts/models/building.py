"""From a model's record to the model."""

import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file

from workflow_scripts.errors import InputError
from workflow_scripts.files import file_digest, read_json
from workflow_scripts.models.base import GenerativeModel
from workflow_scripts.targets import resolve


def build_model(target: str, settings: dict[str, Any], image_shape: tuple[int, int, int]) -> GenerativeModel:
    """Return an untrained model; its weights come from torch's global generator."""
    model: GenerativeModel = resolve(target)(image_shape, **settings)
    return model


def load_model(weights: Path, record: Path) -> GenerativeModel:
    """Return a trained model in evaluation mode.

    Parameters
    ----------
    weights : Path
        ``weights.safetensors`` as published.
    record : Path
        Its ``model.json``.

    Raises
    ------
    InputError
        If the weights are not those that the record describes.
    """
    try:
        facts = read_json(record)
    except json.JSONDecodeError as error:
        raise InputError(f"{record}: is not JSON ({error})") from error
    if file_digest(weights) != facts["weights_digest"]:
        raise InputError(f"{weights}: is damaged, its SHA-256 is not the one in {record}")
    channels, height, width = facts["image_shape"]
    model = build_model(facts["target"], facts["settings"], (channels, height, width))
    try:
        state = load_file(weights)
        if differing := sorted(state.keys() ^ model.published_state().keys()):
            raise InputError(f"{weights}: does not fit the model of {record} ({differing[0]})")
        model.load_state_dict(state, strict=False)
    except (SafetensorError, RuntimeError) as error:
        raise InputError(f"{weights}: does not fit the model of {record} ({error})") from error
    return model.eval()
