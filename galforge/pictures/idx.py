"""The IDX format, in which MNIST and Fashion-MNIST are published: a short header, then bytes."""

import gzip
import math
import struct
import zlib
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from galforge.core.declared import check_size
from galforge.core.errors import InputError

_GZIP: Final = b"\x1f\x8b"
_BYTES: Final = 8  # the code of unsigned bytes, the only type of pictures and labels
_MOST_SIDES: Final = 4


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Return the array of a file in the IDX format, as it is or compressed with gzip.

    The header is two bytes of zero, the code of the type, the number of dimensions, and their lengths as
    big-endian integers of 32 bits (LeCun, Cortes & Burges, "The MNIST database").

    Raises
    ------
    InputError
        If the file holds something else than unsigned bytes, less or more than it declares, or declares more
        than it can hold: that is compared before any memory is taken.
    """
    with path.open("rb") as stream:
        compressed = stream.read(len(_GZIP)) == _GZIP
        stream.seek(0)
        try:
            if compressed:
                with gzip.GzipFile(fileobj=stream) as unpacked:
                    return _array(path, unpacked)
            return _array(path, stream)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise InputError(f"{path}: is truncated or damaged ({error})") from error


class _Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...


def _array(path: Path, stream: _Stream) -> NDArray[np.uint8]:
    shape = _declared(path, stream)
    count = math.prod(shape)
    check_size(path, count)
    content = stream.read(count + 1)  # a byte more than there should be
    if len(content) != count:
        there = "more" if len(content) > count else f"{len(content):,}"
        raise InputError(f"{path}: declares {' x '.join(map(str, shape))} bytes, and {there} are there")
    return np.frombuffer(content, dtype=np.uint8).reshape(shape)


def _declared(path: Path, stream: _Stream) -> tuple[int, ...]:
    head = stream.read(4)
    if len(head) < 4 or head[:2] != b"\0\0":
        raise InputError(f"{path}: is not a file in the IDX format")
    kind, sides = head[2], head[3]
    if kind != _BYTES or not 1 <= sides <= _MOST_SIDES:
        raise InputError(
            f"{path}: holds values of type {kind:#04x} in {sides} dimensions; allowed: unsigned bytes (0x08) "
            f"in 1 to {_MOST_SIDES}"
        )
    lengths = stream.read(4 * sides)
    if len(lengths) < 4 * sides:
        raise InputError(f"{path}: ends within its header")
    return struct.unpack(f">{sides}I", lengths)
