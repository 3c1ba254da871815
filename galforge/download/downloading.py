"""Download of one large file: it resumes where it broke, and is trusted once length and hash agree.

Bytes that have arrived outlive every fault but one, a wrong hash: the transfer of such a file was
faultless, and its content is not.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import requests
from urllib3.exceptions import HTTPError

from galforge.core.errors import GalforgeError
from galforge.core.progress import announce, format_duration
from galforge.download.answers import (
    TIMEOUT_S,
    RetriableError,
    check_no_web_page,
    check_status,
    connection_fault,
    continues,
    origin_of,
)
from galforge.download.disk_space import Room, free_bytes
from galforge.download.part_file import (
    Origin,
    append_pieces,
    discard_download,
    hash_of,
    read_origin,
    size_of,
    write_origin,
)

# Tries in a row that bring less than PROGRESS_BYTES. A slow line that breaks often still completes a file,
# and a server that always breaks at the same place is given up.
TRIES = 6
PROGRESS_BYTES = 1 << 20
FIRST_WAIT_S = 3.0  # doubled with each try: 93 s in all, more than the minute that Zenodo's limits count
LONGEST_WAIT_S = 3600.0  # a server that asks for more is busy for longer than a job should wait
WHOLE_DOWNLOADS = 2  # with a wrong hash: one may be an accident, two are not

PIECE_BYTES = 1 << 16
# The archive of COSMOS 25.2 is 4.37 GB and unpacks to 6.0 GB: 1.37.
UNPACKED_RATIO = 1.5


@dataclass(frozen=True)
class Download:
    """A file that is whole.

    Attributes
    ----------
    path : Path
    url : str
        Where it came from.
    size : int
        Bytes.
    md5, sha256 : str
        Hashes of its content, hexadecimal.
    """

    path: Path
    url: str
    size: int
    md5: str
    sha256: str


def download(
    url: str,
    part: Path,
    pinned: str | None,
    wait: Callable[[float], None] = time.sleep,
    free: Callable[[Path], int] = free_bytes,
    unpacked_ratio: float = UNPACKED_RATIO,
) -> Download:
    """Download a file, resuming what an earlier try left.

    Parameters
    ----------
    url : str
        Address, http or https.
    part : Path
        Where the bytes go; it is whole when this function returns. The record of what they belong to
        lies beside it, with ``.json`` appended.
    pinned : str or None
        The hash that the content must have, ``"md5:..."`` or ``"sha256:..."``. Without one, that of the
        server's ``ETag`` or ``Content-MD5`` counts.
    wait : callable
        Takes the seconds to wait before the next try.
    free : callable
        Returns the free bytes of a folder.
    unpacked_ratio : float
        Bytes that the file unpacks to, per byte of its own; 0 for a file that is used as it is.

    Returns
    -------
    Download

    Raises
    ------
    GalforgeError
        In one line: if the server refuses, if tries end without progress, if the disk is too small, or
        if the hash is wrong (both are named).
    """
    part.parent.mkdir(parents=True, exist_ok=True)
    tries = _Tries(url, part)
    while True:
        try:
            _fetch(url, part, pinned, Room(unpacked_ratio, free))
            return _verified(url, part, pinned)
        except _WrongHashError as fault:
            reason, delay = tries.after_wrong_hash(fault)
        except RetriableError as fault:
            reason, delay = tries.after_fault(fault)
        announce(f"{url}: {reason}; trying again in {format_duration(delay)}")
        wait(delay)


class _WrongHashError(Exception):
    """Content that is not what it should be; ``as_served`` if the transfer was demonstrably faultless."""

    def __init__(self, actual: str, expected: str, source: str, as_served: bool) -> None:
        served = "; it is the hash that the server gives, so the file there is another one" * as_served
        super().__init__(f"the hash is {actual}, but {source} {expected}{served}")
        self.as_served = as_served


class _Tries:
    """The tries of one download: how many have failed, and whether another is worth its time."""

    def __init__(self, url: str, part: Path) -> None:
        self._url, self._part = url, part
        self._farthest = size_of(part)
        self._without_progress = self._wrong_hashes = 0

    def after_wrong_hash(self, fault: _WrongHashError) -> tuple[str, float]:
        """Discard the file; return the reason for another try and the seconds to wait, or raise."""
        self._wrong_hashes += 1
        self._farthest = 0
        discard_download(self._part)
        reason = f"{fault}; the file has been discarded"
        if self._wrong_hashes == WHOLE_DOWNLOADS or fault.as_served:
            raise GalforgeError(f"{self._url}: {reason}") from None
        return reason, FIRST_WAIT_S

    def after_fault(self, fault: RetriableError) -> tuple[str, float]:
        """Return the reason for another try and the seconds to wait; raise if there should be none."""
        size = size_of(self._part)
        progress = size >= self._farthest + PROGRESS_BYTES
        self._without_progress = 1 if progress else self._without_progress + 1
        self._farthest = max(self._farthest, size)
        kept = f"{-(-size // 10**6)} MB are kept"
        delay = FIRST_WAIT_S * 2 ** (self._without_progress - 1) if fault.wait_s is None else fault.wait_s
        if self._without_progress == TRIES or delay > LONGEST_WAIT_S:
            asked = "" if fault.wait_s is None else f", to try again in {format_duration(delay)}"
            raise GalforgeError(
                f"{self._url}: {fault}{asked} (try {self._without_progress} without progress); {kept}, "
                "run again to resume"
            ) from None
        return f"{fault}; {kept}", delay


def _fetch(url: str, part: Path, pinned: str | None, room: Room) -> None:
    """Complete ``part`` by one request, or by none if it is complete."""
    origin = read_origin(part)
    if origin is not None and origin.url != url:
        announce(f"{part}: discarded, it came from {origin.url}")
        discard_download(part)
        origin = None
    start = size_of(part) if origin is not None else 0
    if origin is not None and start == origin.size:
        return
    headers = {"Accept-Encoding": "identity", "User-Agent": "galforge"}
    if origin is not None and start and origin.validator:
        headers |= {"Range": f"bytes={start}-", "If-Range": origin.validator}
    try:
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT_S) as response:
            origin = _receive(response, url, part, origin, start, pinned, room)
    except requests.exceptions.InvalidURL as error:
        raise GalforgeError(f"{url}: is not an address") from error
    except (requests.RequestException, HTTPError) as error:
        raise RetriableError(connection_fault(error)) from error
    size = size_of(part)
    if origin.size is None:
        write_origin(part, replace(origin, size=size))
    elif size < origin.size:
        raise RetriableError(f"the file ended after {size:,} of {origin.size:,} bytes")
    elif size > origin.size:
        discard_download(part)
        raise RetriableError(f"{size:,} bytes came, but the server announced {origin.size:,}")


def _receive(
    response: requests.Response,
    url: str,
    part: Path,
    origin: Origin | None,
    start: int,
    pinned: str | None,
    room: Room,
) -> Origin:
    """Write an answer to ``part``, behind the ``start`` bytes of ``origin`` if it continues them."""
    check_status(response)
    if response.status_code == 416:
        discard_download(part)
        raise RetriableError(
            "the server has nothing beyond the part that is here, the file is fetched from the start"
        )
    # Undecoded: a .tar.gz that is labelled as gzip-encoded would come out as a .tar.
    pieces = response.raw.stream(PIECE_BYTES, decode_content=False)
    if response.status_code == 206:
        if origin is None or not continues(response, origin, start):
            discard_download(part)
            raise RetriableError("the file on the server has changed and is fetched from the start")
        room.check(part.parent, url, start, origin.size)
        announce(f"{url}: resumed after {start:,} bytes")
    else:
        origin, start = origin_of(url, response), 0
        first = next(pieces, b"")
        # Before anything is overwritten: a busy server's excuse must not cost what is here.
        check_no_web_page(first)
        if origin.size is None and origin.hash is None and pinned is None:
            raise GalforgeError(f"{url}: the server gives neither length nor hash; pin the hash")
        discard_download(part)
        write_origin(part, origin)
        room.check(part.parent, url, 0, origin.size)
        pieces = chain([first], pieces)
    append_pieces(part, pieces, start, origin.size)
    return origin


def _verified(url: str, part: Path, pinned: str | None) -> Download:
    """Return what was downloaded, once its hash is right."""
    origin = read_origin(part)
    served = origin.hash if origin is not None else None
    whole = Download(part, url, size_of(part), hash_of(part, "md5"), hash_of(part, "sha256"))
    hashes = {"md5": f"md5:{whole.md5}", "sha256": f"sha256:{whole.sha256}"}
    expected = pinned or served
    if expected is None:
        announce(f"{url}: {whole.size:,} bytes, as announced; no hash is known, pin it: {hashes['md5']}")
        return whole
    actual = hashes[expected.partition(":")[0]]
    if actual != expected:
        as_served = pinned is not None and served in hashes.values()
        raise _WrongHashError(actual, expected, "pinned is" if pinned else "the server says", as_served)
    source = "pinned" if pinned else "the server's own, which `hash` in the configuration can pin"
    announce(f"{url}: {whole.size:,} bytes, {actual} ({source})")
    return whole
