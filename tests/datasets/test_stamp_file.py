import h5py
import numpy as np
import pandas as pd
import pytest

from galforge.core.errors import InputError
from galforge.datasets.columns import COLUMNS
from galforge.datasets.stamp_file import (
    Stamps,
    image_shape,
    read_attributes,
    read_catalog,
    read_stamps,
    write_stamps,
)
from galforge.datasets.stamp_rows import gather_stamps, image_blocks


def stamps(count=130):
    random = np.random.default_rng(1)
    return Stamps(
        image=random.random((count, 1, 8, 8)).astype(np.float32),
        offset=random.random(count),
        scale=random.random(count) + 1,
        catalog=pd.DataFrame(
            {"identifier": np.arange(count) + 7, "render_status": [f"reason {n % 3}" for n in range(count)]}
        ),
        split=np.array(["train", "validation", "test"])[random.integers(0, 3, count)],
    )


def test_what_is_written_is_read_back(tmp_path):
    made = stamps()
    write_stamps(tmp_path / "a.h5", [made], {"dataset": "a", "limits": {"snr": [1, None]}, "simulated": 1})
    read_back = read_stamps(tmp_path / "a.h5")
    assert np.array_equal(read_back.image, made.image)
    assert read_back.image.dtype == np.float32
    assert np.array_equal(read_back.offset, made.offset)
    assert np.array_equal(read_back.scale, made.scale)
    assert list(read_back.split) == list(made.split)
    pd.testing.assert_frame_equal(read_back.catalog, made.catalog, check_dtype=False)
    assert read_back.attributes["limits"] == '{"snr": [1, null]}'
    assert read_attributes(tmp_path / "a.h5")["digest"] == h5py.File(tmp_path / "a.h5")["/"].attrs["digest"]


def test_columns_carry_unit_and_description(tmp_path):
    write_stamps(tmp_path / "a.h5", [stamps()], {})
    with h5py.File(tmp_path / "a.h5") as file:
        stored = file["catalog/identifier"]
        assert (stored.attrs["unit"], stored.attrs["description"]) == COLUMNS["identifier"]
    unknown = stamps()
    unknown.catalog["nameless"] = 1.0
    with pytest.raises(KeyError, match="nameless"):
        write_stamps(tmp_path / "b.h5", [unknown], {})
    assert not list(tmp_path.glob("*b*")), "a failed write leaves nothing"


def test_content_does_not_depend_on_how_it_was_cut_into_blocks(tmp_path):
    made = stamps()
    cuts = [slice(0, 1), slice(1, 1), slice(1, 90), slice(90, 130)]
    one = write_stamps(tmp_path / "one.h5", [made], {})
    many = write_stamps(tmp_path / "many.h5", [made.take(cut) for cut in cuts], {})
    assert one == many
    changed = stamps()
    changed.image[77, 0, 3, 3] += 1e-3
    assert write_stamps(tmp_path / "other.h5", [changed], {}) != one


def test_a_split_is_read_alone(tmp_path):
    made = stamps()
    write_stamps(tmp_path / "a.h5", [made], {})
    read_back = read_stamps(tmp_path / "a.h5", "validation")
    assert set(read_back.split) == {"validation"}
    assert np.array_equal(read_back.image, made.image[made.split == "validation"])
    assert list(read_catalog(tmp_path / "a.h5")["split"]) == list(made.split)
    with pytest.raises(ValueError, match="'vaildation'"):
        read_stamps(tmp_path / "a.h5", "vaildation")


def test_rows_are_gathered_through_files(tmp_path):
    made = stamps()
    paths = [tmp_path / name for name in ("0.h5", "1.h5", "2.h5")]
    for path, cut in zip(paths, (slice(0, 50), slice(50, 51), slice(51, 130)), strict=True):
        write_stamps(path, [made.take(cut)], {})
    rows = [129, 0, 50, 49, 0, 51]
    read_back = gather_stamps(paths, rows)
    assert np.array_equal(read_back.image, made.image[rows])
    assert np.array_equal(read_back.scale, made.scale[rows])
    assert list(read_back.catalog["identifier"]) == list(made.catalog["identifier"].iloc[rows])
    assert list(read_back.split) == list(made.split[rows])
    assert image_shape(paths[1]) == (1, 8, 8)
    with pytest.raises(IndexError, match="row 130 of 130"):
        gather_stamps(paths, [3, 130])


def test_empty_stamps_are_a_file_like_any_other(tmp_path):
    write_stamps(tmp_path / "a.h5", [Stamps.plain(np.zeros((0, 1, 8, 8), np.float32))], {"reason": "none"})
    assert len(read_stamps(tmp_path / "a.h5")) == 0


def test_flux_is_image_times_scale_plus_offset():
    made = stamps(3)
    assert made.flux()[2, 0, 4, 5] == pytest.approx(made.image[2, 0, 4, 5] * made.scale[2] + made.offset[2])


def test_parts_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="lengths"):
        Stamps(np.zeros((2, 1, 8, 8), np.float32), np.zeros(2), np.ones(1), pd.DataFrame(), np.array([]))


def test_what_is_no_stamp_file_is_named(tmp_path):
    (tmp_path / "text.h5").write_text("not HDF5")
    with pytest.raises(InputError, match=r"text\.h5"):
        read_stamps(tmp_path / "text.h5")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["image"] = np.zeros(3)
    with pytest.raises(InputError, match="has no offset, scale, split"):
        read_stamps(tmp_path / "other.h5")


def test_a_flipped_bit_is_found_and_the_file_is_named(tmp_path):
    path = tmp_path / "stamps.h5"
    write_stamps(path, [stamps()], {})
    with h5py.File(path) as file:
        place = file["image"].id.get_chunk_info(1).byte_offset
    content = bytearray(path.read_bytes())
    content[place + 1000] ^= 1
    path.write_bytes(content)
    assert len(read_catalog(path)) == 130
    with pytest.raises(InputError, match=r"stamps\.h5: is damaged"):
        read_stamps(path)
    with pytest.raises(InputError, match=r"stamps\.h5: is damaged"):
        list(image_blocks(path, 32))


def test_samples_have_no_flux_and_say_what_to_do(tmp_path):
    # [0, 1] values were returned as flux, of whose sum 69 % is sky in the median.
    samples = Stamps.plain(np.random.default_rng(1).random((3, 1, 8, 8), dtype=np.float32))
    write_stamps(tmp_path / "samples.h5", [samples], {"model": "vae", "dataset": "drawn"})
    made = read_stamps(tmp_path / "samples.h5")
    assert not made.has_flux
    with pytest.raises(InputError) as refused:
        made.flux()
    assert str(refused.value) == (
        "the samples of vae have no flux, each is in [0, 1] by itself; use image, or image * scale + offset "
        "with the scale and offset of stamps of the dataset"
    )
    assert made.take(slice(0)).flux().shape == (0, 1, 8, 8)
    normalized = Stamps(made.image, np.array([0.0, 1, 0]), np.ones(3), made.catalog, made.split)
    assert normalized.flux()[1].max() > 1
