"""Where a training runs."""

import ctypes
from pathlib import Path

import psutil
import torch

from galforge.core.errors import ConfigurationError
from galforge.core.gpu_lock import claim_gpu
from galforge.core.progress import remark

CONTROL_GROUPS = Path("/sys/fs/cgroup")


def memory_format(device: torch.device, compiled: bool = False) -> torch.memory_format:
    """Return how images and weights lie in memory: channels last on a GPU, whose matrix units want it.

    On a CPU only in compiled code: without, it made the training of danilov_beta_vae slower (batch 32: 42
    against 58 images/s).
    """
    return torch.channels_last if compiled or device.type == "cuda" else torch.contiguous_format


# glibc's names, and sizes (bytes): one that no freed block of a step reaches, and the most before glibc 2.35.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_KEPT_BLOCKS = (2**30, 2**25)


def keep_freed_memory() -> None:
    """Let this process keep the memory that a step frees for the next one, where glibc manages it.

    By default large blocks go back to the system, and return page by page and zeroed: that takes a tenth of
    the time of danilov_beta_vae's steps on a CPU. Peak memory stays as it is.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library; on Windows there is none of that name
        return
    # The first size that glibc accepts; without this call every larger block would come from the system.
    if any(mallopt(_M_MMAP_THRESHOLD, size) for size in _KEPT_BLOCKS):
        mallopt(_M_TRIM_THRESHOLD, _KEPT_BLOCKS[0])


def free_memory(device: torch.device) -> int:
    """Return the bytes that are free on a device; on a CPU, within the limit of a batch system's job."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    return min([int(psutil.virtual_memory().available), *_left_in_groups()])


def _left_in_groups() -> list[int]:
    """Return what the control groups (v2) of this process leave it, bytes; empty where none has a limit."""
    try:
        groups = Path("/proc/self/cgroup").read_text()
    except OSError:
        return []
    left = []
    for line in groups.splitlines():
        number, _, name = line.split(":", 2)
        place = CONTROL_GROUPS / name.lstrip("/")
        for folder in [place, *place.parents] if number == "0" else []:
            try:
                limit = (folder / "memory.max").read_text().strip()
                if limit.isdigit():
                    left.append(int(limit) - int((folder / "memory.current").read_text()))
            except OSError:
                continue
    return left


def choose_device(wanted: str) -> torch.device:
    """Return the device that ``training.device`` asks for.

    Parameters
    ----------
    wanted : str
        ``"cpu"``, ``"cuda"``, or ``"auto"``: a GPU where there is one, else the CPU, and says which. A
        GPU is this job's alone, see :func:`claim_gpu`.

    Raises
    ------
    ConfigurationError
        If ``"cuda"`` is wanted and there is none.
    """
    available = torch.cuda.is_available()
    if wanted == "cuda" and not available:
        raise ConfigurationError("training.device is 'cuda', but torch sees no GPU; allowed here: auto, cpu")
    on_gpu = available and wanted != "cpu"
    if wanted == "auto":
        remark(f"training.device auto: {'cuda' if on_gpu else 'cpu'}")
    return torch.device("cuda", claim_gpu()) if on_gpu else torch.device("cpu")
