"""The settings of the perceptrons of Laisney, Lalou & Marmet. No torch here."""

from typing import Annotated

from pydantic import Field

from galforge.core.settings import setting
from galforge.networks.base_settings import NetworkSettings


class LaisneyMLPSettings(NetworkSettings):
    """The settings of the perceptrons of Laisney, Lalou & Marmet."""

    hidden_sizes: tuple[Annotated[int, Field(ge=1)], ...] = setting(
        "units of the encoder's two layers; the decoder's are the mirror",
        source="10 and 5 in Table I, 40 and 20 in Table II of Laisney, Lalou & Marmet",
        min_length=2,
        max_length=2,
        strict=False,  # a list in JSON
    )
    latent_size: int = setting(
        "components of a latent", source="2 in Table I, 10 in Table II of Laisney, Lalou & Marmet", ge=1
    )
    dropout: float = setting("share of the input that is dropped while training", ge=0, lt=1)
