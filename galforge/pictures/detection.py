"""How galaxies are found in the deep field, for the configuration and the stage. No photutils here."""

from galforge.core.settings import Section, setting


class Detection(Section):
    """How galaxies are detected and cut out."""

    threshold: float = setting("over the background", unit="standard deviations", ge=0.5, le=20)
    minimum_area: int = setting("least area of a galaxy's segment", unit="px", ge=10, le=5000)
    margin: float = setting("half the cut-out's side over the farthest reach of the segment", ge=1, le=4)
