"""The section ``training``: how trainings are carried out, the same for all."""

from galforge.core.settings import setting
from galforge.training.carrying_out import CarryingOut


class Training(CarryingOut):
    """How every training is carried out."""

    tensorboard: bool = setting("curves in <results>/logs/tensorboard, once tensorboard is installed")
