"""What was downloaded before and is unchanged is not downloaded again; anything else is replaced."""

import pytest

from galforge.download.fetching import discard_archive, fetch_file, fetch_survey, files_folder
from tests.download.test_extraction import CATALOG, LIMIT, archive, member
from tests.helpers.archive_server import ArchiveServer, md5

TABLE = b"asset_id,objid\n1,2\n"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def serve():
    servers = []

    def start(content):
        servers.append(ArchiveServer(content, etag='"one"'))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


class Fetched:
    """One of the two things that are fetched: a survey's archive, or a file that is used as it is."""

    def __init__(self, form, folder, server):
        self.form, self.folder, self.server = form, folder, server
        self.pinned = md5(server.content)
        self.path = files_folder(folder) / CATALOG if form == "survey" else folder / "table.csv"
        self.receipt = folder / ("receipt.json" if form == "survey" else "table.csv.receipt.json")

    def fetch(self, pinned=None, url=None):
        address, pinned = url or self.server.url, pinned or self.pinned
        if self.form == "file":
            return fetch_file(address, pinned, self.path)
        receipt = fetch_survey(address, pinned, LIMIT, self.folder)
        discard_archive(self.folder)
        return receipt


@pytest.fixture(params=["survey", "file"])
def fetched(request, serve, tmp_path):
    return Fetched(request.param, tmp_path, serve(archive() if request.param == "survey" else TABLE))


def test_what_is_there_is_not_downloaded_again(fetched, capsys):
    first = fetched.fetch()
    content = fetched.path.read_bytes()
    assert fetched.fetch() == first
    assert "downloaded before and unchanged" in capsys.readouterr().err
    assert len(fetched.server.requests) == 1
    assert fetched.path.read_bytes() == content
    assert not list(fetched.folder.glob("*.part*"))


@pytest.mark.parametrize("damage", ["changed", "missing", "receipt"])
def test_what_was_damaged_is_replaced_with_the_reason(fetched, damage, capsys):
    first = fetched.fetch()
    content = fetched.path.read_bytes()
    if damage == "changed":
        fetched.path.write_bytes(b"x" + content)
    elif damage == "missing":
        fetched.path.unlink()
    else:
        fetched.receipt.write_text("{}")
    assert fetched.fetch() == first
    assert fetched.path.read_bytes() == content
    reason = {"changed": "its content has changed", "missing": "is missing", "receipt": "cannot be read"}
    assert reason[damage] in capsys.readouterr().err


def test_another_address_replaces_it(fetched, capsys):
    first = fetched.fetch()
    second = fetched.fetch(url=f"{fetched.server.url}.new")
    assert (second.url, second.sha256) == (f"{first.url}.new", first.sha256)
    assert f"came from {first.url}; it will be replaced" in capsys.readouterr().err


def test_another_pinned_hash_replaces_it(fetched, capsys):
    first = fetched.fetch()
    other = archive((member("README"), b"new")) if fetched.form == "survey" else TABLE * 2
    fetched.server.content, fetched.server.etag = other, '"two"'
    second = fetched.fetch(pinned=md5(other))
    assert second.has(md5(other))
    assert second.files != first.files
    assert f"but pinned is {md5(other)}; it will be replaced" in capsys.readouterr().err
