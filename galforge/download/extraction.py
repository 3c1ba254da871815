"""Unpacking of a survey's archive by whitelist: only files that a survey may hold are written.

``tarfile.extractall`` is not used: each file is copied under a name that this module has checked, so an
archive chooses neither the place nor the type of what is written.
"""

import bz2
import contextlib
import gzip
import hashlib
import lzma
import re
import shutil
import sys
import tarfile
import zlib
from collections.abc import Callable, Iterator
from io import BufferedReader
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple, cast

from galforge.core.errors import InputError
from galforge.core.progress import Progress, announce

# Catalogue and its tables, images and PSFs, the noise's correlation function, and texts for people.
_SURVEY_FILE = re.compile(
    r"real_galaxy_catalog[\w.\-]*\.fits|real_galaxy_(PSF_)?images[\w.\-]*\.fits|[A-Za-z]\w*_cf\.fits"
    r"|(README|LICENSE|LICENCE|COPYING)[\w.\-]*",
    flags=re.ASCII,
)
MOST_MEMBERS = 100_000  # the sample of 25.2 has fewer than 200
MOST_HEADER_BYTES = 1 << 20  # of one member: 512, and what they announce
MOST_HEADERS_BYTES = 1 << 26  # of all: 512 each, and a fifth as much again
_PIECE_BYTES = 1 << 20
_NOT_OF_A_SURVEY = "members of the archive that are not files of a survey"
_COMPRESSIONS: dict[bytes, Callable[[BufferedReader], Any]] = {
    b"\x1f\x8b": lambda raw: gzip.GzipFile(fileobj=raw),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ": lzma.LZMAFile,
    b"\x5d\x00\x00": lzma.LZMAFile,
}

_SPECIAL_MEMBERS = {
    tarfile.SYMTYPE: "a symbolic link",
    tarfile.LNKTYPE: "a hard link",
    tarfile.CHRTYPE: "a device",
    tarfile.BLKTYPE: "a device",
    tarfile.FIFOTYPE: "a pipe",
}


class Unpacked(NamedTuple):
    """What came of an archive.

    Attributes
    ----------
    files : dict of str to str
        Name of each file to its SHA-256.
    left_out : dict of str to int
        How many members were not written, by reason.
    """

    files: dict[str, str]
    left_out: dict[str, int]


class _Headers:
    """A decompressed archive of which tarfile reads headers: whole, and for as long as they say they are.

    Names, extended headers and maps of sparse files are read into memory before there is a member to look at;
    compressed, a gigabyte of them is less than a megabyte.
    """

    def __init__(self, archive: Path, raw: BufferedReader) -> None:
        start = raw.peek(6)
        opener = next((opener for magic, opener in _COMPRESSIONS.items() if start.startswith(magic)), None)
        self.stream: Any = raw if opener is None else opener(raw)
        self._archive = archive
        self._left, self._left_of_member = MOST_HEADERS_BYTES, MOST_HEADER_BYTES
        self.seek, self.tell = self.stream.seek, self.stream.tell

    def read(self, size: int) -> bytes:
        """Return bytes of a header."""
        self._left -= size
        self._left_of_member -= size
        if min(self._left, self._left_of_member) < 0:
            raise InputError(
                f"{self._archive}: refused, its headers are too large; allowed: {MOST_HEADER_BYTES:,} bytes "
                f"for a member, {MOST_HEADERS_BYTES:,} in all"
            )
        content: bytes = self.stream.read(size)
        return content

    @contextlib.contextmanager
    def left_alone(self) -> Iterator[None]:
        """Let a member's content be read, which has a bound of its own."""
        left = self._left
        self._left = self._left_of_member = sys.maxsize
        yield
        self._left, self._left_of_member = left, MOST_HEADER_BYTES

    def next_member(self) -> None:
        """Allow the headers of one more member."""
        self._left_of_member = MOST_HEADER_BYTES


def is_survey_file(path: PurePosixPath) -> bool:
    """Tell whether a member of an archive is a file of a survey: expected name, at most one folder deep.

    Examples
    --------
    >>> is_survey_file(PurePosixPath("COSMOS_25.2_training_sample/real_galaxy_images_25.2_n1.fits"))
    True
    >>> is_survey_file(PurePosixPath("COSMOS_25.2_training_sample/._real_galaxy_images_25.2_n1.fits"))
    False
    """
    return len(path.parts) <= 2 and _SURVEY_FILE.fullmatch(path.name) is not None


def unpack_survey(archive: Path, folder: Path, limit: int) -> Unpacked:
    """Unpack the files of a survey into a folder, which appears whole or not at all.

    Parameters
    ----------
    archive : Path
        A tar file, compressed or not.
    folder : Path
        Replaced if it exists. The archive's own folder is left out: files lie in it directly.
    limit : int
        Bytes that all members may have in total.

    Raises
    ------
    InputError
        If a member is a link or a device, if its path leads outside, if there are too many members or
        too large ones, two of the same name, or no catalogue at all; or if the archive is damaged. The
        message names the member; nothing is kept.
    """
    staging = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    try:
        unpacked = _unpack(archive, staging, limit)
        shutil.rmtree(folder, ignore_errors=True)
        staging.rename(folder)
    except (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, RecursionError, OSError) as error:
        # gzip and bz2 also report damaged data as an OSError, but without the number of a system error.
        if isinstance(error, OSError) and error.errno is not None:
            raise
        # tarfile lists what it has tried, one line per compression.
        reason = str(error).partition("\n")[0].removesuffix(":")
        raise InputError(f"{archive}: is not a whole tar archive ({reason})") from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return unpacked


def _unpack(archive: Path, staging: Path, limit: int) -> Unpacked:
    digests: dict[str, str] = {}
    left_out: list[str] = []
    total = 0
    progress = Progress("unpack", archive.stat().st_size // 10**6, "MB")
    with archive.open("rb") as raw, tarfile.TarFile(fileobj=cast(Any, _Headers(archive, raw))) as tar:
        headers = cast(_Headers, tar.fileobj)
        for count, member in enumerate(tar, start=1):
            headers.next_member()
            path = _checked_path(archive, member)
            total += member.size
            if member.size < 0 or total > limit or count > MOST_MEMBERS:
                raise InputError(
                    f"{archive}: refused at {member.name!r}: {count:,} members of {total / 1e9:.3g} GB so "
                    f"far; allowed: {MOST_MEMBERS:,} and {limit / 1e9:.3g} GB"
                )
            if member.isdir():
                continue
            if not is_survey_file(path):
                left_out.append(path.name)
                continue
            if path.name in digests:
                raise InputError(f"{archive}: refused, it has {path.name!r} twice")
            with headers.left_alone():
                digests[path.name] = _copy(tar, member, staging / path.name)
            if raw.tell() // 10**6 > progress.done:
                progress.advance(raw.tell() // 10**6 - progress.done)
        _check_end(archive, headers.stream, limit)
    if not any(name.startswith("real_galaxy_catalog") for name in digests):
        raise InputError(f"{archive}: holds no survey in the COSMOS layout: no real_galaxy_catalog*.fits")
    if left_out:
        shown = ", ".join(repr(name) for name in left_out[:5]) + ", ..." * (len(left_out) > 5)
        announce(f"{archive}: {len(left_out)} members are not files of a survey and were left out: {shown}")
    return Unpacked(digests, {_NOT_OF_A_SURVEY: len(left_out)} if left_out else {})


def _checked_path(archive: Path, member: tarfile.TarInfo) -> PurePosixPath:
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts or "\\" in member.name:
        raise InputError(f"{archive}: refused, the path of {member.name!r} leads outside")
    # Not isreg(): it accepts sparse files, whose size costs their maker nothing.
    if not (member.isdir() or member.type in (tarfile.REGTYPE, tarfile.AREGTYPE)) or member.issparse():
        kind = _SPECIAL_MEMBERS.get(member.type, "not a regular file")
        raise InputError(f"{archive}: refused, {member.name!r} is {kind}; allowed: files and folders")
    return path


def _copy(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> str:
    """Write a member's bytes to a new file; return their SHA-256."""
    source = tar.extractfile(member)
    assert source is not None, "a regular file has content"
    digest = hashlib.sha256()
    with path.open("xb") as stream:
        while piece := source.read(_PIECE_BYTES):
            digest.update(piece)
            stream.write(piece)
    return digest.hexdigest()


def _check_end(archive: Path, stream: Any, limit: int) -> None:
    """Read to the end of the compressed stream, where its own checksum is compared."""
    rest = 0
    while piece := stream.read(_PIECE_BYTES):
        rest += len(piece)
        if rest > limit:
            raise InputError(f"{archive}: refused, more than {limit / 1e9:.3g} GB follow its last member")
