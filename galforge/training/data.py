"""Stamps as batches of tensors."""

import math
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from galforge.core.device import free_memory, memory_format
from galforge.core.progress import remark
from galforge.datasets.stamp_file import image_shape
from galforge.datasets.stamp_rows import image_blocks, read_images, split_rows
from galforge.models.batch import Batch
from galforge.training.known import IMAGES_ALONE, NOTHING, Known, Wanted, known_of

# Stamps are shuffled in blocks of neighbours, many blocks at a time: when stamps are streamed, one window of
# them lies in memory. When all of them do, the order is the same.
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
    def shuffled(self, seed: int, batch_size: int, first: int) -> Iterator[Batch]:
        """Yield the batches of an epoch from number ``first`` on, of ``batch_size`` stamps each.

        The order depends on the seed alone, and every stamp comes at most once. The last, smaller batch
        is left out: batch statistics of a few stamps would disturb the normalization.
        """

    @abstractmethod
    def batches(self, batch_size: int) -> Iterator[Batch]:
        """Yield all stamps once in their own order, at most ``batch_size`` at a time."""


class StoredStamps(StampSource):
    """Stamps of a dataset as they are, with what is known of each.

    Parameters
    ----------
    known : Known
        Of all of them, on their device.
    """

    def __init__(
        self, count: int, image_shape: tuple[int, int, int], device: torch.device, known: Known
    ) -> None:
        self.count, self.image_shape, self.device, self.known = count, image_shape, device, known

    def shuffled(self, seed: int, batch_size: int, first: int) -> Iterator[Batch]:
        """See :meth:`StampSource.shuffled`."""
        windows = shuffled_windows(self.count, window_length(self.image_shape), seed)
        order = torch.from_numpy(np.concatenate(windows)).to(self.device)
        for number, images in enumerate(self._in_order(windows, batch_size, first), start=first):
            rows = order[number * batch_size : (number + 1) * batch_size]
            yield self.known.batch(images, rows)

    @abstractmethod
    def _in_order(self, windows: list[NDArray[np.int64]], batch_size: int, first: int) -> Iterator[Tensor]:
        """Yield the images of whole batches, (batch_size, C, H, W), from number ``first`` on."""

    def batches(self, batch_size: int) -> Iterator[Batch]:
        """See :meth:`StampSource.batches`."""
        for number, images in enumerate(self._one_by_one(batch_size)):
            start = number * batch_size
            yield self.known.batch(images, slice(start, start + len(images)))

    @abstractmethod
    def _one_by_one(self, batch_size: int) -> Iterator[Tensor]:
        """Yield the images of all stamps, at most ``batch_size`` at a time."""


class ResidentStamps(StoredStamps):
    """Stamps that all lie on the device, (N, C, H, W)."""

    def __init__(self, images: Tensor, known: Known = NOTHING) -> None:
        count, channels, height, width = images.shape
        super().__init__(count, (channels, height, width), images.device, known)
        self.images = images

    def _in_order(self, windows: list[NDArray[np.int64]], batch_size: int, first: int) -> Iterator[Tensor]:
        order = torch.from_numpy(np.concatenate(windows)).to(self.device)
        for batch in range(first, self.count // batch_size):
            yield self.images[order[batch * batch_size : (batch + 1) * batch_size]]

    def _one_by_one(self, batch_size: int) -> Iterator[Tensor]:
        yield from torch.split(self.images, batch_size)


class StreamedStamps(StoredStamps):
    """Stamps that stay in their file: two windows of them are in memory, the present and the next one."""

    def __init__(
        self, dataset: Path, split: str, device: torch.device, wanted: Wanted = IMAGES_ALONE
    ) -> None:
        self.dataset, self.wanted = dataset, wanted
        self.rows = split_rows(dataset, split)
        known = known_of(dataset, self.rows, wanted, device)
        super().__init__(len(self.rows), image_shape(dataset), device, known)

    def _in_order(self, windows: list[NDArray[np.int64]], batch_size: int, first: int) -> Iterator[Tensor]:
        skipped = first * batch_size
        windows = list(windows)
        while windows and skipped >= len(windows[0]):
            skipped -= len(windows.pop(0))
        windows[:1] = [window[skipped:] for window in windows[:1]]
        begun = torch.empty(0, *self.image_shape)  # a batch that is not yet full, (< batch_size, C, H, W)
        for images in self._read_ahead(windows):  # (window, C, H, W)
            # A batch may begin in one window and end in the next.
            head = min((batch_size - len(begun)) % batch_size, len(images))
            begun = torch.cat([begun, images[:head]])
            if len(begun) == batch_size:
                yield self._on_device(begun)
                begun = begun[:0]
            whole = head + (len(images) - head) // batch_size * batch_size
            for batch in range(head, whole, batch_size):
                yield self._on_device(images[batch : batch + batch_size])
            begun = torch.cat([begun, images[whole:]])
            del images

    def _one_by_one(self, batch_size: int) -> Iterator[Tensor]:
        numbers = np.arange(self.count)
        for images in self._read_ahead(np.split(numbers, range(batch_size, self.count, batch_size))):
            yield self._on_device(images)

    def _read_ahead(self, windows: Sequence[NDArray[np.int64]]) -> Iterator[Tensor]:
        """Yield the stamps of each window on the CPU while the next window is being read."""
        pending = deque(self.rows[window] for window in windows)
        with ThreadPoolExecutor(1) as reader:
            read = partial(read_images, self.dataset, stored=self.wanted.in_flux)
            reading = reader.submit(read, pending.popleft()) if pending else None
            while reading:
                images = torch.from_numpy(reading.result())
                reading = reader.submit(read, pending.popleft()) if pending else None
                yield images
                del images  # before the next window is waited for

    def _on_device(self, images: Tensor) -> Tensor:
        # A copy in either case: a part that is held elsewhere would keep the whole window in memory.
        images = images.pin_memory() if self.device.type == "cuda" else images.clone()
        return images.to(self.device, non_blocking=True, memory_format=memory_format(self.device))


FREE_SHARE = 0.5  # the rest is for weights, their moments and what a step holds


def open_stamps(
    storage: str, dataset: Path, device: torch.device, wanted: Wanted = IMAGES_ALONE
) -> tuple[StampSource, StampSource]:
    """Return the training and the validation stamps as ``training.data`` asks for.

    Parameters
    ----------
    storage : str
        ``"resident"``: on the device; ``"streamed"``: read again in each epoch; ``"auto"``: resident if
        they take at most half of what is free there; a line says which. The weights are the same.
    dataset : Path
    device : torch.device
    wanted : Wanted, optional
        What the model is given of each stamp; by default the stamp in [0, 1] alone.
    """
    splits = ("train", "validation")
    count = sum(len(split_rows(dataset, split)) for split in splits)
    needed, free = 4 * count * math.prod(image_shape(dataset)), free_memory(device)
    resident = storage == "resident" or (storage == "auto" and needed <= FREE_SHARE * free)
    remark(
        f"training.data {storage}: {'resident' if resident else 'streamed'}, "
        f"{needed / 1e9:.3g} GB of stamps, {free / 1e9:.3g} GB free on the {device.type} device"
    )
    training, validation = (
        resident_stamps(dataset, split, device, wanted)
        if resident
        else StreamedStamps(dataset, split, device, wanted)
        for split in splits
    )
    return training, validation


def dataset_batches(
    dataset: Path, batch_size: int, device: torch.device, wanted: Wanted = IMAGES_ALONE
) -> Iterator[Batch]:
    """Yield all stamps of a dataset in the order of its file, at most ``batch_size`` at a time."""
    start, known = 0, None
    for images in image_blocks(dataset, batch_size, stored=wanted.in_flux):
        known = known or known_of(dataset, None, wanted, device)
        yield known.batch(torch.from_numpy(images).to(device), slice(start, start + len(images)))
        start += len(images)


def window_length(image_shape: tuple[int, int, int]) -> int:
    """Return how many stamps a window of the shuffling holds: whole blocks, at least one."""
    return max(1, WINDOW_BYTES // (4 * int(np.prod(image_shape)) * BLOCK)) * BLOCK


def shuffled_windows(count: int, length: int, seed: int) -> list[NDArray[np.int64]]:
    """Return the numbers below ``count`` in a random order, cut into windows.

    Parameters
    ----------
    count : int
    length : int
        Numbers per window, a multiple of :data:`BLOCK`; a window holds whole blocks.
    seed : int

    Returns
    -------
    list of ndarray
        Blocks are dealt to windows at random, and the numbers of each window are shuffled; where there is
        only one window, the order is a full permutation.
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


def resident_stamps(
    dataset: Path, split: str, device: torch.device, wanted: Wanted = IMAGES_ALONE
) -> ResidentStamps:
    """Return one side of a dataset's split on a device."""
    rows = split_rows(dataset, split)
    images = torch.from_numpy(read_images(dataset, rows, stored=wanted.in_flux))
    return ResidentStamps(
        images.to(device, memory_format=memory_format(device)), known_of(dataset, rows, wanted, device)
    )
