"""Fashion-MNIST: the IDX format, whatever its header declares, and the four files together."""

import gzip
import struct
import tracemalloc

import numpy as np
import pytest

from galforge.core.errors import InputError
from galforge.pictures.fashion_mnist import read_pictures, write_pictures
from galforge.pictures.fashion_sources import HASHES
from galforge.pictures.idx import read_idx
from galforge.pictures.store import opened_store
from tests.helpers.clothes import drawn_clothes, idx, write_clothes
from tests.helpers.real_data import real_data

PIXELS = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)


@pytest.mark.parametrize("compressed", [False, True])
def test_an_array_comes_back(tmp_path, compressed):
    path = tmp_path / "images"
    content = idx(PIXELS)
    path.write_bytes(gzip.compress(content) if compressed else content)
    assert (read_idx(path) == PIXELS).all()
    assert read_idx(path).shape == (2, 3, 4)


BOMB = bytes([0, 0, 8, 3]) + struct.pack(">3I", 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF)


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (BOMB, "declares 79,228,162,458,924,105,385,300,197,375"),
        (bytes([0, 0, 8, 1]) + struct.pack(">I", 2**31), "declares 2,147,483,648"),
        (idx(PIXELS)[:-1], "declares 2 x 3 x 4 bytes, and 23 are there"),
        (idx(PIXELS) + b"\0", "declares 2 x 3 x 4 bytes, and more are there"),
        (idx(PIXELS)[:9], "ends within its header"),
        (idx(PIXELS)[:3], "is not a file in the IDX format"),
        (b"", "is not a file in the IDX format"),
        (b"\x01" + idx(PIXELS)[1:], "is not a file in the IDX format"),
        (idx(PIXELS, kind=0x0D), "type 0x0d in 3 dimensions"),
        (bytes([0, 0, 8, 0]), "in 0 dimensions"),
        (bytes([0, 0, 8, 200]), "in 200 dimensions"),
    ],
)
def test_what_a_header_declares_is_compared_before_memory_is_taken(tmp_path, content, words, compressed):
    path = tmp_path / "images"
    path.write_bytes(gzip.compress(content) if compressed else content)
    tracemalloc.start()
    with pytest.raises(InputError, match="images: ") as error:
        read_idx(path)
    assert tracemalloc.get_traced_memory()[1] < 10e6
    tracemalloc.stop()
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_unpacks_to_more_than_it_declares_is_not_unpacked_whole(tmp_path):
    path = tmp_path / "images"
    path.write_bytes(gzip.compress(idx(PIXELS) + bytes(200_000_000), 1))
    tracemalloc.start()
    with pytest.raises(InputError, match="more are there"):
        read_idx(path)
    assert tracemalloc.get_traced_memory()[1] < 10e6
    tracemalloc.stop()


def test_a_truncated_file_is_named(tmp_path):
    path = tmp_path / "images"
    path.write_bytes(gzip.compress(idx(PIXELS))[:-9])
    with pytest.raises(InputError, match="images: is truncated or damaged"):
        read_idx(path)


def test_four_files_become_one_of_images_with_their_labels(tmp_path):
    images, labels = drawn_clothes(12)
    write_clothes(tmp_path / "files", images, labels, trained=8)
    pictures = read_pictures(tmp_path / "files")
    assert (pictures.images == images).all()
    assert (pictures.labels == labels).all()
    assert pictures.parts.tolist() == ["train"] * 8 + ["test"] * 4
    write_pictures(tmp_path / "images.h5", pictures)
    with opened_store(tmp_path / "images.h5") as store:
        assert len(store.names()) == 12
        assert (store.read("11") == images[11]).all()
        table = store.labels()
    assert table["article"].tolist()[:3] == ["T-shirt/top", "Trouser", "Pullover"]
    assert table["part"].tolist() == pictures.parts.tolist()
    assert table["label"].tolist() == labels.tolist()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda folder: (folder / "t10k-labels-idx1-ubyte.gz").unlink(), "has no t10k-labels-idx1-ubyte.gz"),
        (
            lambda folder: (folder / "train-labels-idx1-ubyte.gz").write_bytes(idx(np.zeros(7, np.uint8))),
            "its labels \\(7,\\)",
        ),
        (
            lambda folder: (folder / "train-labels-idx1-ubyte.gz").write_bytes(idx(np.full(8, 10, np.uint8))),
            "has the label 10; allowed: 0 to 9",
        ),
        (
            lambda folder: (folder / "train-images-idx3-ubyte.gz").write_bytes(
                idx(np.zeros((8, 5, 5), np.uint8))
            ),
            "differ in size",
        ),
    ],
)
def test_files_that_do_not_belong_together_are_refused(tmp_path, change, words):
    images, labels = drawn_clothes(12)
    write_clothes(tmp_path, images, labels, trained=8)
    change(tmp_path)
    with pytest.raises(InputError, match=words):
        read_pictures(tmp_path)


def test_the_pinned_hashes_are_of_the_four_files():
    assert len(HASHES) == len(set(HASHES.values())) == 4
    assert all(len(digest) == 64 for digest in HASHES.values())


def test_the_real_images_come_through_unchanged(tmp_path):
    with np.load(real_data("fashion_mnist") / "fashion_mnist_sprite900.npz") as real:
        images, labels = real["x"], real["y"]
    write_clothes(tmp_path, images, labels, trained=700)
    pictures = read_pictures(tmp_path)
    assert (pictures.images == images).all()
    assert np.bincount(pictures.labels).tolist() == [90] * 10
