"""Room on the disk for a download and for what it unpacks to."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from galforge.core.errors import GalforgeError


def free_bytes(folder: Path) -> int:
    """Return the bytes that can be written where a folder is."""
    return shutil.disk_usage(folder).free


class Room(NamedTuple):
    """How much room there is, and how much a file needs.

    Attributes
    ----------
    unpacked_ratio : float
        Bytes that the file unpacks to, per byte of its own; 0 for a file that is used as it is.
    free : callable
        Returns the free bytes of a folder.
    """

    unpacked_ratio: float
    free: Callable[[Path], int] = free_bytes

    def check(self, folder: Path, url: str, start: int, size: int | None) -> None:
        """Raise a GalforgeError unless the rest of a file and what it unpacks to fit on the disk.

        Parameters
        ----------
        folder : Path
            Where the file goes.
        url : str
            Its address, for the message.
        start : int
            Bytes that are there already.
        size : int or None
            Bytes of the whole file; nothing is checked where they are not known.
        """
        if size is None:
            return
        rest, unpacked, free = size - start, self.unpacked_ratio * size, self.free(folder)
        if free < rest + unpacked:
            raise GalforgeError(
                f"{folder}: {free / 1e9:.3g} GB are free on the disk, but {url} needs "
                f"{(rest + unpacked) / 1e9:.3g} GB: {rest / 1e9:.3g} to download and about "
                f"{unpacked / 1e9:.3g} to unpack"
            )
