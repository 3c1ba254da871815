"""What simulated cosmology images are, for the configuration and the simulation."""

from typing import Literal

from galforge.core.settings import Section, setting

Part = Literal["labeled", "scored"]
PART = setting("labeled: clean and spoilt fields; scored: fields with a score from 0 to 8")


class CosmologySettings(Section):
    """Fields of galaxies in two parts, of which one is the survey."""

    count: int = setting("fields in each part", ge=2)
    part: Part = PART
