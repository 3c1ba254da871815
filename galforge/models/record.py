"""The record of a trained model, ``model.json``."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from galforge.core import records
from galforge.core.names import Name, Sha256

Channels = Annotated[int, Field(ge=1, le=64)]
Side = Annotated[int, Field(ge=1, le=4096)]


class ConditionRecord(records.Statement):
    """A number that galaxies can be asked for with; see :class:`galforge.datasets.conditions.Condition`."""

    column: str
    kind: Literal["number", "cosine", "sine", "class"]
    mean: float
    deviation: Annotated[float, Field(gt=0)]
    minimum: float
    maximum: float
    missing: Annotated[int, Field(ge=0)]
    value: str = ""


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
    conditions: tuple[ConditionRecord, ...] = ()
    observed: dict[str, float | str] = Field(default_factory=dict)


def read_record(path: Path) -> dict[str, Any]:
    """Return the content of a ``model.json``, checked; see :func:`galforge.core.records.read_record`."""
    return records.read_record(path, Record)
