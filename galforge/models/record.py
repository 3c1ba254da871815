"""The record of a trained model, ``model.json``."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from galforge.core import records
from galforge.core.names import Name, Sha256

Channels = Annotated[int, Field(ge=1, le=64)]
Side = Annotated[int, Field(ge=1, le=4096)]


class Record(records.Statement):
    """What is used of it. ``settings`` are the family's, which checks them when the model is built."""

    family: Name
    settings: dict[str, Any]
    image_shape: tuple[Channels, Side, Side]
    dataset: Name
    model: Name
    status: Literal["ok", "failed"]
    reason: str
    weights_digest: Sha256
    extras_digest: Sha256 | None = None


def read_record(path: Path) -> dict[str, Any]:
    """Return the content of a ``model.json``, checked; see :func:`galforge.core.records.read_record`."""
    return records.read_record(path, Record)
