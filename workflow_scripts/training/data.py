"""Stamps as tensors."""

from pathlib import Path

import torch
from torch import Tensor

from workflow_scripts.datasets.stamp_file import read_stamps
from workflow_scripts.training.device import memory_format


def stamp_tensor(dataset: Path, split: str, device: torch.device) -> Tensor:
    """Return one side of a dataset's split on a device, float32 (N, C, H, W)."""
    images = torch.from_numpy(read_stamps(dataset, split).image)
    return images.to(device, memory_format=memory_format(device))
