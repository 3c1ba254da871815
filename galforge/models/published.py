"""A model's folder, as a training publishes it."""

from pathlib import Path

import galforge
from galforge.core.errors import InputError
from galforge.core.files import read_json
from galforge.models.base import GenerativeModel
from galforge.models.building import load_model
from galforge.models.record import read_record


def load_published(folder: Path) -> GenerativeModel:
    """Return the model of a folder with ``weights.safetensors`` and ``model.json``, in evaluation mode.

    Raises
    ------
    InputError
        If the training failed, or the files are damaged or do not describe a model that there is; where
        another version of galforge wrote them, the error says so.
    FileNotFoundError
        If one of the two files is missing.
    """
    record = folder / "model.json"
    try:
        facts = read_record(record)
        if facts["status"] == "ok":
            return load_model(folder / "weights.safetensors", record)
    except InputError as error:
        raise InputError(f"{error}{_other_version(record)}") from error
    raise InputError(f"{record}: there is no model, its training failed ({facts['reason']})")


def _other_version(record: Path) -> str:
    try:
        facts = read_json(record)
        version = str(facts["versions"]["galforge"])
    except (InputError, KeyError, TypeError, IndexError):
        return ""
    return (
        ""
        if version == galforge.__version__
        else (f"; it was made by galforge {version!r:.20}, this is {galforge.__version__}")
    )
