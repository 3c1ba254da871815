"""A trained model from a folder, a zip, an address or the package itself."""

import hashlib
import io
import zipfile

import pytest
import torch

import galforge
from galforge.core.errors import GalforgeError, InputError
from galforge.publication.obtaining import obtain_model
from galforge.publication.places import EMBEDDED
from tests.helpers.archive_server import Answer, ArchiveServer
from tests.helpers.published_model import publish_model

FILES = ("weights.safetensors", "model.json")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("published")
    publish_model(folder)
    return folder


def zipped(folder, prefix="", **others):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in FILES:
            archive.writestr(f"{prefix}{name}", others.get(name, (folder / name).read_bytes()))
    return buffer.getvalue()


def same(first, second):
    weights = second.state_dict()
    return all(torch.equal(value, weights[name]) for name, value in first.state_dict().items())


@pytest.fixture
def served(folder, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    server = ArchiveServer(zipped(folder))
    yield server
    server.close()


def address(server, content=None):
    return f"{server.url}#sha256={hashlib.sha256(content or server.content).hexdigest()}"


@pytest.mark.parametrize("prefix", ["", "flow_vae/", "zoo/flux_cosmos/flow_vae/"])
def test_a_zip_is_the_folder_that_was_zipped(folder, tmp_path, prefix):
    path = tmp_path / "model.zip"
    path.write_bytes(zipped(folder, prefix))
    assert same(galforge.load_model(path), galforge.load_model(folder))


def test_a_zip_without_a_model_is_refused(folder, tmp_path):
    path = tmp_path / "model.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model.json", "{}")
    with pytest.raises(InputError, match=r"model\.zip: holds 0 files weights\.safetensors; allowed: 1"):
        obtain_model(path)


def test_a_damaged_zip_is_refused(folder, tmp_path):
    path = tmp_path / "model.zip"
    path.write_bytes(zipped(folder)[:-40])
    with pytest.raises(InputError, match=r"model\.zip: cannot be read as a zip"):
        obtain_model(path)


def test_a_zip_that_would_take_the_disk_is_refused(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("galforge.core.declared.MOST_UNSTORED_BYTES", 1 << 20)
    path = tmp_path / "model.zip"
    path.write_bytes(zipped(folder, **{"weights.safetensors": bytes(1 << 26)}))
    with pytest.raises(InputError, match=r"model\.zip: has [0-9,]+ bytes and declares 67,\d+,\d+, more than"):
        obtain_model(path)


def test_names_in_a_zip_lead_nowhere_else(folder, tmp_path):
    path = tmp_path / "inside" / "model.zip"
    path.parent.mkdir()
    path.write_bytes(zipped(folder, "../../"))
    assert same(obtain_model(path), obtain_model(folder))
    assert [each.name for each in tmp_path.rglob("*") if each.is_file()] == ["model.zip"]


def test_weights_of_another_model_are_refused(folder, tmp_path):
    path = tmp_path / "model.zip"
    changed = bytearray((folder / "weights.safetensors").read_bytes())
    changed[-1] ^= 1
    path.write_bytes(zipped(folder, **{"weights.safetensors": bytes(changed)}))
    with pytest.raises(InputError, match=r"weights\.safetensors"):
        obtain_model(path)


def test_an_address_is_downloaded_once(folder, served, tmp_path):
    assert same(obtain_model(address(served)), obtain_model(folder))
    assert same(obtain_model(address(served)), obtain_model(folder))
    assert len(served.requests) == 1
    [kept] = (tmp_path / "caches" / "galforge" / "models").iterdir()
    assert kept.read_bytes() == served.content


def test_a_download_that_breaks_is_resumed(folder, served, monkeypatch):
    monkeypatch.setattr("galforge.download.downloading.time.sleep", lambda _: None)
    monkeypatch.setattr("galforge.download.downloading.FIRST_WAIT_S", 0.0)
    served.etag = '"one"'
    served.plan.append(Answer(cut=2000))
    assert same(obtain_model(address(served)), obtain_model(folder))
    assert [request.get("Range") for request in served.requests] == [None, "bytes=2000-"]


def test_a_file_of_another_hash_is_not_loaded(served, monkeypatch):
    monkeypatch.setattr("galforge.download.downloading.FIRST_WAIT_S", 0.0)
    with pytest.raises(GalforgeError, match="sha256"):
        obtain_model(address(served, b"another"))


def test_a_kept_file_that_has_changed_is_downloaded_again(folder, served, tmp_path):
    obtain_model(address(served))
    [kept] = (tmp_path / "caches" / "galforge" / "models").iterdir()
    kept.write_bytes(b"changed")
    assert same(obtain_model(address(served)), obtain_model(folder))
    assert len(served.requests) == 2


@pytest.mark.parametrize("fragment", ["", "#sha256=abc", "#md5=" + 32 * "0"])
def test_an_address_without_a_hash_is_refused(fragment):
    with pytest.raises(InputError, match="has no hash; allowed: https://"):
        obtain_model(f"https://localhost/model.zip{fragment}")


def test_the_package_brings_a_model_of_simulated_galaxies():
    model = galforge.load_model()
    assert model.record["model"] == "flow_vae"
    assert same(model, galforge.load_model(EMBEDDED))
    galaxies = model.draw(200, seed=1, conditions={"mag_auto": 22.0})
    zero_point = galaxies.attributes["zero_point"]
    asked = 10 ** (0.4 * (zero_point - 22.0))
    assert sorted(galaxies.flux)[100] == pytest.approx(asked, rel=0.15)
