"""Every fault of a download, against a server on this machine."""

import hashlib
import json
import random
from collections import namedtuple
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from galforge.core.errors import GalforgeError
from galforge.download import downloading
from galforge.download.downloading import TRIES, download
from galforge.download.part_file import discard_download
from tests.helpers.archive_server import Answer, ArchiveServer, content_md5, md5

CONTENT = random.Random(1).randbytes(3_000_000)
OTHER = random.Random(2).randbytes(3_000_000)
MD5, WRONG = md5(CONTENT), f"md5:{'0' * 32}"
SHA256 = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"
ETAG = '"one"'


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def server():
    server = ArchiveServer(CONTENT, etag=ETAG)
    yield server
    server.close()


@pytest.fixture
def part(tmp_path):
    return tmp_path / "a folder" / "archive.part"


@pytest.fixture
def waits():
    return []


@pytest.fixture
def fetch(server, part, waits):
    def run(pinned=MD5, **options):
        return download(server.url, part, pinned, wait=waits.append, **options)

    return run


def message_of(caught):
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize("pinned", [MD5, SHA256])
def test_a_whole_file_comes_at_once(server, fetch, part, waits, pinned, capsys):
    whole = fetch(pinned)
    assert part.read_bytes() == CONTENT
    assert (whole.path, whole.url, whole.size) == (part, server.url, len(CONTENT))
    assert (f"md5:{whole.md5}", f"sha256:{whole.sha256}") == (MD5, SHA256)
    assert waits == []
    assert len(server.requests) == 1
    assert "Range" not in server.requests[0]
    assert "3 of 3 MB" in capsys.readouterr().err


def test_a_whole_file_is_not_asked_for_again(server, fetch):
    fetch()
    fetch()
    assert len(server.requests) == 1


def test_a_broken_connection_is_resumed_where_it_broke(server, fetch, part, waits, capsys):
    server.plan.extend([Answer(cut=1_000_000), Answer(cut=700_000)])
    fetch()
    assert part.read_bytes() == CONTENT
    starts = [request.get("Range") for request in server.requests]
    assert starts[0] is None
    first, second = (int(start.removeprefix("bytes=").removesuffix("-")) for start in starts[1:])
    # No more than one piece is lost, and nothing is fetched twice.
    assert 1_000_000 - downloading.PIECE_BYTES <= first <= 1_000_000
    assert first + 700_000 - downloading.PIECE_BYTES <= second <= first + 700_000
    assert server.requests[1]["If-Range"] == ETAG
    assert waits == [3.0, 6.0]
    assert f"resumed after {first:,} bytes" in capsys.readouterr().err


def test_what_an_earlier_run_left_is_resumed(server, fetch, part):
    server.plan.extend([Answer(cut=1_500_000), *[Answer(status=503)] * TRIES])
    with pytest.raises(GalforgeError, match="2 MB are kept, run again to resume"):
        fetch()
    kept = part.stat().st_size
    server.plan.clear()
    fetch()
    assert server.requests[-1]["Range"] == f"bytes={kept}-"
    assert part.read_bytes() == CONTENT


def test_a_server_without_ranges_starts_over(server, fetch, part):
    server.plan.extend([Answer(cut=1_500_000), Answer(ranges=False)])
    fetch()
    assert "Range" in server.requests[1]
    assert part.read_bytes() == CONTENT


def test_without_a_validator_nothing_is_resumed(server, fetch, part):
    """Nothing would show that the rest belongs to the same file."""
    server.etag = None
    server.plan.append(Answer(cut=1_500_000))
    fetch()
    assert "Range" not in server.requests[1]
    assert part.read_bytes() == CONTENT


def test_a_weak_etag_does_not_vouch_for_bytes_but_the_date_does(server, fetch, part):
    date = "Wed, 21 Oct 2015 07:28:00 GMT"
    server.etag = 'W/"one"'
    server.plan.append(Answer(cut=1_500_000, headers={"Last-Modified": date}))
    server.plan.append(Answer(check_if_range=False))
    fetch()
    assert server.requests[1]["If-Range"] == date
    assert part.read_bytes() == CONTENT


@pytest.mark.parametrize("heeds_if_range", [True, False])
def test_a_file_that_changed_on_the_server_is_not_glued_together(server, fetch, part, heeds_if_range):
    server.plan.append(Answer(cut=1_500_000))

    def swap(seconds):
        server.content, server.etag = OTHER, '"two"'
        if not heeds_if_range:
            server.plan.append(Answer(check_if_range=False))

    waits = iter([swap, lambda seconds: None])
    download(server.url, part, md5(OTHER), wait=lambda seconds: next(waits)(seconds))
    assert part.read_bytes() == OTHER
    assert len(server.requests) == (2 if heeds_if_range else 3)


def test_a_part_of_another_address_is_discarded(server, fetch, part, capsys):
    server.plan.extend([Answer(cut=1_500_000), *[Answer(status=503)] * TRIES])
    with pytest.raises(GalforgeError):
        fetch()
    server.plan.clear()
    download(f"{server.url}.new", part, MD5)
    assert "Range" not in server.requests[-1]
    assert f"discarded, it came from {server.url}" in capsys.readouterr().err
    assert part.read_bytes() == CONTENT


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_server_is_tried_again_with_longer_waits_and_not_for_ever(server, fetch, waits, status):
    server.plan.extend([Answer(status=status)] * 99)
    with pytest.raises(GalforgeError) as caught:
        fetch()
    assert f"the server answers {status}" in message_of(caught)
    assert f"try {TRIES} without progress" in message_of(caught)
    assert len(server.requests) == TRIES
    assert waits == [3.0, 6.0, 12.0, 24.0, 48.0]


def test_a_busy_server_may_recover(server, fetch, part):
    server.plan.extend([Answer(status=503), Answer(status=429)])
    fetch()
    assert part.read_bytes() == CONTENT


def test_retry_after_is_honoured_in_seconds_and_as_a_date(server, fetch, waits):
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    for value in ("77", date, "nonsense"):
        server.plan.append(Answer(status=429, headers={"Retry-After": value}))
    fetch()
    assert waits[0] == 77
    assert 80 < waits[1] <= 90
    assert waits[2] == 12.0


def test_a_server_that_asks_for_too_long_a_wait_is_left_with_its_words(server, fetch, waits):
    server.plan.append(Answer(status=429, headers={"Retry-After": "86400"}))
    with pytest.raises(GalforgeError, match=r"429 .*, to try again in 24 h 00 min"):
        fetch()
    assert waits == []


def test_a_slow_line_that_breaks_often_gets_there(server, fetch, part, monkeypatch):
    monkeypatch.setattr(downloading, "PROGRESS_BYTES", 100_000)
    server.plan.extend([Answer(cut=200_000)] * 2 * TRIES)
    fetch()
    assert len(server.requests) > TRIES
    assert part.read_bytes() == CONTENT


def test_a_server_that_always_breaks_at_the_same_place_is_left(server, fetch):
    server.plan.extend([Answer(cut=2_000_000, ranges=False)] * 99)
    with pytest.raises(GalforgeError, match=r"connection broke|the file ended after"):
        fetch()
    assert len(server.requests) == TRIES


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_refusal_ends_at_once(server, fetch, waits, status):
    server.plan.append(Answer(status=status))
    with pytest.raises(GalforgeError) as caught:
        fetch()
    assert f"{server.url}: the server answers {status}" in message_of(caught)
    assert waits == []


def test_no_server_is_said_in_one_line(part):
    server = ArchiveServer(CONTENT)
    server.close()
    with pytest.raises(GalforgeError) as caught:
        download(server.url, part, MD5, wait=lambda seconds: None)
    assert "no connection to the server" in message_of(caught)


def test_a_wrong_hash_names_both_is_discarded_and_tried_again(server, fetch, part, waits, capsys):
    server.plan.append(Answer(body=OTHER))
    fetch()
    assert part.read_bytes() == CONTENT
    line = next(line for line in capsys.readouterr().err.splitlines() if "discarded" in line)
    assert f"the hash is {md5(OTHER)}, but pinned is {MD5}" in line
    assert waits == [3.0]


def test_a_hash_that_stays_wrong_ends_with_both(server, fetch, part):
    with pytest.raises(GalforgeError) as caught:
        fetch(WRONG)
    assert f"the hash is {MD5}, but pinned is {WRONG}" in message_of(caught)
    assert "discarded" in message_of(caught)
    assert len(server.requests) == 2
    assert list(part.parent.iterdir()) == []


def test_a_hash_that_the_server_confirms_is_not_downloaded_twice(server, fetch):
    server.etag = f'"{MD5}"'
    with pytest.raises(GalforgeError, match="the hash that the server gives, so the file there is another"):
        fetch(WRONG)
    assert len(server.requests) == 1


ServedHash = namedtuple("ServedHash", "etag headers")


@pytest.mark.parametrize(
    "served",
    [ServedHash(f'"{MD5}"', {}), ServedHash('"x"', {"Content-MD5": content_md5(CONTENT)})],
    ids=["ETag", "Content-MD5"],
)
def test_without_a_pin_the_servers_hash_counts_and_is_shown(server, fetch, part, served, capsys):
    server.etag = served.etag
    server.plan.append(Answer(headers=served.headers, cut=1_500_000))
    fetch(None)
    assert part.read_bytes() == CONTENT
    assert MD5 in capsys.readouterr().err


def test_a_server_that_lies_about_its_hash_is_found_out(server, fetch):
    server.etag = f'"{WRONG}"'
    with pytest.raises(GalforgeError) as caught:
        fetch(None)
    assert f"the hash is {MD5}, but the server says {WRONG}" in message_of(caught)
    assert len(server.requests) == 2


def test_what_is_pinned_counts_more_than_what_the_server_says(server, fetch, part):
    server.etag = f'"{WRONG}"'
    fetch(MD5)
    assert part.read_bytes() == CONTENT


def test_without_any_hash_the_length_counts_and_the_hash_is_shown(server, fetch, part, capsys):
    server.plan.append(Answer(cut=1_500_000))
    fetch(None)
    assert part.read_bytes() == CONTENT
    assert f"no hash is known, pin it: {MD5}" in capsys.readouterr().err


def test_without_hash_and_length_nothing_is_downloaded(server, fetch):
    server.plan.append(Answer(length=False))
    with pytest.raises(GalforgeError, match="neither length nor hash"):
        fetch(None)


def test_without_length_the_pinned_hash_tells_whether_it_is_whole(server, fetch, part):
    server.plan.extend([Answer(length=False, cut=1_500_000), Answer(length=False)])
    fetch()
    assert part.read_bytes() == CONTENT


def test_a_range_that_was_not_asked_for_is_not_appended(server, fetch, part):
    """A proxy's cache may hold another file under the same tag."""
    server.plan.append(Answer(cut=1_500_000))
    server.plan.append(Answer(status=206, headers={"Content-Range": "bytes 5-9/10"}))
    fetch()
    assert part.read_bytes() == CONTENT


def test_more_bytes_than_announced_are_not_believed(server, part, capsys):
    """A part of a 2 MB file is here; the rest that comes is too long for it."""
    server.plan.append(Answer(cut=1_500_000, headers={"Content-Length": "2000000"}))

    def answer_with_too_much(seconds):
        if len(server.requests) == 1:
            rest = {"Content-Range": f"bytes {part.stat().st_size}-1999999/2000000"}
            server.plan.append(Answer(status=206, headers=rest, length=False))

    download(server.url, part, MD5, wait=answer_with_too_much)
    assert "bytes came, but the server announced 2,000,000" in capsys.readouterr().err
    assert part.read_bytes() == CONTENT


def test_a_server_that_cannot_go_on_is_asked_from_the_start(server, fetch, part):
    server.plan.extend([Answer(cut=1_500_000), Answer(status=416, body=b"")])
    fetch()
    assert "Range" not in server.requests[2]
    assert part.read_bytes() == CONTENT


PAGE = b"\n<!DOCTYPE html><html><head><title>Zenodo is\n resting</title></head></html>"


def test_a_web_page_is_recognised_and_costs_nothing_that_is_here(server, fetch, part, waits, capsys):
    server.plan.extend([Answer(cut=1_500_000), Answer(body=PAGE, headers={"Content-Type": "text/html"})])
    fetch()
    assert (
        "a web page came instead of the file ('Zenodo is resting'); 2 MB are kept" in capsys.readouterr().err
    )
    assert "Range" in server.requests[2]
    assert part.read_bytes() == CONTENT


def test_a_web_page_that_stays_ends_the_download(server, fetch, part):
    server.plan.extend([Answer(body=PAGE)] * 99)
    with pytest.raises(GalforgeError) as caught:
        fetch()
    assert "a web page came instead of the file ('Zenodo is resting')" in message_of(caught)
    assert not part.exists()


def test_a_disk_that_is_too_small_is_said_before_a_byte_is_written(server, fetch, part):
    with pytest.raises(GalforgeError) as caught:
        fetch(free=lambda folder: 7_000_000)
    # 3 MB and one and a half times that.
    assert "0.007 GB are free" in message_of(caught)
    assert "needs 0.0075 GB: 0.003 to download and about 0.0045 to unpack" in message_of(caught)
    assert not part.exists()
    fetch(free=lambda folder: 7_500_000)


def test_on_resuming_only_the_rest_must_fit(server, fetch, part):
    server.plan.extend([Answer(cut=1_500_000), *[Answer(status=503)] * TRIES])
    with pytest.raises(GalforgeError):
        fetch()
    server.plan.clear()
    needed = int(2.5 * len(CONTENT)) - part.stat().st_size
    with pytest.raises(GalforgeError, match="free on the disk"):
        fetch(free=lambda folder: needed - 1)
    fetch(free=lambda folder: needed)


def test_a_label_of_compression_unpacks_nothing(server, fetch, part):
    """Some servers call a .tar.gz a gzip-encoded .tar; its bytes are what counts."""
    server.plan.append(Answer(headers={"Content-Encoding": "gzip"}))
    fetch()
    assert part.read_bytes() == CONTENT


def test_a_record_that_cannot_be_read_starts_over(server, fetch, part):
    fetch()
    record = part.with_name("archive.part.json")
    assert json.loads(record.read_text())["size"] == len(CONTENT)
    record.write_text("{")
    fetch()
    assert "Range" not in server.requests[-1]


def test_a_discarded_download_leaves_nothing(server, fetch, part):
    fetch()
    discard_download(part)
    assert list(part.parent.iterdir()) == []
