"""A survey from a server on this machine, through Snakemake, with kills on the way."""

import json
import os
import signal
import time

import pytest

from tests.helpers.archive_server import CATALOG, COUNT, Answer, ArchiveServer, make_archive, make_survey, md5
from tests.helpers.faults import fault
from tests.workflow.conftest import error_of, line_with

MANIFEST = "results/survey/mirrored/survey.json"
PART = "results/download/mirrored/archive.part"
QUALITY = "results/quality/mirrored/0-of-1.csv"


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return make_archive(make_survey(tmp_path_factory.mktemp("survey")))


@pytest.fixture
def server(archive, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    # Some seconds for the whole archive, so that there is time to kill.
    server = ArchiveServer(archive, etag='"one"', piece_s=0.1)
    yield server
    server.close()


def overlay(server, exclusion_level="marginal"):
    return f"""
surveys:
  mirrored:
    source: url
    url: {server.url}
    hash: {md5(server.content)}
    catalog: {CATALOG}
    exclusion_level: {exclusion_level}
    credit: nobody
datasets:
  simulated_cosmos: {{survey: mirrored}}
  mirrored:
    description: Galaxies from a server.
    survey: mirrored
    stamps:
      {{size: 64, mode: fit, psf: {{kind: original}}, shards: 1, maximum_failed_fraction: 0}}
    selection: {{minimum_count: 10, limits: {{}}}}
    split: {{validation: 0.1, test: 0.1}}
"""


def wait_for_part(path):
    end = time.monotonic() + 60
    while not (path.exists() and path.stat().st_size > 100_000):
        assert time.monotonic() < end, "the download did not start in time"
        time.sleep(0.02)


@pytest.mark.parametrize(
    "done",
    [
        pytest.param(done, marks=fault(f"{done}, half-way", then="run again: the download resumes"))
        for done in ("kill -9 of a download", "kill -9 of Snakemake and its download")
    ],
)
def test_a_killed_download_goes_on_where_it_was(fresh, server, done, seen):
    running = fresh.start(QUALITY, overlay=overlay(server))
    wait_for_part(fresh.path / PART)
    if done == "kill -9 of Snakemake and its download":
        os.killpg(running.pid, signal.SIGKILL)
    else:
        lock = fresh.path / "results/download/mirrored/lock"
        os.kill(int(lock.read_text().split()[1]), signal.SIGKILL)
    running.communicate(timeout=60)
    assert running.returncode != 0
    assert not (fresh.path / MANIFEST).exists(), "the download ended before the fault"
    kept = (fresh.path / PART).stat().st_size
    assert 100_000 < kept < len(server.content)

    server.piece_s = 0
    output = fresh.make(QUALITY, overlay=overlay(server))
    line = line_with(output, f"resumed after {kept:,} bytes")
    seen(line)
    assert [request.get("Range") for request in server.requests] == [None, f"bytes={kept}-"]
    manifest = json.loads((fresh.path / MANIFEST).read_text())
    assert (manifest["source"], manifest["count"]) == ("url", COUNT)
    assert len((fresh.path / QUALITY).read_text().splitlines()) == 1 + COUNT
    assert not (fresh.path / PART).exists(), "the archive is not kept beside its files"

    assert fresh.planned(QUALITY, overlay=overlay(server)) == set()
    # Another level reads the survey again, and needs no server.
    server.close()
    output = fresh.make(MANIFEST, overlay=overlay(server, "none"))
    assert "downloaded before and unchanged" in output
    assert json.loads((fresh.path / MANIFEST).read_text())["exclusion_level"] == "none"


@fault("a server that refuses a download", then="correct the named address")
def test_a_refused_download_is_one_line_and_stops_the_run(fresh, server, seen):
    server.plan.append(Answer(status=404))
    status, output = fresh.run("surveys", overlay=overlay(server))
    assert status != 0
    line = error_of(output)
    assert line == f"ERROR: {server.url}: the server answers 404 Not Found; is the address right?"
    assert len(server.requests) == 1
    seen(line)
