"""Pictures in a folder or a zip archive, read in place: nothing is unpacked."""

import hashlib
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from galforge.core.errors import InputError

MOST_BYTES = 1 << 29  # of a picture, unpacked
SUFFIXES = (".jpg", ".jpeg", ".png", ".fits", ".fit")


class PictureStore:
    """The pictures below a folder, or the members of a zip archive.

    Members of an archive are read in place, so a path that leads outside is never written to; such a
    member is not a picture, and :meth:`faults` names it.

    Parameters
    ----------
    path : Path
        A folder or a zip archive.

    Raises
    ------
    InputError
        If it is neither, or the archive is damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self._archive: zipfile.ZipFile | None = None
        if self.path.is_file():
            try:
                self._archive = zipfile.ZipFile(self.path)
            except (zipfile.BadZipFile, OSError) as error:
                raise InputError(f"{self.path}: is not a whole zip archive ({error})") from error
        elif not self.path.is_dir():
            raise InputError(f"{self.path}: there is neither a folder nor a zip archive")

    def close(self) -> None:
        """Close the archive."""
        if self._archive is not None:
            self._archive.close()

    def names(self) -> list[str]:
        """Return the files whose name is that of a picture, sorted, paths with slashes."""
        return [name for name in self._members() if _is_picture(name) and not _fault(name)]

    def faults(self) -> dict[str, str]:
        """Return the names that cannot be pictures of this store, with the reason."""
        return {name: fault for name in self._members() if _is_picture(name) and (fault := _fault(name))}

    def sizes(self) -> dict[str, int]:
        """Return the size of every picture in bytes, by name."""
        if self._archive is not None:
            return {name: self._archive.getinfo(name).file_size for name in self.names()}
        return {name: (self.path / name).stat().st_size for name in self.names()}

    def read(self, name: str) -> bytes:
        """Return a file's content.

        Raises
        ------
        OSError, zipfile.BadZipFile
            If it cannot be read; the checksum of an archive's member is compared.
        """
        if self._archive is None:
            return (self.path / name).read_bytes()
        if (size := self._archive.getinfo(name).file_size) > MOST_BYTES:
            raise OSError(f"its {size:,} bytes are too many")
        return self._archive.read(name)

    def _members(self) -> list[str]:
        if self._archive is not None:
            return sorted({info.filename for info in self._archive.infolist() if not info.is_dir()})
        return sorted(
            path.relative_to(self.path).as_posix() for path in self.path.rglob("*") if path.is_file()
        )


@contextmanager
def opened_store(path: Path) -> Iterator[PictureStore]:
    """Open a store, which is closed when the block ends."""
    store = PictureStore(path)
    try:
        yield store
    finally:
        store.close()


def listing_digest(sizes: Mapping[str, int]) -> str:
    """Return the SHA-256 of names and sizes, which identifies a set of pictures without reading them."""
    text = "".join(f"{name}\x1f{size}\n" for name, size in sorted(sizes.items()))
    return hashlib.sha256(text.encode()).hexdigest()


def _is_picture(name: str) -> bool:
    path = PurePosixPath(name)
    # macOS adds a shadow of every file to its archives.
    return path.suffix.lower() in SUFFIXES and not path.name.startswith("._")


def _fault(name: str) -> str:
    path = PurePosixPath(name)
    return "its path leads outside" if path.is_absolute() or ".." in path.parts or "\\" in name else ""
