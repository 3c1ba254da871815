"""What the broken model can be set to."""

from typing import Literal

from galforge.core.settings import setting
from galforge.models.base_settings import ModelSettings


class BrokenSettings(ModelSettings):
    """The settings of a broken model, which has no networks."""

    returns: Literal["nan", "constant", "three"] = setting("what its samples are")
