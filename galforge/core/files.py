"""Files that are whole or absent, and their digests."""

import contextlib
import errno
import hashlib
import json
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NoReturn

from galforge.core.errors import GalforgeError, InputError


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path in the same folder that becomes ``path`` when the block ends well.

    The content is on the disk before the name is: a reader sees the old file, none, or the whole new
    one. On an error the temporary file is removed; what a killed writer of the same file left is removed
    by the next one.

    Raises
    ------
    GalforgeError
        If another run has begun this job anew, perhaps with other settings: this process has then outlived
        its own run, and what it writes last would be taken for what the other one made.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path)
    # The suffix stays: libraries choose the format by it.
    temporary = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    temporary.unlink(missing_ok=True)  # a link that someone put there would be followed
    try:
        yield temporary
        with temporary.open("rb") as stream:
            os.fsync(stream.fileno())
        if _is_taken_over():
            raise GalforgeError(f"{path}: not written, another run has taken over this job")
        temporary.replace(path)
    except OSError as error:
        # A failed write names nothing, or a name that nobody knows.
        if error.filename is None or Path(error.filename) == temporary:
            error.filename = str(path)
        raise
    finally:
        temporary.unlink(missing_ok=True)


def _is_taken_over() -> bool:
    """Return whether this job's log, standard error, has been removed and has a successor.

    Snakemake removes the log of a job that it is about to start. Where the system does not say what a
    stream's file was called (no /proc), no job counts as taken over.
    """
    try:
        log = os.fstat(2)
        if not stat.S_ISREG(log.st_mode) or log.st_nlink:
            return False
        return Path(os.readlink("/proc/self/fd/2").removesuffix(" (deleted)")).exists()  # noqa: PTH115
    except OSError:
        return False


def _sweep(path: Path) -> None:
    """Remove the temporary files of this path whose processes are gone.

    A process of another machine may seem gone from here; but one path has one writer, which the locks of
    the results and of the trainings' states see to.
    """
    name = re.compile(re.escape(f".{path.stem}.") + r"(\d+)" + re.escape(path.suffix))
    for other in path.parent.glob(f".*{path.suffix}"):
        if (match := name.fullmatch(other.name)) and not _is_alive(int(match[1])):
            other.unlink(missing_ok=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def open_no_link(path: Path, mode: str) -> IO[Any]:
    """Open a file to be written in place, which another user may have replaced by a link to one of yours.

    Raises
    ------
    GalforgeError
        If it is a link or no plain file.
    """
    refusal = GalforgeError(f"{path}: is a link or no plain file, so it is not written to; remove it")

    def opener(name: str, flags: int) -> int:
        try:
            # Not waiting: a pipe would, for someone at its other end.
            number = os.open(name, flags | os.O_NOFOLLOW | os.O_NONBLOCK, 0o666)
        except OSError as error:
            raise (refusal if error.errno in (errno.ELOOP, errno.ENXIO) else error) from None
        facts = os.fstat(number)
        if not stat.S_ISREG(facts.st_mode) or facts.st_nlink > 1:
            os.close(number)
            raise refusal
        return number

    return open(path, mode, opener=opener)


def first_link(folder: Path) -> Path | None:
    """Return a symbolic link below a folder, None where there is none; the folder itself may be one."""
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            if os.path.islink(path := os.path.join(place, name)):  # noqa: PTH114, PTH118 (of thousands)
                return Path(path)
    return None


# The key of a written object with the SHA-256 of the others: JSON with a flipped bit is often JSON still.
CONTENT_DIGEST = "content_digest"


def write_json(path: Path, value: Any) -> None:
    """Write ``value`` as indented JSON with sorted keys, whole or not at all; an object with its digest."""
    if isinstance(value, dict):
        # As it will be read: keys are text then.
        content = json.loads(_as_json(value))
        content.pop(CONTENT_DIGEST, None)
        value = {**content, CONTENT_DIGEST: _content_digest(content)}
    with replacing(path) as temporary:
        temporary.write_text(_as_json(value) + "\n")


def read_json(path: Path) -> Any:
    """Return the value of a JSON file, an object without its digest.

    Raises
    ------
    InputError
        If it is not JSON, or not what was written with its digest.
    """
    try:
        value = json.loads(Path(path).read_text(encoding="utf-8"), parse_constant=_no_number)
        if not isinstance(value, dict) or CONTENT_DIGEST not in value:
            return value
        digest = value.pop(CONTENT_DIGEST)
        is_whole = digest == _content_digest(value)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: is damaged or not JSON ({error})") from error
    if not is_whole:
        raise InputError(f"{path}: is damaged or was edited, its content is not that of its {CONTENT_DIGEST}")
    return value


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _content_digest(content: dict[str, Any]) -> str:
    return hashlib.sha256(_as_json(content).encode()).hexdigest()


def _as_json(value: Any) -> str:
    return json.dumps(value, indent=2, sort_keys=True, allow_nan=False)


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes in hexadecimal."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def check_digest(path: Path, digest: str | None, record: Path) -> None:
    """Insist that a file is the one that a record describes.

    Raises
    ------
    InputError
        If its SHA-256 is another.
    """
    if file_digest(path) != digest:
        raise InputError(f"{path}: is damaged, its SHA-256 is not the one in {record}")
