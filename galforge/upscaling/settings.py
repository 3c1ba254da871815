"""The settings of networks from places to pixels. No torch here."""

from typing import Literal

from pydantic import model_validator

from galforge.core.settings import Section, refuse, setting
from galforge.models.placement import Placement
from galforge.training.recipe import Recipe


class UpscalerSettings(Section):
    """A network from (x, y) to a value or a colour, and what it is fitted to."""

    size: int = setting(
        "side of the picture that is fitted", unit="px", source="128 in the ETH report", ge=8, le=1024
    )
    drawn_size: int = setting(
        "side at which it is drawn", unit="px", source="1,000 in the ETH report", ge=8, le=4096
    )
    layers: int = setting("hidden layers", ge=1, le=64)
    width: int = setting("units of a hidden layer", ge=1, le=4096)
    activation: Literal["relu", "tanh", "sine"] = setting(
        "of the hidden layers; sine: of 30 times the sum, with the start of its paper",
        source="sine: Sitzmann et al. (2020), arXiv:2006.09661",
    )
    channels: Literal[1, 3] = setting("3: a colour; 1: a value, of a grey picture")
    threshold: float | None = setting(
        "null: the value itself; otherwise whether it is above this one, as the ETH report proposes",
        gt=0,
        lt=1,
    )


class PictureSource(Section):
    """Where a picture comes from; one of three."""

    path: str = setting("file of the user's", min_length=1, default=None)
    scikit_image: Literal["astronaut", "coffee"] = setting(
        "a colour picture that scikit-image ships", default=None
    )
    survey: str = setting("one of the section surveys, of pictures", default=None)
    number: int = setting("which of the survey's pictures, from 0", ge=0, default=None)

    @model_validator(mode="after")
    def _one_of_three(self) -> "PictureSource":
        given = [name for name in ("path", "scikit_image", "survey") if getattr(self, name) is not None]
        if len(given) != 1 or (self.number is None) != (self.survey is None):
            refuse("path, or scikit_image, or survey with number", key=(given or ["path"])[0])
        return self


class UpscalerTraining(Placement):
    """The fit of a network to one picture."""

    upscaler: str
    picture: str
    source: PictureSource
    settings: UpscalerSettings
    recipe: Recipe
    seed: int

    @property
    def label(self) -> str:
        """What is fitted to what, for progress lines."""
        return f"fit_upscaler {self.upscaler}/{self.picture}"
