"""Download of one large file: resumed where it broke, and trusted once its length and hash agree.

Bytes that have come lie in a ``.part`` file, with what identifies them beside it. They outlive every
fault but one, a hash that is wrong: a file whose transfer was faultless and whose content is not.
"""

import base64
import hashlib
import re
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import chain
from pathlib import Path

import requests
from pydantic import TypeAdapter, ValidationError
from urllib3.exceptions import HTTPError, ReadTimeoutError

from galforge.core.errors import GalforgeError, InputError
from galforge.core.files import read_json, write_json
from galforge.core.progress import Progress, announce, format_duration

# Tries in a row that bring less than PROGRESS_BYTES. A slow line that breaks often still gets there, and
# a server that always breaks at the same place is left.
TRIES = 6
PROGRESS_BYTES = 1 << 20
FIRST_WAIT_S = 3.0  # doubled with each try: 93 s in all, more than the minute that Zenodo counts in
LONGEST_WAIT_S = 3600.0  # a server that asks for more is busy for longer than a job should wait
WHOLE_DOWNLOADS = 2  # of which the hash was wrong: one accident is possible, two are not

TIMEOUT_S = (30.0, 60.0)  # to connect, between two pieces
PIECE_BYTES = 1 << 16
# The archive of COSMOS 25.2 is 4.37 GB and unpacks to 6.0 GB: 1.37.
UNPACKED_RATIO = 1.5

_RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})


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
        Of its content, hexadecimal.
    """

    path: Path
    url: str
    size: int
    md5: str
    sha256: str


@dataclass(frozen=True)
class _Origin:
    """What the bytes of a ``.part`` file are the beginning of.

    ``size`` is in bytes; ``validator`` is what ``If-Range`` takes; ``hash`` is the server's own.
    """

    url: str
    size: int | None
    validator: str | None
    etag: str | None
    hash: str | None


class _FaultError(Exception):
    """What another try may mend; ``wait_s`` is the time that the server asks for."""

    def __init__(self, reason: str, wait_s: float | None = None) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


def free_bytes(folder: Path) -> int:
    """Return the bytes that can be written where a folder is."""
    return shutil.disk_usage(folder).free


def download(
    url: str,
    part: Path,
    pinned: str | None,
    wait: Callable[[float], None] = time.sleep,
    free: Callable[[Path], int] = free_bytes,
    unpacked_ratio: float = UNPACKED_RATIO,
) -> Download:
    """Bring a file here, going on from what an earlier try left.

    Parameters
    ----------
    url : str
        Of http or https.
    part : Path
        Where the bytes go; it is whole when this function returns. Beside it, ``.json``, is what they
        belong to.
    pinned : str or None
        The hash that the content must have, ``"md5:..."`` or ``"sha256:..."``. Without one, that of the
        server's ``ETag`` or ``Content-MD5`` counts.
    wait : callable
        Takes the seconds to wait before the next try.
    free : callable
        Gives the free bytes of a folder.
    unpacked_ratio : float
        Bytes that a byte of the file unpacks to; 0 for one that is used as it is.

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
    most, tries, wrong = _size(part), 0, 0
    while True:
        try:
            _fetch(url, part, pinned, free, unpacked_ratio)
            return _verified(url, part, pinned)
        except _WrongHashError as fault:
            wrong += 1
            discard_download(part)
            most = 0
            if wrong == WHOLE_DOWNLOADS or fault.as_served:
                raise GalforgeError(f"{url}: {fault}; the file has been discarded") from None
            reason, delay = f"{fault}; the file has been discarded", FIRST_WAIT_S
        except _FaultError as fault:
            tries = 1 if _size(part) >= most + PROGRESS_BYTES else tries + 1
            most = max(most, _size(part))
            kept = f"{_megabytes(_size(part))} MB are kept"
            delay = FIRST_WAIT_S * 2 ** (tries - 1) if fault.wait_s is None else fault.wait_s
            if tries == TRIES or delay > LONGEST_WAIT_S:
                asked = f", to try again in {format_duration(delay)}" if fault.wait_s is not None else ""
                raise GalforgeError(
                    f"{url}: {fault}{asked} (try {tries} without progress); {kept}, run again to go on"
                ) from None
            reason = f"{fault}; {kept}"
        announce(f"{url}: {reason}; trying again in {format_duration(delay)}")
        wait(delay)


def discard_download(part: Path) -> None:
    """Remove a file that was downloaded, or as much of it as came."""
    part.unlink(missing_ok=True)
    _origin_path(part).unlink(missing_ok=True)


class _WrongHashError(Exception):
    """Content that is not what it should be; ``as_served`` if the transfer was demonstrably faultless."""

    def __init__(self, found: str, expected: str, by: str, as_served: bool) -> None:
        served = "; it is the hash that the server gives, so the file there is another one" * as_served
        super().__init__(f"the hash is {found}, but {by} {expected}{served}")
        self.as_served = as_served


def _fetch(
    url: str, part: Path, pinned: str | None, free: Callable[[Path], int], unpacked_ratio: float
) -> None:
    """Complete ``part`` by one request, or by none if it is complete."""
    origin = _origin(part)
    if origin is not None and origin.url != url:
        announce(f"{part}: discarded, it came from {origin.url}")
        discard_download(part)
        origin = None
    start = _size(part) if origin is not None else 0
    if origin is not None and start == origin.size:
        return
    headers = {"Accept-Encoding": "identity", "User-Agent": "galforge"}
    if origin is not None and start and origin.validator:
        headers |= {"Range": f"bytes={start}-", "If-Range": origin.validator}
    try:
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT_S) as response:
            _check_status(response)
            if response.status_code == 416:
                discard_download(part)
                raise _FaultError("the server has nothing where our part ends, it is fetched from the start")
            # Undecoded: a .tar.gz that is labelled as gzip-encoded would come out as a .tar.
            pieces = response.raw.stream(PIECE_BYTES, decode_content=False)
            if response.status_code == 206:
                if origin is None or not _continues(response, origin, start):
                    discard_download(part)
                    raise _FaultError("the file on the server has changed, it is fetched from the start")
                _check_space(part.parent, url, start, origin.size, free, unpacked_ratio)
                announce(f"{url}: resumed after {start:,} bytes")
            else:
                origin, start = _new_origin(url, response), 0
                first = next(pieces, b"")
                # Before anything is overwritten: a busy server's excuse must not cost what is here.
                if first.lstrip()[:1] == b"<":
                    raise _FaultError(f"a web page came instead of the file{_title(first)}")
                if origin.size is None and origin.hash is None and pinned is None:
                    raise GalforgeError(f"{url}: the server gives neither length nor hash; pin the hash")
                discard_download(part)
                write_json(_origin_path(part), asdict(origin))
                _check_space(part.parent, url, 0, origin.size, free, unpacked_ratio)
                pieces = chain([first], pieces)
            _append(part, pieces, start, origin.size)
    except requests.exceptions.InvalidURL as error:
        raise GalforgeError(f"{url}: is not an address") from error
    except (requests.RequestException, HTTPError) as error:
        raise _FaultError(_reason(error)) from error
    if origin.size is None:
        write_json(_origin_path(part), {**asdict(origin), "size": _size(part)})
    elif _size(part) < origin.size:
        raise _FaultError(f"the file ended after {_size(part):,} of {origin.size:,} bytes")
    elif _size(part) > origin.size:
        came = _size(part)
        discard_download(part)
        raise _FaultError(f"{came:,} bytes came, but the server announced {origin.size:,}")


def _append(part: Path, pieces: Iterable[bytes], start: int, size: int | None) -> None:
    progress = None if size is None else Progress("download", size // 10**6, "MB", done=start // 10**6)
    with part.open("ab") as stream:
        for piece in pieces:
            stream.write(piece)
            # A kill loses no piece that has come.
            stream.flush()
            start += len(piece)
            if progress is not None and start // 10**6 > progress.done:
                progress.advance(start // 10**6 - progress.done)


def _verified(url: str, part: Path, pinned: str | None) -> Download:
    """Return what was downloaded, after a look at its hash."""
    origin = _origin(part)
    served = origin.hash if origin is not None else None
    found = Download(part, url, _size(part), _hash(part, "md5"), _hash(part, "sha256"))
    values = {"md5": f"md5:{found.md5}", "sha256": f"sha256:{found.sha256}"}
    expected = pinned or served
    if expected is None:
        announce(f"{url}: {found.size:,} bytes, as announced; no hash is known, pin it: {values['md5']}")
        return found
    actual = values[expected.partition(":")[0]]
    if actual != expected:
        as_served = pinned is not None and served in values.values()
        raise _WrongHashError(actual, expected, "pinned is" if pinned else "the server says", as_served)
    source = "pinned" if pinned else "the server's own, which `hash` in the configuration can pin"
    announce(f"{url}: {found.size:,} bytes, {actual} ({source})")
    return found


def _hash(path: Path, algorithm: str) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.new(algorithm, usedforsecurity=False)).hexdigest()


def _origin_path(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _origin(part: Path) -> _Origin | None:
    """Return what ``part`` is the beginning of; a record that cannot be read counts as none."""
    try:
        return TypeAdapter(_Origin).validate_python(read_json(_origin_path(part)))
    except (FileNotFoundError, InputError, ValidationError):
        return None


def _new_origin(url: str, response: requests.Response) -> _Origin:
    headers = response.headers
    length, etag = headers.get("Content-Length", ""), headers.get("ETag")
    strong = etag if etag and not etag.startswith("W/") else None
    return _Origin(
        url=url,
        size=int(length) if length.isdigit() else None,
        validator=strong or headers.get("Last-Modified"),
        etag=etag,
        hash=_served_hash(etag, headers.get("Content-MD5")),
    )


def _served_hash(etag: str | None, content_md5: str | None) -> str | None:
    """Return the hash that a server gives: ``"md5:..."`` as ETag (Zenodo's way), or Content-MD5."""
    match = re.fullmatch(r'(?:W/)?"?(md5:[0-9a-f]{32})"?', (etag or "").strip(), flags=re.IGNORECASE)
    if match:
        return match[1].lower()
    try:
        digest = base64.b64decode(content_md5 or "", validate=True)
    except ValueError:
        return None
    return f"md5:{digest.hex()}" if len(digest) == 16 else None


def _continues(response: requests.Response, origin: _Origin, start: int) -> bool:
    """Tell whether a partial answer goes on with the same file where ours ends."""
    match = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
    if match is None or int(match[1]) != start:
        return False
    same_size = match[2] == "*" or origin.size is None or int(match[2]) == origin.size
    return same_size and response.headers.get("ETag", origin.etag) == origin.etag


def _check_status(response: requests.Response) -> None:
    status = f"{response.status_code} {response.reason}".strip()
    if response.status_code in _RETRIED:
        raise _FaultError(f"the server answers {status}", _asked_wait(response.headers.get("Retry-After")))
    if response.status_code not in (200, 206, 416):
        raise GalforgeError(f"{response.url}: the server answers {status}; is the address right?")


def _asked_wait(header: str | None) -> float | None:
    """Return the seconds of a Retry-After header, which holds seconds or a date."""
    if header is None:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _check_space(
    folder: Path,
    url: str,
    start: int,
    size: int | None,
    free: Callable[[Path], int],
    unpacked_ratio: float,
) -> None:
    """Insist that the rest of a file and what it unpacks to fit on the disk."""
    if size is None:
        return
    rest, unpacked, found = size - start, unpacked_ratio * size, free(folder)
    if found < rest + unpacked:
        raise GalforgeError(
            f"{folder}: {found / 1e9:.3g} GB are free on the disk, but {url} needs "
            f"{(rest + unpacked) / 1e9:.3g} GB: {rest / 1e9:.3g} to download and about "
            f"{unpacked / 1e9:.3g} to unpack"
        )


def _reason(error: Exception) -> str:
    """Say in a few words what a connection died of; the libraries' own words take three lines."""
    if isinstance(error, requests.exceptions.SSLError):
        return "no secure connection, the server's certificate is not accepted"
    if isinstance(error, requests.exceptions.ReadTimeout | ReadTimeoutError):
        return f"no data for {TIMEOUT_S[1]:.0f} s"
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return f"no connection within {TIMEOUT_S[0]:.0f} s"
    if isinstance(error, requests.exceptions.ConnectionError):
        return "no connection to the server"
    return "the connection broke"


def _title(page: bytes) -> str:
    match = re.search(rb"<title[^>]*>(.*?)</title>", page, flags=re.IGNORECASE | re.DOTALL)
    words = " ".join(match[1].decode("utf-8", "replace").split()) if match else ""
    return f" ({words[:80]!r})" if words else ""


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _megabytes(size: int) -> int:
    return -(-size // 10**6)
