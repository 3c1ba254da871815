"""What a file says of its own size, looked at before it is read: a few bytes may declare gigabytes."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import h5py

from galforge.core.errors import InputError

MOST_UNSTORED_BYTES: Final = 1 << 28
MOST_RATIO: Final = (
    100  # of what is declared to what is stored; stamps of real galaxies compress tenfold at most
)


def check_declared(path: Path | str, file: h5py.File) -> None:
    """Insist that a file holds what it declares, and holds it itself.

    Raises
    ------
    InputError
        If its datasets are far larger than the file, or lie in other files.
    """
    check_size(path, sum(_declared_bytes(path, file, set())))


def check_size(path: Path | str, declared: int) -> None:
    """Insist that a file can hold what it declares, with room for compression.

    Raises
    ------
    InputError
        If the ``declared`` bytes are far more than those of the file.
    """
    stored = Path(path).stat().st_size
    if declared > MOST_UNSTORED_BYTES + MOST_RATIO * stored:
        raise InputError(
            f"{path}: has {stored:,} bytes and declares {declared:,}, more than can be in it; it is not read"
        )


def _declared_bytes(path: Path | str, group: h5py.Group, seen: set[int]) -> Iterator[int]:
    # Groups may hold each other in a circle.
    if (address := h5py.h5o.get_info(group.id).addr) in seen:
        return
    seen.add(address)
    for name in group:
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            raise InputError(f"{path}: {name} is a link; allowed: datasets in the file itself")
        part = group[name]
        if isinstance(part, h5py.Group):
            yield from _declared_bytes(path, part, seen)
            continue
        if part.is_virtual or part.external:
            raise InputError(f"{path}: {name} lies in another file; allowed: datasets in the file itself")
        yield math.prod(part.shape or ()) * part.dtype.itemsize
