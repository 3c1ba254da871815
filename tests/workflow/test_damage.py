"""Flipped bytes and files that mean harm, each met by the stage that reads it."""

import contextlib
import json
import os
import pickle
import shutil
import signal
import tarfile

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

from galforge.core.files import file_digest, write_json
from galforge.datasets.stamp_file import read_attributes, read_stamps
from galforge.survey.layout import CATALOG, FITS_CATALOG, image_file_name
from tests.helpers.archive_server import ArchiveServer, make_archive, make_survey
from tests.helpers.faults import fault
from tests.workflow.conftest import error_of, line_with, wait_for
from tests.workflow.test_download import overlay as of_archive

OF_MODEL = "simulated_cosmos/danilov_beta_vae"
WEIGHTS = f"results/model/{OF_MODEL}/weights.safetensors"
RECORD = f"results/model/{OF_MODEL}/model.json"
STATE = f"results/state/{OF_MODEL}"
SURVEY = "results/survey/simulated_cosmos"
STAMPS = "results/stamps/simulated_cosmos"
QUALITY = "results/quality/simulated_cosmos"
SAMPLE = f"results/sample/{OF_MODEL}.h5"
DATASET = "results/dataset/simulated_cosmos.h5"


def flip(path, place=0.5):
    """Flip a bit as a bad disk does: the file's times stay."""
    times = path.stat()
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= 8
    path.write_bytes(content)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


REMOVE = "remove the named file and run again: it is made again, and so is all that depends on it"

FLIPS = [
    # What is flipped, and where; what is then made of it.
    ("stamps", f"{STAMPS}/0-of-2.h5", f"{QUALITY}/0-of-2.csv", True),
    ("a dataset", DATASET, "results/evaluation/simulated_cosmos/morphology.csv", False),
    ("a sample", SAMPLE, f"results/evaluation/{OF_MODEL}/morphology_raw.csv", True),
    ("latents", f"results/latent/{OF_MODEL}.h5", f"results/evaluation/{OF_MODEL}/latents.json", True),
    ("published weights", WEIGHTS, SAMPLE, False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("damaged", "target"),
    [
        pytest.param(path, target, id=what, marks=fault(f"a flipped byte in {what}", then=REMOVE, slow=slow))
        for what, path, target, slow in FLIPS
    ],
)
def test_a_flipped_byte_stops_the_stage_that_reads_it(victim, damaged, target, seen):
    before = victim.digests(damaged, target)
    flip(victim.path / damaged)
    (victim.path / target).unlink()
    status, output = victim.run(target)
    assert status != 0
    line = error_of(output)
    assert line.startswith(f"ERROR: {damaged}: is damaged")
    assert not (victim.path / target).exists()
    seen(line)
    (victim.path / damaged).unlink()
    victim.make(target)
    assert victim.digests(damaged, target) == before


@fault("a flipped bit in a model's record, which is JSON still", then=REMOVE, slow=True)
def test_a_damaged_record_is_named(victim, seen):
    before = victim.digests(WEIGHTS, SAMPLE)
    record = victim.path / RECORD
    record.write_text(record.read_text().replace('"status"', '"statur"'))
    (victim.path / SAMPLE).unlink()
    status, output = victim.run(SAMPLE)
    assert status != 0
    line = error_of(output)
    assert line.startswith(f"ERROR: {RECORD}: is damaged or was edited")
    seen(line)
    record.unlink()
    victim.make(SAMPLE)
    assert victim.digests(WEIGHTS, SAMPLE) == before


@fault(
    "a flipped byte in a survey's images",
    then="remove the survey (a simulated one is made again, a download is fetched again), or repair your own",
    slow=True,
)
def test_a_flipped_byte_in_a_survey_draws_no_galaxy_of_that_file(victim, seen):
    selection = "results/selection/simulated_cosmos/selection.csv"
    shards = [f"{STAMPS}/{shard}-of-2.h5" for shard in (0, 1)]
    made_of_it = (selection, *shards, *(f"{QUALITY}/{shard}-of-2.csv" for shard in (0, 1)))
    before = victim.digests(SURVEY, *made_of_it)
    flip(victim.path / SURVEY / "files" / image_file_name(1))
    for name in made_of_it:
        (victim.path / name).unlink()
    status, output = victim.run(selection)
    assert status != 0
    line = error_of(output)
    assert "galaxies could not be drawn" in line
    assert f"{image_file_name(1)} is not the file that the survey was described with" in line
    seen(line)
    (victim.path / SURVEY / "survey.json").unlink()
    for name in made_of_it:
        (victim.path / name).unlink(missing_ok=True)
    victim.make(selection)
    assert victim.digests(SURVEY, *made_of_it) == before


class Harm:
    """A pickle that runs a command as it is read."""

    def __init__(self, proof):
        self.proof = proof

    def __reduce__(self):
        return os.system, (f"touch '{self.proof}'",)


def interrupted(project):
    """Start a training anew and kill it with everything once it has saved a state; return its states."""
    (project.path / WEIGHTS).unlink()
    running = project.start("models")
    state = project.path / STATE
    wait_for(lambda: list(state.glob("[ab].sha256")))
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate(timeout=180)
    assert not (project.path / WEIGHTS).exists(), "the training ended before the fault"
    return [path.with_suffix(".safetensors") for path in state.glob("[ab].sha256")]


@fault(
    "a flipped byte in the state of a training",
    then="run again",
    lost="what was trained since the state before it, or since the start",
    slow=True,
)
def test_a_damaged_state_is_not_used(victim, seen):
    before = victim.digests(WEIGHTS)
    for path in interrupted(victim):
        flip(path)
    output = victim.make("models")
    seen(line_with(output, "saved state is damaged or incomplete"))
    assert victim.digests(WEIGHTS) == before


@fault(
    "a pickle that runs a command, put in the place of a training's state",
    then="run again",
    lost="what was trained so far; the command is not run",
    slow=True,
)
def test_no_code_in_a_state_is_run(victim, tmp_path, seen):
    before = victim.digests(WEIGHTS)
    for path in interrupted(victim):
        path.write_bytes(pickle.dumps(Harm(tmp_path / "proof")))
        path.with_suffix(".sha256").write_text(f"{file_digest(path)}\n")
    output = victim.make("models")
    seen(line_with(output, "is not a saved state"))
    assert not (tmp_path / "proof").exists()
    assert victim.digests(WEIGHTS) == before


@contextlib.contextmanager
def hostile_model(project, change):
    """Yield what is said of a model with a changed record when a sample is drawn; put it back, and draw."""
    names = (WEIGHTS, RECORD, SAMPLE)
    whole = {name: (project.path / name).read_bytes() for name in names}
    record = {key: value for key, value in json.loads(whole[RECORD]).items() if key != "content_digest"}
    write_json(project.path / RECORD, change(record))
    (project.path / SAMPLE).unlink()
    status, output = project.run(SAMPLE)
    assert status != 0
    assert not (project.path / SAMPLE).exists()
    yield error_of(output)
    for name, content in whole.items():
        (project.path / name).write_bytes(content)
    project.make(SAMPLE)
    assert (project.path / SAMPLE).read_bytes() == whole[SAMPLE]


@fault(
    "a pickle that runs a command, put in the place of published weights, its digest in the record",
    then="remove the weights and run again; the command is not run",
)
def test_no_code_in_weights_is_run(victim, tmp_path, seen):
    def write(record):
        (victim.path / WEIGHTS).write_bytes(pickle.dumps(Harm(tmp_path / "proof")))
        return {**record, "weights_digest": file_digest(victim.path / WEIGHTS)}

    with hostile_model(victim, write) as line:
        assert line.startswith(f"ERROR: {WEIGHTS}: is not a file of weights (")
        assert not (tmp_path / "proof").exists()
        seen(line)
        # The same proof in the hands of one who does read pickles: the test could fail.
        pickle.loads((victim.path / WEIGHTS).read_bytes())
        assert (tmp_path / "proof").exists()


@fault(
    "a model's record that names a command in the place of its family",
    then="remove the record and run again; the command is not run",
    slow=True,
)
def test_no_command_in_a_record_is_run(victim, tmp_path, seen):
    command = ["/bin/sh", "-c", f"touch '{tmp_path / 'proof'}'"]
    hostile = {"family": "subprocess:run", "target": "subprocess:run", "image_shape": command}
    with hostile_model(victim, lambda record: {**record, **hostile}) as line:
        assert line.startswith(f"ERROR: {RECORD}: family is 'subprocess:run'")
        assert not (tmp_path / "proof").exists()
        seen(line)


def link(kind, target):
    def make():
        member = tarfile.TarInfo("survey/real_galaxy_catalog_extra.fits")
        member.type, member.linkname = kind, target
        return member

    return make


MEMBERS = {
    "a path that leads outside": lambda: tarfile.TarInfo("../../outside.fits"),
    "an absolute path": lambda: tarfile.TarInfo("/tmp/galforge_outside.fits"),
    "a symbolic link": link(tarfile.SYMTYPE, "/etc/passwd"),
    "a hard link": link(tarfile.LNKTYPE, "/etc/passwd"),
    "a device": link(tarfile.CHRTYPE, ""),
}


@pytest.mark.parametrize(
    "member",
    [
        pytest.param(
            make, id=what,
            marks=fault(f"an archive with {what}", then="do not trust this archive", slow=True),
        )
        for what, make in MEMBERS.items()
    ],
)  # fmt: skip
def test_a_malicious_archive_is_refused_and_nothing_is_unpacked(fresh, tmp_path, monkeypatch, member, seen):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = ArchiveServer(make_archive(make_survey(tmp_path), (member(), b"")))
    try:
        status, output = fresh.run("surveys", overlay=of_archive(server))
    finally:
        server.close()
    assert status != 0
    line = error_of(output)
    assert "archive.part: refused, " in line
    seen(line)
    unpacked = [path.name for path in fresh.path.rglob("*.fits")]
    assert unpacked == []
    assert not (fresh.path / "results/survey/mirrored/survey.json").exists()


@fault(
    "a table of fits in another order than the catalogue, and without some of its galaxies",
    then="nothing: tables are joined by IDENT; complete the table if the missing values matter",
    slow=True,
)
def test_a_table_in_another_order_gives_each_galaxy_its_own_numbers(victim, tmp_path, seen):
    directory = shutil.copytree(victim.path / SURVEY / "files", tmp_path / "survey")
    table = Table.read(directory / FITS_CATALOG)
    table[::-1][:-5].write(directory / FITS_CATALOG, overwrite=True)
    overlay = f"""
results: results_turned
surveys:
  turned:
    {{source: local, directory: "{directory}", catalog: {CATALOG}, exclusion_level: none, credit: nobody}}
datasets:
  simulated_cosmos: {{survey: turned}}
"""
    dataset = "results_turned/dataset/simulated_cosmos.h5"
    seen(line_with(victim.make(dataset, overlay=overlay), f"{FITS_CATALOG}: 5 of "))
    turned, whole = (
        read_stamps(victim.path / path).catalog.set_index("identifier") for path in (dataset, DATASET)
    )
    known = turned["mag_auto"].dropna()
    assert len(known) >= len(turned) - 5
    assert np.array_equal(known, whole.loc[known.index, "mag_auto"])


@fault(
    "NaN pixels in a survey's image",
    then="nothing: the galaxy is left out, flagged and counted; "
    "more than `stamps.maximum_failed_fraction` of them stop the run",
    lost="the galaxy",
    slow=True,
)
def test_a_galaxy_with_nan_pixels_is_left_out_of_the_dataset(victim, tmp_path, seen):
    directory = tmp_path / "survey"
    directory.mkdir()
    for path in (victim.path / SURVEY / "files").iterdir():
        (directory / path.name).write_bytes(path.read_bytes())
    with fits.open(directory / image_file_name(1), mode="update") as units:
        units[3].data[4, 5] = np.nan
    overlay = f"""
results: results_nan
surveys:
  hurt: {{source: local, directory: "{directory}", catalog: {CATALOG}, exclusion_level: none, credit: nobody}}
datasets:
  simulated_cosmos:
    survey: hurt
    stamps: {{maximum_failed_fraction: 0.05}}
"""
    dataset = "results_nan/dataset/simulated_cosmos.h5"
    output = victim.make(dataset, overlay=overlay)
    line = line_with(output, "Not drawn: ")
    assert line == "Not drawn: {'galaxy image: ValueError: has pixels that are not finite': 1}"
    seen(line)
    stamps, whole = (read_stamps(victim.path / path) for path in (dataset, DATASET))
    assert np.isfinite(stamps.image).all()
    hurt = set(whole.catalog["identifier"]) - set(stamps.catalog["identifier"])
    assert len(hurt) <= 1
    rest = ~whole.catalog["identifier"].isin(hurt).to_numpy()
    assert np.array_equal(stamps.image, whole.image[rest])
    attrition = json.loads(read_attributes(victim.path / dataset)["attrition"])
    assert (attrition[1]["cut"], attrition[1]["removed_alone"]) == ("drawn", 1)
