"""The section ``training``: how trainings are carried out, the same for all."""

from typing import Literal

from galforge.core.settings import Section, setting


class Training(Section):
    """How every training is carried out."""

    device: Literal["auto", "cpu", "cuda"] = setting("where networks run; auto: a GPU where there is one")
    # Part of the result, since the order of sums changes the last bits of the weights.
    threads: int = setting("of each training, on a CPU", ge=1, le=256)
    data: Literal["auto", "resident", "streamed"] = setting(
        "resident: all stamps on the device; streamed: from the file, in bounded memory; the same weights"
    )
    precision: Literal["auto", "float32", "bfloat16"] = setting(
        "auto: bfloat16 on a GPU for models that support it, float32 otherwise"
    )
    compile: Literal["auto", True, False] = setting(
        "auto: on a GPU, and on a CPU with a C++ compiler for a training of more than minutes"
    )
    tensorboard: bool = setting("curves in <results>/logs/tensorboard, once tensorboard is installed")
