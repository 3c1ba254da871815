"""HDF5 files that declare more than they hold, or that lie elsewhere."""

import h5py
import numpy as np
import pytest

from galforge.core.errors import InputError
from galforge.core.hdf5_files import opened_hdf5, writing_hdf5


def reading(path, name="image"):
    with opened_hdf5(path, "a stamp file", [name]) as file:
        return file[name][:]


def test_a_file_of_kilobytes_that_declares_gigabytes_is_refused(tmp_path):
    """Before: 8 kB declared 16 GB, and they were allocated."""
    path = tmp_path / "stamps.h5"
    with writing_hdf5(path) as (file, _):
        file.create_dataset("image", (1 << 20, 64, 64), "f4", chunks=(1024, 64, 64), compression="gzip")
    assert path.stat().st_size < 20_000
    with pytest.raises(InputError, match=r"stamps\.h5: has .* bytes and declares 17,179,869,184"):
        reading(path)


@pytest.mark.parametrize("name", ["{}", "b/{}", "a/b/{}"])
def test_declared_columns_of_a_group_count_too(tmp_path, name):
    """A column with a slash in its name lies in a group of its own, into which nobody looked."""
    path = tmp_path / "stamps.h5"
    with writing_hdf5(path) as (file, _):
        file["image"] = np.zeros(3)
        for number in range(20):
            file.create_dataset(f"catalog/{name.format(number)}", (1 << 28,), "f8", chunks=(1 << 20,))
    with pytest.raises(InputError, match="more than can be in it"):
        reading(path)


def test_groups_that_hold_each_other_are_looked_at_once(tmp_path):
    path = tmp_path / "stamps.h5"
    with writing_hdf5(path) as (file, _):
        file["image"] = np.zeros(3)
        file["catalog/b/a"] = np.zeros(3)
        file["catalog/b/circle"] = file["catalog"]
    assert reading(path).shape == (3,)


def test_what_compresses_well_is_read(tmp_path):
    path = tmp_path / "stamps.h5"
    with writing_hdf5(path) as (file, _):
        file.create_dataset("image", data=np.zeros((500, 64, 64), "f4"), compression="gzip")
    assert reading(path).shape == (500, 64, 64)


@pytest.mark.parametrize("kind", ["external link", "soft link", "external", "virtual"])
def test_what_lies_in_another_file_is_not_read(tmp_path, kind):
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret" * 4)
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["image"] = np.zeros(3)
    path = tmp_path / "stamps.h5"
    with writing_hdf5(path) as (file, _):
        if kind == "external link":
            file["image"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "image")
        elif kind == "soft link":
            file["image"] = h5py.SoftLink("/there")
            file["there"] = np.zeros(3)
        elif kind == "external":
            file.create_dataset("image", (24,), "u1", external=[(str(secret), 0, 24)])
        else:
            layout = h5py.VirtualLayout((3,), "f8")
            layout[:] = h5py.VirtualSource(str(tmp_path / "other.h5"), "image", (3,))
            file.create_virtual_dataset("image", layout)
    with pytest.raises(InputError, match=r"image (is a link|lies in another file); allowed: datasets in the"):
        reading(path)
