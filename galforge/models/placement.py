"""Where a model runs: settings of the configuration and of every stage that uses a model. No torch here."""

from typing import Literal

from galforge.core.settings import Section, setting


class Placement(Section):
    """Where a model runs."""

    device: Literal["auto", "cpu", "cuda"] = setting("where networks run; auto: a GPU where there is one")
    # Part of the result, since the order of sums changes the last bits of the weights.
    threads: int = setting("of each training, on a CPU", ge=1, le=256)
