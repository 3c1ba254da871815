"""How many GPUs a job asks Snakemake for, without importing torch."""

import os
from pathlib import Path

DEVICES = Path("/dev")


def gpus_wanted(device: str) -> int:
    """Return the GPUs of a job that trains or samples with ``training.device``, 0 or 1.

    For ``"auto"`` what counts is the machine that Snakemake runs on: where that has none but the nodes of
    its cluster have, say ``"cuda"``. Which GPU a job then takes is decided in ``core/gpu_lock.py``.
    """
    return int(device == "cuda" or (device == "auto" and gpu_here()))


def gpu_here() -> bool:
    """Return whether this machine shows a GPU to its jobs."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES") not in ("", "-1")
    return visible and any(DEVICES.glob("nvidia[0-9]*"))
