"""The settings of a normalizing flow over latents. No torch here."""

from typing import Annotated, Final, Literal

from pydantic import Field

from galforge.core.settings import setting
from galforge.networks.base_settings import StrictSection

LARGEST_SIZE: Final = 256  # components of a latent, and features; what a flow weighs grows with their product


class FlowSettings(StrictSection):
    """The settings of a normalizing flow, and of its share in a training.

    The bounds hold together, too: with LARGEST_SIZE the largest flow has some 0.3 billion weights.
    """

    kind: Literal["maf", "spline"] = setting(
        "what each layer does to a component, given those before it: maf: shift and scale it; spline: a "
        "monotonic rational-quadratic spline of it, which bends more with fewer layers",
        source="maf: Lanusse et al. (2020), after Papamakarios et al. (2017); spline: Durkan et al. (2019)",
    )
    layers: int = setting(
        "autoregressive layers, each over the components in an order of its own, drawn at random",
        source="8 in Lanusse et al. (2020)",
        ge=1,
        le=32,
    )
    hidden: tuple[Annotated[int, Field(ge=1, le=1024)], ...] = setting(
        "units of each hidden layer of the masked network inside a layer of the flow",
        source="[256, 256] in Lanusse et al. (2020)",
        min_length=1,
        max_length=4,
        strict=False,  # a list in JSON
    )
    share: float = setting(
        "share of all steps that the flow gets, after the steps of the model whose latents it learns",
        source="50,000 of 175,000 steps in Lanusse et al. (2020)",
        gt=0,
        lt=1,
    )
