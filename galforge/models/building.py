"""From a model's record to the model."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file

from galforge.core.errors import ConfigurationError, InputError
from galforge.core.files import check_digest
from galforge.models import registry as models
from galforge.models.base import GenerativeModel
from galforge.models.record import read_record


def build_model(
    family: str, settings: Mapping[str, Any], image_shape: tuple[int, int, int], conditions: int = 0
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
    conditions : int, optional
        That a galaxy can be asked for with.

    Raises
    ------
    ConfigurationError
        For an unknown family, network or setting.
    """
    further = (conditions,) if conditions else ()
    model: GenerativeModel = models.build(family, settings, image_shape, *further)
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
    facts = read_record(record)
    check_digest(weights, facts["weights_digest"], record)
    if extras is not None:
        check_digest(extras, facts.get("extras_digest"), record)
    _check_declared(weights, record, facts)
    model = _described(facts)
    try:
        state = load_file(weights)
        if extras is None:
            rest = {name: torch.full_like(value, torch.nan) for name, value in model.state_dict().items()
                    if name not in state and value.is_floating_point()}  # fmt: skip
        else:
            rest = {name.removeprefix("remainder/"): value for name, value in load_file(extras).items()
                    if name.startswith("remainder/")}  # fmt: skip
        model.load_state_dict({**rest, **state}, strict=False)
    except (SafetensorError, RuntimeError) as error:
        raise InputError(f"{weights}: does not fit the model of {record} ({error})") from error
    model.record = facts
    return model.eval()


def _described(facts: Mapping[str, Any]) -> GenerativeModel:
    channels, height, width = facts["image_shape"]
    conditions = len(facts.get("conditions", ()))
    return build_model(facts["family"], facts["settings"], (channels, height, width), conditions)


def _check_declared(weights: Path, record: Path, facts: Mapping[str, Any]) -> None:
    """Compare what a record describes with the header of its weights, before memory is taken for either.

    Raises
    ------
    InputError
        If there is no such model, if it has other weights, or needs more memory than is free.
    """
    try:
        with torch.device("meta"):
            model = _described(facts)
    except ConfigurationError as error:
        raise InputError(f"{record}: {error}") from error
    except (RuntimeError, ArithmeticError, TypeError, ValueError, RecursionError) as error:
        # What settings that are each in bounds come to together: torch's words, and they are long.
        words = str(error).partition("\n")[0]
        raise InputError(f"{record}: describes a model that cannot be built ({words:.120})") from error
    state = model.state_dict()
    needed = sum(value.numel() * value.element_size() for value in state.values())
    if needed > (free := psutil.virtual_memory().available):
        raise InputError(
            f"{record}: describes a model of {needed / 1e9:,.3g} GB; {free / 1e9:.3g} GB of memory are free"
        )
    try:
        with safe_open(weights, framework="pt") as file:
            found = {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118 (no dict)
    except SafetensorError as error:
        raise InputError(f"{weights}: is not a file of weights ({error})") from error
    stated = {name: tuple(value.shape) for name, value in model.published_state().items()}
    differing = sorted(name for name in stated.keys() | found.keys() if stated.get(name) != found.get(name))
    if differing:
        raise InputError(f"{weights}: does not fit the model of {record} ({differing[0]})")
