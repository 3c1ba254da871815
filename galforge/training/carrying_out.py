"""How a training is carried out: settings of the configuration and of ``train_model``. No torch here."""

from typing import Literal

from galforge.core.settings import setting
from galforge.models.placement import Placement


class CarryingOut(Placement):
    """How a training is carried out."""

    data: Literal["auto", "resident", "streamed"] = setting(
        "resident: all stamps on the device; streamed: from the file, in bounded memory; the same weights"
    )
    precision: Literal["auto", "float32", "bfloat16"] = setting(
        "auto: bfloat16 on a GPU for models that support it, float32 otherwise"
    )
    compile: Literal["auto", True, False] = setting(
        "auto: on a GPU, and on a CPU with a C++ compiler for a training of more than minutes"
    )
