"""The history of a training for TensorBoard."""

import importlib
import shutil
from collections.abc import Callable
from pathlib import Path

from galforge.core.errors import ConfigurationError


def board(directory: Path) -> Callable[[dict[str, float], object], None]:
    """Return a function that writes rows of a history to ``directory``, for TensorBoard to show.

    What an earlier, killed training left there is removed: the resumed history holds it too.

    Raises
    ------
    ConfigurationError
        If tensorboard is not installed; the project does without it.
    """
    try:
        writers = importlib.import_module("torch.utils.tensorboard")
    except ImportError as error:
        raise ConfigurationError(
            "training.tensorboard is true, but tensorboard is not installed here; "
            "allowed: true after `pip install tensorboard`, or false"
        ) from error
    shutil.rmtree(directory, ignore_errors=True)
    writer = writers.SummaryWriter(str(directory))

    def show(row: dict[str, float], judged: object) -> None:
        for name, value in row.items():
            if name not in ("epoch", "step"):
                # One chart per quantity: train/loss and validation/loss.
                writer.add_scalar(name.replace("_", "/", 1), value, int(row["step"]))
        writer.flush()

    return show
