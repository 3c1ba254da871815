"""Links and pipes that someone else put where a file is written or a folder deleted."""

import os

import pytest
import torch

from galforge.core import gpu_lock
from galforge.core.errors import GalforgeError
from galforge.core.files import first_link, replacing
from galforge.core.locking import hold_lock, private_folder
from galforge.download.part_file import append_pieces
from galforge.training.state import StateStore


@pytest.fixture
def treasure(tmp_path):
    """A file outside; it must be as it was."""
    path = tmp_path / "treasure"
    path.write_text("precious")
    yield path
    assert path.read_text() == "precious"


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "folder"
    path.mkdir()
    return path


def linked(path, target, kind):
    {"symbolic": path.symlink_to, "hard": path.hardlink_to}[kind](target)
    return path


@pytest.mark.parametrize("kind", ["symbolic", "hard"])
def test_a_lock_that_is_a_link_is_refused_and_nothing_is_emptied(folder, treasure, kind):
    """Before: its target was truncated, and held the name of a process."""
    with pytest.raises(GalforgeError, match=r"\.lock: is a link or no plain file"):
        hold_lock(linked(folder / ".lock", treasure, kind), "has it")


def test_a_lock_that_is_a_pipe_is_refused_at_once(folder):
    os.mkfifo(folder / ".lock")
    with pytest.raises(GalforgeError, match="is a link or no plain file"):
        hold_lock(folder / ".lock", "has it")


@pytest.mark.parametrize("kind", ["symbolic", "hard"])
def test_a_download_is_not_resumed_through_a_link(folder, treasure, kind):
    """Before: it was appended to."""
    with pytest.raises(GalforgeError, match=r"archive\.part: is a link"):
        append_pieces(linked(folder / "archive.part", treasure, kind), [b"more"], start=8, size=12)


def test_a_temporary_file_is_not_written_through_a_link(folder, treasure):
    (folder / f".table.{os.getpid()}.csv").symlink_to(treasure)
    with replacing(folder / "table.csv") as temporary:
        temporary.write_text("1")
    assert not (folder / "table.csv").is_symlink()


@pytest.mark.parametrize("level", ["dataset", "model"])
def test_the_end_of_a_training_deletes_nothing_outside(tmp_path, folder, level):
    """Before: a link at state/<dataset> had the folder that it leads to deleted."""
    outside = tmp_path / "outside"
    (outside / "vae").mkdir(parents=True)
    kept = outside / "vae" / "thesis.tex"
    kept.write_text("precious")
    if level == "dataset":
        (folder / "cosmos").symlink_to(outside)
    else:
        (folder / "cosmos").mkdir()
        (folder / "cosmos" / "vae").symlink_to(outside / "vae")
    store = StateStore(folder / "cosmos" / "vae", "key")
    with store.locked():
        store.save({"step": 1, "weights": torch.zeros(3)})
        store.discard()
    assert [path.name for path in (outside / "vae").iterdir()] == ["thesis.tex"]
    assert kept.read_text() == "precious"


def test_an_ended_training_leaves_no_folder(folder):
    store = StateStore(folder / "vae", "key")
    with store.locked():
        for _ in range(3):
            store.save({"step": 1})
        (folder / "vae" / ".a.99999999.safetensors").touch()  # of a process that was killed
        store.discard()
    assert not (folder / "vae").exists()


def test_a_link_among_results_is_found_at_any_depth_and_results_may_be_one(tmp_path, folder):
    (folder / "state" / "cosmos").mkdir(parents=True)
    results = tmp_path / "results"
    results.symlink_to(folder)
    assert first_link(results) is None
    (folder / "state" / "cosmos" / "vae").symlink_to("/")
    assert first_link(results) == results / "state" / "cosmos" / "vae"


def test_the_folder_of_gpu_locks_is_this_users_alone(tmp_path, folder, monkeypatch):
    private = private_folder(tmp_path / "galforge-0")
    assert private.stat().st_mode & 0o777 == 0o700
    assert private_folder(private) == private
    private.chmod(0o777)
    with pytest.raises(GalforgeError, match="others may write to it"):
        private_folder(private)
    link = tmp_path / "link"
    link.symlink_to(folder)
    with pytest.raises(GalforgeError, match="is a link"):
        private_folder(link)
    monkeypatch.setattr(gpu_lock, "lock_folder", lambda: link)
    with pytest.raises(GalforgeError, match="is a link"):
        gpu_lock.claim_gpu()
