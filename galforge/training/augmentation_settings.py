"""The settings of an augmentation, for the configuration and the stages. No torch here."""

from typing import Literal

from galforge.core.settings import Section, setting


class Augmentation(Section):
    """How training stamps are varied, anew for each batch; colours never are."""

    flips: bool = setting("mirror half of them")
    rotation: Literal["none", "right_angles", "free"] = setting("by which angles they are turned")
    translation: float = setting("largest shift, of the stamp's width", ge=0, le=0.25)
