"""Where a training runs."""

import torch

from workflow_scripts.errors import ConfigurationError
from workflow_scripts.progress import announce


def memory_format(device: torch.device) -> torch.memory_format:
    """Return how images and weights lie in memory: channels last on a GPU, whose matrix units want it.

    On CPUs it made the training of danilov_beta_vae slower (batch 32: 42 against 58 images a second).
    """
    return torch.channels_last if device.type == "cuda" else torch.contiguous_format


def choose_device(wanted: str) -> torch.device:
    """Return the device that ``training.device`` asks for.

    Parameters
    ----------
    wanted : str
        ``"cpu"``, ``"cuda"``, or ``"auto"``: a GPU where there is one, else the CPU, and says which.

    Raises
    ------
    ConfigurationError
        If ``"cuda"`` is wanted and there is none.
    """
    available = torch.cuda.is_available()
    if wanted == "cuda" and not available:
        raise ConfigurationError("training.device is 'cuda', but torch sees no GPU; allowed here: auto, cpu")
    chosen = torch.device("cuda" if available and wanted != "cpu" else "cpu")
    if wanted == "auto":
        announce(f"training.device auto: {chosen.type}")
    return chosen
