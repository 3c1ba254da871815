"""A place in which one thing of each odd kind lies, for every source of a survey: all of it is counted."""

import shutil
import tarfile
import typing
import zipfile

import pandas as pd
import pytest
from astropy.io import fits

from galforge.configuration.datasets import LOCAL_PICTURES
from galforge.configuration.stages.survey import survey_settings
from galforge.core.tables import read_table
from galforge.datasets.left_out import left_out_by_reason
from galforge.download import downloading
from galforge.pictures.picture_table import read_picture_table
from galforge.simulation.drawing import Simulation
from galforge.survey.layout import CATALOG, SELECTION_CATALOG
from galforge.survey.manifest import SurveyManifest, read_manifest
from galforge.survey.simulated import simulate_survey
from tests.helpers.archive_server import CATALOG as OF_ARCHIVE
from tests.helpers.archive_server import COUNT as IN_ARCHIVE
from tests.helpers.archive_server import ArchiveServer, make_archive, make_survey, md5
from tests.helpers.entries import run_stage
from tests.pictures.test_odd_pictures import BESIDE, RECIPE, UNREADABLE, odd_members
from tests.pictures.test_pictures import encoded, galaxy
from tests.survey.test_survey_faults import (
    COUNT,
    FRAME,
    hurt_by_nan,
    missing_psf_unit,
    oversized,
    without_light,
)
from workflow_scripts.stamps import measure_quality, prepare_pictures, render_stamps
from workflow_scripts.survey import download_pictures, download_survey, import_pictures, import_survey

# These make their galaxies themselves.
MADE = {"simulated", "hubble_deep_field", "simulated_cosmology"}


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(downloading, "FIRST_WAIT_S", 0.0)


def odd_pictures(place):
    """Fill a folder with pictures and odd things; return how many there are."""
    for number in range(4):
        (place / f"{number}.png").parent.mkdir(parents=True, exist_ok=True)
        (place / f"{number}.png").write_bytes(encoded(galaxy(number, side=24)))
    return odd_members(place)


def from_pictures(source, folder):
    """Import pictures that the user has; return how many files and further rows of labels there are."""
    entry = {"source": source, "credit": "nobody", "path": str(folder / "place")}
    place, table, keys = folder / "place", folder / "labels.csv", {"galaxy_zoo_kaggle": "GalaxyID"}
    if source == "cosmology_images":
        place, table = folder / "place/scored", folder / "place/scored.csv"
        entry = {"source": source, "credit": "nobody", "directory": str(folder / "place"), "part": "scored"}
    elif source == "galaxy_zoo_kaggle":
        entry["table"] = str(table)
    else:
        entry |= {"table": str(table), "key": "Id"}
    there = odd_pictures(place)
    named = pd.DataFrame({keys.get(source, "Id"): ["1", "nobody", ""], "Actual": [0.5, 0.25, 0.125]})
    named.to_csv(table, index=False)
    settings = survey_settings({"surveys": {"odd": entry}}, "odd")
    files = {"manifest": folder / "survey.json", "table": folder / "pictures.csv"}
    run_stage(import_pictures, settings, **files)
    return there + 2


def from_galaxy_zoo_2(folder):
    """Download odd pictures and a table of names; return how many files and rows there are."""
    there = odd_pictures(folder / "place")
    with zipfile.ZipFile(folder / "images.zip", "w") as archive:
        for path in (folder / "place").rglob("*"):
            archive.write(path, path.relative_to(folder / "place"))
    mapping = b"objid,sample,asset_id\n51,original,1\n52,original,2\n77,original,70\n"
    images, names = ArchiveServer((folder / "images.zip").read_bytes(), etag='"one"'), ArchiveServer(mapping)
    settings = {
        "images_url": images.url, "images_hash": md5(images.content), "mapping_url": names.url,
        "mapping_hash": md5(mapping), "labels": None, "credit": "nobody",
    }  # fmt: skip
    files = {"manifest": folder / "survey.json", "table": folder / "pictures.csv"}
    run_stage(download_pictures, settings, **files, folder=folder / "download")
    images.close()
    names.close()
    return there + 1  # a row of which the archive has no picture


@pytest.mark.parametrize("source", [*LOCAL_PICTURES, "galaxy_zoo_2"])
def test_pictures_from_every_source_are_stamps_or_counted(tmp_path, capfd, source):
    there = from_galaxy_zoo_2(tmp_path) if source == "galaxy_zoo_2" else from_pictures(source, tmp_path)
    manifest = read_manifest(tmp_path / "survey.json")
    table = read_picture_table(tmp_path / "pictures.csv")
    settings = {"size": 16, "preprocessing": RECIPE, "image_size": None, "shard": 0, "shards": 1}
    files = {"survey": tmp_path / "survey.json", "table": tmp_path / "pictures.csv"}
    run_stage(prepare_pictures, settings, **files, stamps=tmp_path / "0.h5")
    run_stage(measure_quality, stamps=tmp_path / "0.h5", quality=tmp_path / "0.csv")
    statuses = read_table(tmp_path / "0.csv")["render_status"]
    left_out = left_out_by_reason(manifest.left_out, statuses)
    assert len(table) + sum(manifest.left_out.values()) == there
    assert (statuses == "ok").sum() + sum(left_out.values()) == there
    assert BESIDE.items() <= left_out.items()
    assert set(UNREADABLE.values()) <= set(left_out)
    said = capfd.readouterr().err
    assert all(f"{count:,} {reason}" in said for reason, count in manifest.left_out.items())


@pytest.fixture(scope="module")
def whole_survey(tmp_path_factory):
    settings = Simulation(seed=3, count=COUNT, magnitude_limit=22.0, companion_fraction=0.0, psf_count=2)
    return simulate_survey(settings, tmp_path_factory.mktemp("survey"), processes=1).path


def rendered(folder):
    """Draw a survey; return what it leaves out by reason, and how many galaxies are drawn."""
    frame = FRAME | {"size": 16}
    run_stage(render_stamps, frame, survey=folder / "survey.json", stamps=folder / "0.h5")
    run_stage(measure_quality, stamps=folder / "0.h5", quality=folder / "0.csv")
    statuses = read_table(folder / "0.csv")["render_status"]
    return left_out_by_reason(read_manifest(folder / "survey.json").left_out, statuses), (
        statuses == "ok"
    ).sum()


def test_galaxies_of_a_folder_are_drawn_or_counted(whole_survey, tmp_path, capfd):
    place = shutil.copytree(whole_survey, tmp_path / "place")
    for breaks in (hurt_by_nan, missing_psf_unit, without_light, oversized):
        breaks(place)
    with fits.open(place / SELECTION_CATALOG, mode="update") as tables:
        tables[1].data["sn_ellip_gauss"][0] = 0  # excluded by its level
    for name in ("notes.txt", "real_galaxy_images_other.fits", ".hidden"):
        (place / name).write_bytes(b"x")
    settings = {
        "directory": str(place),
        "catalog": CATALOG,
        "exclusion_level": "bad_stamp",
        "credit": "nobody",
    }
    run_stage(import_survey, settings, manifest=tmp_path / "survey.json")
    left_out, drawn = rendered(tmp_path)
    assert drawn + sum(left_out.values()) == COUNT
    assert left_out["excluded at level 'bad_stamp'"] == 1
    assert len(left_out) == 5, "each with a reason of its own"
    assert f"{COUNT - 1} of {COUNT} galaxies pass the exclusion level" in capfd.readouterr().err


def odd_member(name):
    return tarfile.TarInfo(name), b"x"


@pytest.mark.parametrize("source", ["url", "cosmos"])
def test_members_of_an_archive_are_files_of_a_survey_or_counted(tmp_path, source, capfd):
    """They were told in the log alone."""
    names = ("notes.txt", ".hidden", "deep/er/real_galaxy_images_1.fits", "._real_galaxy_images_1.fits")
    server = ArchiveServer(make_archive(make_survey(tmp_path), *map(odd_member, names)), etag='"one"')
    settings = {
        "source": source, "url": server.url, "hash": md5(server.content), "catalog": OF_ARCHIVE,
        "exclusion_level": "none", "credit": "nobody", "unpacked_limit_gb": 0.1,
    }  # fmt: skip
    for _ in range(2):  # downloaded, then known by its receipt
        run_stage(download_survey, settings, manifest=tmp_path / "survey.json", folder=tmp_path / "download")
    assert len(server.requests) == 1
    server.close()
    left_out, drawn = rendered(tmp_path)
    assert left_out == {"members of the archive that are not files of a survey": len(names)}
    assert drawn == IN_ARCHIVE
    assert f"{len(names)} members are not files of a survey and were left out" in capfd.readouterr().err


def test_no_source_is_missing_here():
    sources = set(typing.get_args(typing.get_type_hints(SurveyManifest)["source"]))
    assert sources == {*MADE, *LOCAL_PICTURES, "galaxy_zoo_2", "fashion_mnist", "local", "url", "cosmos"}
