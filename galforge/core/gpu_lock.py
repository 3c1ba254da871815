"""One job per GPU: a GPU belongs to the process that holds its lock."""

import os
import tempfile
import time
from pathlib import Path
from typing import TextIO

import torch

from galforge.core.errors import GalforgeError
from galforge.core.locking import hold_lock, private_folder
from galforge.core.progress import announce

POLL_S = 2.0

# Locks last as long as the process.
_held: list[TextIO] = []


def lock_folder() -> Path:
    """Return where this user's GPU locks are, on this machine."""
    return Path(tempfile.gettempdir()) / f"galforge-{os.getuid()}"


def claim_gpu() -> int:
    """Return the number of a GPU that no other job of this user's galforge has, and hold it until the end.

    Waits, with a line saying so, until one is free. GPUs are known by their UUID, so jobs agree on them
    whatever each one's ``CUDA_VISIBLE_DEVICES`` lets it see.
    """
    waiting, folder = False, private_folder(lock_folder())
    while True:
        for number in range(torch.cuda.device_count()):
            identity = torch.cuda.get_device_properties(number).uuid
            try:
                _held.append(hold_lock(folder / f"gpu-{identity}.lock", "has this GPU"))
            except GalforgeError:
                continue
            return number
        if not waiting:
            announce(f"all {torch.cuda.device_count()} GPUs are held by other jobs; waiting for one")
            waiting = True
        time.sleep(POLL_S)
