"""The section ``latents``."""

from typing import Annotated

from galforge.core.names import Name
from galforge.core.settings import EachOnce, setting
from galforge.evaluation.latent_trials import LatentTrials


class Latents(LatentTrials):
    """What is asked of the latents of models that encode."""

    classes: dict[Name, Annotated[list[str], EachOnce]] = setting(
        "classes of galaxies that are learnt from the latents and mapped, by dataset: columns of text or of "
        "whole numbers, and questions of votes, of which a galaxy's class is the answer with the most; none "
        "by default",
        default=None,
    )
