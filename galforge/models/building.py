"""From a model's record to the model."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from galforge.core.errors import ConfigurationError, InputError
from galforge.core.files import check_digest, read_json
from galforge.models import registry as models
from galforge.models.base import GenerativeModel


def build_model(
    family: str, settings: Mapping[str, Any], image_shape: tuple[int, int, int]
) -> GenerativeModel:
    """Return an untrained model; its weights come from torch's global generator.

    Parameters
    ----------
    family : str
        A name of :mod:`galforge.models.registry`.
    settings : mapping
        As the configuration and ``model.json`` have them.
    image_shape : tuple of int
        (C, H, W).

    Raises
    ------
    ConfigurationError
        For an unknown family, network or setting.
    """
    model: GenerativeModel = models.build(family, settings, image_shape)
    return model


def load_model(weights: Path, record: Path, extras: Path | None = None) -> GenerativeModel:
    """Return a trained model in evaluation mode.

    Parameters
    ----------
    weights : Path
        ``weights.safetensors`` as published.
    record : Path
        Its ``model.json``.
    extras : Path, optional
        ``extras.safetensors`` of the same training, with the weights that sampling does not need, such as a
        discriminator's. Without it those are NaN, so that nothing they give can be taken for a result.

    Raises
    ------
    InputError
        If the files are not those that the record describes, or it describes no model that there is.
    """
    facts = read_json(record)
    check_digest(weights, facts["weights_digest"], record)
    if extras is not None:
        check_digest(extras, facts["extras_digest"], record)
    channels, height, width = facts["image_shape"]
    try:
        model = build_model(facts.get("family"), facts["settings"], (channels, height, width))
    except ConfigurationError as error:
        raise InputError(f"{record}: {error}") from error
    try:
        state = load_file(weights)
        if differing := sorted(state.keys() ^ model.published_state().keys()):
            raise InputError(f"{weights}: does not fit the model of {record} ({differing[0]})")
        if extras is None:
            rest = {name: torch.full_like(value, torch.nan) for name, value in model.state_dict().items()
                    if name not in state and value.is_floating_point()}  # fmt: skip
        else:
            rest = {name.removeprefix("remainder/"): value for name, value in load_file(extras).items()
                    if name.startswith("remainder/")}  # fmt: skip
        model.load_state_dict({**rest, **state}, strict=False)
    except (SafetensorError, RuntimeError) as error:
        raise InputError(f"{weights}: does not fit the model of {record} ({error})") from error
    return model.eval()
