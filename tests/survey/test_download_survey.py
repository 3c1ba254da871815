"""The whole stage: from an address to a manifest, and which parts of it are repeated."""

import shutil

import pytest

from galforge.core.errors import InputError
from galforge.core.files import file_digest
from galforge.download import downloading
from galforge.survey.manifest import read_manifest
from galforge.survey.reading import open_survey, survey_catalog
from tests.helpers.archive_server import (
    CATALOG,
    COUNT,
    FOLDER,
    Answer,
    ArchiveServer,
    make_archive,
    make_survey,
    md5,
)
from tests.helpers.entries import run_stage
from workflow_scripts.survey import download_survey


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    return make_survey(tmp_path_factory.mktemp("survey"))


@pytest.fixture(scope="module")
def archive(survey):
    return make_archive(survey)


@pytest.fixture
def server(archive, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(downloading, "FIRST_WAIT_S", 0.0)
    server = ArchiveServer(archive, etag='"one"')
    yield server
    server.close()


@pytest.fixture
def stage(server, archive, tmp_path, monkeypatch):
    """Run the entry; return its manifest."""

    def run(**changes):
        settings = {
            "source": "url",
            "url": server.url,
            "hash": md5(archive),
            "catalog": CATALOG,
            "exclusion_level": "marginal",
            "credit": "somebody",
            "unpacked_limit_gb": 0.1,
            **changes,
        }
        manifest = tmp_path / "survey" / "survey.json"
        run_stage(download_survey, settings, folder=tmp_path / "download", manifest=manifest)
        return read_manifest(manifest)

    return run


def test_the_survey_is_that_of_the_archive(stage, survey, archive, tmp_path):
    manifest = stage()
    assert manifest.source == "url"
    assert manifest.simulated is False
    assert manifest.count == COUNT
    assert manifest.path == tmp_path / "download" / "files"
    assert manifest.files == {path.name: file_digest(path) for path in survey.iterdir()}
    assert manifest.archive["md5"] == md5(archive).removeprefix("md5:")
    assert len(survey_catalog(open_survey(manifest))) == COUNT
    assert {path.name for path in (tmp_path / "download").iterdir()} == {"files", "receipt.json", "lock"}
    assert {path.name for path in manifest.path.iterdir()} == {path.name for path in survey.iterdir()}


@pytest.mark.parametrize("change", [{}, {"exclusion_level": "none"}, {"credit": "another"}])
def test_made_again_nothing_is_downloaded(stage, server, change):
    first = stage()
    again = stage(**change)
    assert len(server.requests) == 1
    assert again.files.items() <= first.files.items()


def test_a_hash_that_is_pinned_afterwards_costs_no_download(stage, server, archive):
    stage(hash=None)
    stage(hash=md5(archive))
    assert len(server.requests) == 1


@pytest.mark.parametrize("damage", ["changed", "missing", "receipt"])
def test_a_file_that_was_harmed_is_fetched_again(stage, server, damage):
    manifest = stage()
    harmed = manifest.path / CATALOG
    if damage == "changed":
        harmed.write_bytes(harmed.read_bytes()[:-1] + b"x")
    elif damage == "missing":
        harmed.unlink()
    else:
        (manifest.path.parent / "receipt.json").write_text("{}")
    assert stage() == manifest
    assert len(server.requests) == 2


def test_another_archive_replaces_the_survey(stage, server, survey, tmp_path):
    stage()
    shutil.copytree(survey, tmp_path / "other" / FOLDER)
    (tmp_path / "other" / FOLDER / "README").write_text("new")
    server.content, server.etag = make_archive(tmp_path / "other" / FOLDER), '"two"'
    manifest = stage(hash=md5(server.content))
    assert (manifest.path / "README").read_text() == "new"
    assert manifest.archive["md5"] == md5(server.content).removeprefix("md5:")


def test_until_another_archive_is_whole_the_old_survey_stays(stage, server, tmp_path):
    manifest = stage()
    server.plan.extend([Answer(status=503)] * 99)
    with pytest.raises(Exception, match="503"):
        stage(url=f"{server.url}.new")
    assert (manifest.path / CATALOG).is_file()


def test_an_archive_that_lacks_what_is_asked_for_is_named_and_kept(stage, server, tmp_path):
    with pytest.raises(InputError, match=r"real_galaxy_catalog_25\.2\.fits: is missing from the survey"):
        stage(catalog="real_galaxy_catalog_25.2.fits")
    assert stage().count == COUNT
    assert len(server.requests) == 1


def test_an_archive_over_the_limit_is_kept_until_the_limit_is_raised(stage, server):
    with pytest.raises(InputError, match=r"allowed: 100,000 and 0\.0001 GB"):
        stage(unpacked_limit_gb=1e-4)
    assert stage().count == COUNT
    assert len(server.requests) == 1
