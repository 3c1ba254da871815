"""The record of a training of a network that recognizes. No torch here."""

from typing import Annotated, Any, Literal

from pydantic import Field

from galforge.core import records
from galforge.core.names import Name, Sha256
from galforge.models.record import Channels, Side
from galforge.recognition.settings import Target


class RecognizerRecord(records.Statement):
    """What is used of the record of a training."""

    recognizer: Name
    variant: Name
    repeat: Annotated[int, Field(ge=1)]
    target: Target
    network: Name
    network_settings: dict[str, Any]
    names: list[str]
    image_shape: tuple[Channels, Side, Side]
    recipe: dict[str, Any]
    parameters: Annotated[int, Field(ge=0)]
    training_seconds: float
    measures: dict[str, dict[str, float]]
    status: Literal["ok", "failed"]
    reason: str
    weights_digest: Sha256
