"""What the answer of a server says: its status, the file it speaks of, and why a connection broke."""

import base64
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests
from urllib3.exceptions import ReadTimeoutError

from galforge.core.errors import GalforgeError
from galforge.download.part_file import Origin

TIMEOUT_S = (30.0, 60.0)  # to connect, between two pieces

_RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})


class RetriableError(Exception):
    """A fault that another try may mend; ``wait_s`` is the time that the server asks for."""

    def __init__(self, reason: str, wait_s: float | None = None) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


def check_status(response: requests.Response) -> None:
    """Raise if the server answers with anything but content, or with 416 (it has no more).

    Raises
    ------
    RetriableError
        If the server is busy.
    GalforgeError
        If it refuses.
    """
    status = f"{response.status_code} {response.reason}".strip()
    if response.status_code in _RETRIED:
        raise RetriableError(f"the server answers {status}", _requested_wait(response))
    if response.status_code not in (200, 206, 416):
        raise GalforgeError(f"{response.url}: the server answers {status}; is the address right?")


def origin_of(url: str, response: requests.Response) -> Origin:
    """Return which file an answer begins."""
    headers = response.headers
    length, etag = headers.get("Content-Length", ""), headers.get("ETag")
    strong = etag if etag and not etag.startswith("W/") else None
    return Origin(
        url=url,
        size=int(length) if length.isdigit() else None,
        validator=strong or headers.get("Last-Modified"),
        etag=etag,
        hash=_served_hash(etag, headers.get("Content-MD5")),
    )


def continues(response: requests.Response, origin: Origin, start: int) -> bool:
    """Tell whether a partial answer is of the same file and begins at byte ``start``."""
    match = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
    if match is None or int(match[1]) != start:
        return False
    same_size = match[2] == "*" or origin.size is None or int(match[2]) == origin.size
    return same_size and response.headers.get("ETag", origin.etag) == origin.etag


def connection_fault(error: Exception) -> str:
    """Say in a few words why a connection broke; the libraries' own messages take three lines."""
    if isinstance(error, requests.exceptions.SSLError):
        return "no secure connection, the server's certificate is not accepted"
    if isinstance(error, requests.exceptions.ReadTimeout | ReadTimeoutError):
        return f"no data for {TIMEOUT_S[1]:.0f} s"
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return f"no connection within {TIMEOUT_S[0]:.0f} s"
    if isinstance(error, requests.exceptions.ConnectionError):
        return "no connection to the server"
    return "the connection broke"


def check_no_web_page(start: bytes) -> None:
    """Raise a RetriableError if content begins as a web page does; it names the page's title."""
    if start.lstrip()[:1] != b"<":
        return
    match = re.search(rb"<title[^>]*>(.*?)</title>", start, flags=re.IGNORECASE | re.DOTALL)
    words = " ".join(match[1].decode("utf-8", "replace").split()) if match else ""
    title = f" ({words[:80]!r})" if words else ""
    raise RetriableError(f"a web page came instead of the file{title}")


def _served_hash(etag: str | None, content_md5: str | None) -> str | None:
    """Return the server's hash: an ETag ``"md5:..."`` (as Zenodo has it), or Content-MD5."""
    match = re.fullmatch(r'(?:W/)?"?(md5:[0-9a-f]{32})"?', (etag or "").strip(), flags=re.IGNORECASE)
    if match:
        return match[1].lower()
    try:
        digest = base64.b64decode(content_md5 or "", validate=True)
    except ValueError:
        return None
    return f"md5:{digest.hex()}" if len(digest) == 16 else None


def _requested_wait(response: requests.Response) -> float | None:
    """Return the seconds of the Retry-After header, which holds seconds or a date."""
    header = response.headers.get("Retry-After")
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
