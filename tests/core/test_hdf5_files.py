"""An HDF5 file that cannot be read: why, and what to do. Only damage may speak of removing."""

import errno
import os
import subprocess
import sys

import h5py
import numpy as np
import pytest

from galforge.core import hdf5_files
from galforge.core.errors import InputError
from galforge.datasets.latent_file import read_latents
from galforge.datasets.own_stamps import own_stamps
from galforge.datasets.stamp_file import Stamps, read_stamps, write_stamps
from galforge.pictures.store import opened_store
from tests.helpers.faults import fault


@pytest.fixture
def stamps(tmp_path):
    path = tmp_path / "stamps.h5"
    write_stamps(path, [Stamps.plain(np.zeros((2, 1, 8, 8), np.float32))], {})
    return path


def said_of(path, read=read_stamps):
    with pytest.raises(InputError) as raised:
        read(path)
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.fixture
def held(stamps):
    """The file, held open for writing by another process."""
    code = f"import h5py, sys; file = h5py.File({str(stamps)!r}, 'a'); print(1, flush=True); sys.stdin.read()"
    holder = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdout.readline() == b"1\n"
    yield stamps
    holder.kill()
    holder.wait()


def read_pictures(path):
    with opened_store(path) as store:
        return store.names()


@fault("a dataset that another program holds open for writing", then="close it there, and run again")
@pytest.mark.parametrize("read", [read_stamps, read_latents, own_stamps, read_pictures])
def test_a_file_that_is_held_open_is_to_be_closed_not_removed(held, read, seen):
    # It was "is damaged or not HDF5; remove it to have it made again (unable to lock file, errno = 11)".
    said = said_of(held, read)
    assert said == (
        f"{held}: is held open for writing by another program; close it there, or wait until it is done"
    )
    seen(f"ERROR: {said}")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission_is_not_damaged(stamps):
    stamps.chmod(0)
    assert "may not be opened by this user (Permission denied)" in said_of(stamps)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EACCES, "may not be opened by this user (Permission denied); ask its owner"),
        (errno.ESTALE, "Stale file handle"),
        (errno.EMFILE, "Too many open files"),
    ],
)
@pytest.mark.parametrize("read", [read_stamps, own_stamps, read_pictures])
def test_what_the_system_refuses_is_not_damaged(stamps, monkeypatch, number, words, read):
    def refuse(*_, **__):
        raise OSError(number, "unable to open file")

    monkeypatch.setattr(hdf5_files.h5py, "File", refuse)
    said = said_of(stamps, read)
    assert words in said
    assert "remove" not in said
    assert "damaged" not in said


def test_a_missing_file_and_a_folder_are_not_damaged(tmp_path):
    assert said_of(tmp_path / "absent.h5") == f"{tmp_path / 'absent.h5'}: does not exist"
    assert said_of(tmp_path) == f"{tmp_path}: is a folder, not a file"


@pytest.mark.parametrize("harm", [lambda data: data[: len(data) // 2], lambda data: b"\0" * 8 + data[8:]])
def test_only_damage_speaks_of_removing(stamps, harm):
    stamps.write_bytes(harm(stamps.read_bytes()))
    assert "is damaged or not HDF5; remove it to have it made again" in said_of(stamps)


@pytest.mark.parametrize("read", [read_stamps, own_stamps, read_pictures])
def test_a_file_system_without_locks_is_read_without(stamps, monkeypatch, read):
    class Refusing(h5py.File):
        def __init__(self, path, mode, locking=None, **options):
            if locking is not False:
                raise OSError(errno.ENOLCK, "unable to lock file, errno = 37")
            super().__init__(path, mode, locking=locking, **options)

    monkeypatch.setattr(hdf5_files.h5py, "File", Refusing)
    assert len(read(stamps)) == 2
