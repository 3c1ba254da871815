"""Pictures in a folder, a zip archive or an HDF5 file, read in place: nothing is unpacked."""

import hashlib
import os
import zipfile
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import category

from galforge.core.errors import InputError
from galforge.pictures.file_names import ALLOWED, MOST_BYTES, picture_suffix

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

_HDF5 = b"\x89HDF\r\n\x1a\n"
_UNREADABLE = "cannot be opened"
_REPEATED = "an earlier member of the same name"
_ILLEGIBLE = "its name has characters that no table can hold"
_UNWRITABLE = ("Cc", "Cs")  # categories of Unicode: control characters, and bytes that are no UTF-8


class Member(NamedTuple):
    """One thing that lies in a store: its path with slashes, its size in bytes, and why it is of no use."""

    name: str
    size: int
    fault: str = ""


class PictureStore(ABC):
    """Pictures in one place.

    Members of an archive are read in place, so a path that leads outside is never written to; such a
    member is not a picture, and :meth:`faults` names it.

    Parameters
    ----------
    path : Path
    pictures : sequence of Member
    others : sequence of Member
        What else lies there; each has a fault.
    """

    def __init__(self, path: Path, pictures: Sequence[Member], others: Sequence[Member] = ()) -> None:
        self.path = path
        self._pictures = sorted(pictures)
        self._others = others

    def close(self) -> None:  # noqa: B027 - a folder has nothing to close
        """Close what was opened."""

    def names(self) -> list[str]:
        """Return the files whose name is that of a picture, sorted, paths with slashes."""
        return [member.name for member in self._pictures if not member.fault]

    def faults(self) -> dict[str, str]:
        """Return the names that cannot be pictures of this store, with the reason."""
        return {member.name: member.fault for member in self._pictures if member.fault}

    def left_out(self) -> dict[str, int]:
        """Return how many things in this place are not taken for pictures, by reason, the most first."""
        return dict(Counter(member.fault for member in self._others).most_common())

    def sizes(self) -> dict[str, int]:
        """Return the size of every picture in bytes, by name."""
        return {member.name: member.size for member in self._pictures if not member.fault}

    def labels(self) -> "pd.DataFrame | None":
        """Return the labels that lie beside the pictures, a row per name of :meth:`names`."""
        return None

    @abstractmethod
    def read(self, name: str) -> "bytes | NDArray[np.generic]":
        """Return a file's content, or the pixels of a picture that has no file of its own.

        Raises
        ------
        OSError, zipfile.BadZipFile
            If it cannot be read; the checksum of an archive's member is compared.
        """


class Folder(PictureStore):
    """The pictures below a folder, those of linked folders too."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, *_sorted_out(_below(path, "", (os.path.realpath(path),))))

    def read(self, name: str) -> bytes:
        """Return a file's content."""
        return (self.path / name).read_bytes()


class Archive(PictureStore):
    """The pictures in a zip archive."""

    def __init__(self, path: Path) -> None:
        try:
            self._archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError) as error:
            raise InputError(f"{path}: is not a whole zip archive ({error})") from error
        infos = [info for info in self._archive.infolist() if not info.is_dir()]
        members = {info.filename: info for info in infos}  # of one name the last, as it is read
        pictures, others = _sorted_out(
            Member(name, info.file_size, _fault(name)) for name, info in members.items()
        )
        repeated = [info for info in infos if members[info.filename] is not info]
        others += [Member(info.filename, info.file_size, _REPEATED) for info in repeated]
        super().__init__(path, pictures, others)

    def close(self) -> None:
        """Close the archive."""
        self._archive.close()

    def read(self, name: str) -> bytes:
        """Return a member's content."""
        if (size := self._archive.getinfo(name).file_size) > MOST_BYTES:
            raise OSError(f"its {size:,} bytes are too many")
        return self._archive.read(name)


@contextmanager
def opened_store(path: Path) -> Iterator[PictureStore]:
    """Open a store, which is closed when the block ends.

    Raises
    ------
    InputError
        If there is none that can be read.
    """
    store = _store(Path(path))
    try:
        yield store
    finally:
        store.close()


def _store(path: Path) -> PictureStore:
    if path.is_dir():
        return Folder(path)
    if not path.is_file():
        raise InputError(f"{path}: there is neither a folder nor a file")
    with path.open("rb") as stream:
        start = stream.read(len(_HDF5))
    if start == _HDF5:
        from galforge.pictures.hdf5_store import (
            ImageFile,
        )  # the Snakefile, which lists folders, needs no h5py

        return ImageFile(path)
    if start[:2] == b"PK":
        return Archive(path)
    raise InputError(f"{path}: is no collection of pictures; allowed: {ALLOWED}")


def listing_digest(sizes: Mapping[str, int]) -> str:
    """Return the SHA-256 of names and sizes, which identifies a set of pictures without reading them."""
    text = "".join(f"{name}\x1f{size}\n" for name, size in sorted(sizes.items()))
    return hashlib.sha256(text.encode()).hexdigest()


def _below(folder: Path, prefix: str, above: tuple[str, ...]) -> Iterator[Member]:
    """Yield what lies below a folder; links are followed, but not in circles."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        yield Member(prefix, 0, f"a folder that {_UNREADABLE}")
        return
    for entry in entries:
        name = f"{prefix}{entry.name}"
        try:
            if entry.is_dir():
                real = os.path.realpath(entry.path)
                if real in above:
                    yield Member(f"{name}/", 0, "a link to a folder above it")
                else:
                    yield from _below(Path(entry.path), f"{name}/", (*above, real))
            elif entry.is_file():
                yield Member(name, entry.stat().st_size, _fault(name))
            else:
                yield Member(name, 0, "a link that leads nowhere" if entry.is_symlink() else "no file")
        except OSError:
            yield Member(name, 0, _UNREADABLE)


def _sorted_out(members: Iterable[Member]) -> tuple[list[Member], list[Member]]:
    """Return the pictures among members, and the others, each with the reason why it is none."""
    pictures, others = [], []
    for given in members:
        legible = "".join(
            f"\\x{ord(sign) & 0xFF:02x}" if category(sign) in _UNWRITABLE else sign for sign in given.name
        )
        member = given if legible == given.name else Member(legible, given.size, given.fault or _ILLEGIBLE)
        file = PurePosixPath(member.name)
        # macOS adds a shadow of every file to its archives.
        shadow = file.name.startswith("._")
        if picture_suffix(member.name) and not shadow:
            pictures.append(member)
        else:
            reason = f"not read by its name ({'._...' if shadow else file.suffix.lower() or 'no ending'})"
            others.append(member._replace(fault=member.fault or reason))
    return pictures, others


def _fault(name: str) -> str:
    path = PurePosixPath(name)
    return "its path leads outside" if path.is_absolute() or ".." in path.parts or "\\" in name else ""
