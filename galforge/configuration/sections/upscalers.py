"""The section ``upscalers``: networks from places to pixels, each fitted to one picture."""

from galforge.core.names import Name
from galforge.core.settings import setting
from galforge.training.recipe import Recipe
from galforge.upscaling.settings import PictureSource, UpscalerSettings


class Upscaler(UpscalerSettings):
    """A small network from (x, y) to a value or a colour, fitted to one picture at a time."""

    description: str = setting("what it is, and where the paper is silent or something is ours")
    paper: str = setting("where it is published; nowhere by default", default="")
    pictures: dict[Name, PictureSource] = setting("pictures that it is fitted to", min_length=1)
    recipe: Recipe = setting("how it is fitted; a batch is of pixels")
