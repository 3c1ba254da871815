"""Stamps as batches of tensors."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from workflow_scripts.datasets.stamp_file import read_stamps
from workflow_scripts.training.device import memory_format

# Stamps are shuffled in blocks of neighbours, many blocks at a time: those of a window lie in memory
# together when they are streamed. The order is the same where all of them do.
BLOCK = 64  # stamps
WINDOW_BYTES = 256 * 2**20


class StampSource(ABC):
    """Stamps of one side of a split, in batches on a device.

    Attributes
    ----------
    count : int
    image_shape : tuple of int
        (C, H, W).
    device : torch.device
    """

    count: int
    image_shape: tuple[int, int, int]
    device: torch.device

    @abstractmethod
    def shuffled(self, seed: int, batch_size: int, first: int) -> Iterator[Tensor]:
        """Yield the batches of an epoch from number ``first`` on, (batch_size, C, H, W).

        The order depends on the seed alone, and every stamp comes at most once. The last, smaller batch
        is left out: batch statistics of a few stamps would disturb the normalization.
        """

    @abstractmethod
    def batches(self, batch_size: int) -> Iterator[Tensor]:
        """Yield all stamps once in their own order, (at most batch_size, C, H, W)."""


class ResidentStamps(StampSource):
    """Stamps that all lie on the device, (N, C, H, W)."""

    def __init__(self, images: Tensor) -> None:
        count, channels, height, width = images.shape
        self.images, self.count, self.image_shape = images, count, (channels, height, width)
        self.device = images.device

    def shuffled(self, seed: int, batch_size: int, first: int) -> Iterator[Tensor]:
        """See :meth:`StampSource.shuffled`."""
        windows = shuffled_windows(self.count, window_length(self.image_shape), seed)
        order = torch.from_numpy(np.concatenate(windows)).to(self.device)
        for batch in range(first, self.count // batch_size):
            yield self.images[order[batch * batch_size : (batch + 1) * batch_size]]

    def batches(self, batch_size: int) -> Iterator[Tensor]:
        """See :meth:`StampSource.batches`."""
        yield from torch.split(self.images, batch_size)


def window_length(image_shape: tuple[int, int, int]) -> int:
    """Return how many stamps a window of the shuffling holds: whole blocks, at least one."""
    return max(1, WINDOW_BYTES // (4 * int(np.prod(image_shape)) * BLOCK)) * BLOCK


def shuffled_windows(count: int, length: int, seed: int) -> list[NDArray[np.int64]]:
    """Return the numbers below ``count`` in a random order, cut into windows.

    Parameters
    ----------
    count : int
    length : int
        Numbers in a window, a multiple of :data:`BLOCK`; a window holds whole blocks.
    seed : int

    Returns
    -------
    list of ndarray
        Blocks are dealt to windows at random, and the numbers of a window are shuffled: a window alone
        is a permutation of everything.
    """
    shuffle = torch.Generator().manual_seed(seed)
    blocks = torch.randperm(-(-count // BLOCK), generator=shuffle).tolist()
    windows = []
    for start in range(0, len(blocks), length // BLOCK):
        numbers = torch.cat(
            [
                torch.arange(block * BLOCK, min((block + 1) * BLOCK, count))
                for block in blocks[start : start + length // BLOCK]
            ]
        )
        windows.append(numbers[torch.randperm(len(numbers), generator=shuffle)].numpy())
    return windows


def stamp_tensor(dataset: Path, split: str, device: torch.device) -> Tensor:
    """Return one side of a dataset's split on a device, float32 (N, C, H, W)."""
    images = torch.from_numpy(read_stamps(dataset, split).image)
    return images.to(device, memory_format=memory_format(device))
