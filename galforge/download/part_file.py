"""A file on its way: the bytes that have arrived, and a record of the file that they begin.

The bytes lie in a ``.part`` file, the record beside it with ``.json`` appended to the name.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from galforge.core.errors import InputError
from galforge.core.files import open_no_link, read_json, write_json
from galforge.core.progress import Progress


@dataclass(frozen=True)
class Origin:
    """The file on a server that the bytes of a ``.part`` file begin.

    Attributes
    ----------
    url : str
        Address of the file.
    size : int or None
        Its length in bytes, as announced.
    validator : str or None
        What ``If-Range`` takes: a strong ETag or a date.
    etag : str or None
        As served.
    hash : str or None
        The server's own hash, ``"md5:..."``.
    """

    url: str
    size: int | None
    validator: str | None
    etag: str | None
    hash: str | None


def read_origin(part: Path) -> Origin | None:
    """Return the origin of a ``.part`` file; a record that cannot be read counts as none."""
    try:
        return TypeAdapter(Origin).validate_python(read_json(_record_path(part)))
    except (FileNotFoundError, InputError, ValidationError):
        return None


def write_origin(part: Path, origin: Origin) -> None:
    """Record the origin of a ``.part`` file."""
    write_json(_record_path(part), asdict(origin))


def discard_download(part: Path) -> None:
    """Remove a downloaded file, or as much of it as has arrived, and its record."""
    part.unlink(missing_ok=True)
    _record_path(part).unlink(missing_ok=True)


def append_pieces(part: Path, pieces: Iterable[bytes], start: int, size: int | None) -> None:
    """Append bytes to a ``.part`` file as they arrive.

    Parameters
    ----------
    part : Path
    pieces : iterable of bytes
    start : int
        Bytes that are there already.
    size : int or None
        Length of the whole file, for the progress.
    """
    progress = None if size is None else Progress("download", size // 10**6, "MB", done=start // 10**6)
    with open_no_link(part, "ab") as stream:
        for piece in pieces:
            stream.write(piece)
            # A kill loses no piece that has arrived.
            stream.flush()
            start += len(piece)
            if progress is not None and start // 10**6 > progress.done:
                progress.advance(start // 10**6 - progress.done)


def size_of(path: Path) -> int:
    """Return the bytes of a file, 0 if there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def hash_of(path: Path, algorithm: str) -> str:
    """Return the hash of a file's content, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.new(algorithm, usedforsecurity=False)).hexdigest()


def _record_path(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")
