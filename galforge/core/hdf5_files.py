"""HDF5 files: whole or absent, even on a full disk, and a damaged one is named."""

import contextlib
import hashlib
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import h5py

from galforge.core.declared import check_declared
from galforge.core.errors import NO_LOCKS, InputError, refusal
from galforge.core.files import replacing

_SEAL = "attributes_digest"  # the root attribute that holds the SHA-256 of all others


class PatientStream(io.FileIO):
    """A file that keeps its first failed write to itself and forgets what is written after it.

    HDF5 does not accept a failed write: it tries again as each of its objects is freed, with a traceback for
    each, and ends in an error that has neither a number nor a name.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, "w+b")
        self._error: OSError | None = None

    def write(self, data: Any) -> int:
        """Write all of ``data``, or nothing more once a write has failed."""
        rest = memoryview(data).cast("B")
        size = len(rest)
        try:
            while rest and self._error is None:
                rest = rest[super().write(rest) :]
        except OSError as error:
            self._error = error
        return size

    def check(self) -> None:
        """Raise the error of the first write that failed, if one has."""
        if self._error is not None:
            raise self._error


@contextlib.contextmanager
def writing_hdf5(path: Path) -> Iterator[tuple[h5py.File, PatientStream]]:
    """Give a new HDF5 file that becomes ``path`` when the block ends well, and the stream behind it.

    A long write calls the stream's ``check`` now and then; at the end that is done here.

    Raises
    ------
    OSError
        If it could not be written.
    """
    with replacing(path) as temporary, PatientStream(temporary) as stream:
        try:
            with h5py.File(stream, "w") as file:
                yield file, stream
                file.attrs[_SEAL] = _attributes_digest(file)
        finally:
            # Even where HDF5 has noticed: its own error does not say why.
            stream.check()


def _attributes_digest(file: h5py.File) -> str:
    stated = sorted((name, str(value)) for name, value in file.attrs.items() if name != _SEAL)
    return hashlib.sha256(json.dumps(stated).encode()).hexdigest()


@contextlib.contextmanager
def opened_hdf5(path: Path | str, kind: str, parts: Sequence[str]) -> Iterator[h5py.File]:
    """Open a file to read; what cannot be read, at once or later, is an InputError.

    Parameters
    ----------
    path : Path or str
    kind : str
        What it should be, for the error: ``"a stamp file"``.
    parts : sequence of str
        What such a file has.

    Raises
    ------
    InputError
        If it is missing, cannot be read now or by this user, is not of that kind, or is damaged.
    """
    try:
        with open_to_read(path) as file:
            if missing := [name for name in parts if name not in file]:
                raise InputError(f"{path}: is not {kind}, it has no {', '.join(missing)}")
            check_declared(path, file)
            if file.attrs.get(_SEAL) != _attributes_digest(file):
                raise damaged(path, "its attributes do not have their digest")
            yield file
    # HDF5's own checks fail as any of these, by where in the file the damage is.
    except (OSError, RuntimeError, LookupError, ValueError, TypeError, AttributeError) as error:
        # A number means that the system did not give the file, which may be a good one.
        if isinstance(error, OSError) and error.errno:
            raise InputError(f"{path}: {refusal(error)}") from error
        raise damaged(path, " ".join(str(error).split())) from error


def open_to_read(path: Path | str, **options: Any) -> h5py.File:
    """Return an open HDF5 file, without a lock where its file system has none.

    Parameters
    ----------
    path : Path or str
    **options
        As h5py takes them.

    Raises
    ------
    InputError
        If the system does not give it, which may be a good file: missing, not this user's, held by another
        program.
    OSError
        Without a number, if it is damaged or not HDF5.
    """
    try:
        return h5py.File(path, "r", **options)
    except BlockingIOError as error:
        raise InputError(
            f"{path}: is held open for writing by another program; close it there, or wait until it is done"
        ) from error
    except OSError as error:
        if error.errno in NO_LOCKS:
            return h5py.File(path, "r", locking=False, **options)
        if error.errno:
            raise InputError(f"{path}: {refusal(error)}") from error
        raise


def damaged(path: Path | str, reason: str) -> InputError:
    """Return the error of an HDF5 file that cannot be read as what it should be."""
    return InputError(f"{path}: is damaged or not HDF5; remove it to have it made again ({reason})")
