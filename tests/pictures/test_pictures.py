"""Pictures: read, cropped, resized, recognised; each against numpy, torch or a definition."""

import io
import zipfile

import h5py
import numpy as np
import pandas as pd
import pytest
import torch
from astropy.io import fits
from PIL import Image

from galforge.core.errors import InputError
from galforge.datasets.duplicates import find_duplicates
from galforge.datasets.split import Split
from galforge.datasets.splitting import split_by_identifier
from galforge.datasets.stamp_file import Stamps, read_stamps, write_stamps
from galforge.datasets.stamp_rows import gather_stamps, image_blocks, read_images
from galforge.pictures.decoding import decode_picture
from galforge.pictures.hashing import BITS, near_pairs, perceptual_hash, pixel_digest
from galforge.pictures.preprocessing import crop, crop_box, prepare, resize
from galforge.pictures.preprocessing_settings import PreprocessingSettings
from galforge.pictures.store import opened_store

COLOUR = PreprocessingSettings(border=0, side=None, channels=3, filter="bilinear")


def galaxy(seed=0, side=96):
    """A colour picture with noise, uint8 (side, side, 3), one per seed."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side] / side - 0.5
    light = np.zeros((side, side, 3))
    for _ in range(12):
        dx, dy = random.normal(0, 0.15, 2)
        width = random.uniform(0.03, 0.15)
        light += np.exp(-((x - dx) ** 2 + (y - dy) ** 2) / (2 * width**2))[..., None] * random.random(3)
    noisy = 20 + 200 * light / light.max() + random.normal(0, 6, light.shape)
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)


def encoded(pixels, kind="PNG", **options):
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind, **options)
    return stream.getvalue()


# Store


def test_a_folder_and_an_archive_hold_the_same_pictures(tmp_path):
    folder = tmp_path / "folder"
    (folder / "deep").mkdir(parents=True)
    names = {"a.jpg": b"1", "deep/b.PNG": b"22", "c.fits": b"333", "notes.txt": b"4", "._a.jpg": b"5"}
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
        for name, content in names.items():
            (folder / name).write_bytes(content)
            archive.writestr(name, content)
    for path in (folder, tmp_path / "archive.zip"):
        with opened_store(path) as store:
            assert store.names() == ["a.jpg", "c.fits", "deep/b.PNG"]
            assert store.read("deep/b.PNG") == b"22"
            assert store.sizes() == {"a.jpg": 1, "c.fits": 3, "deep/b.PNG": 2}
            assert store.faults() == {}


def test_a_path_that_leads_outside_is_a_fault_and_nothing_is_written(tmp_path):
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
        archive.writestr("good.png", b"1")
        archive.writestr("../outside.png", b"2")
        archive.writestr("/root.png", b"3")
    with opened_store(tmp_path / "archive.zip") as store:
        assert store.names() == ["good.png"]
        assert store.faults() == dict.fromkeys(["../outside.png", "/root.png"], "its path leads outside")
    assert [path.name for path in tmp_path.iterdir()] == ["archive.zip"]


def test_what_is_neither_folder_nor_archive_is_named(tmp_path):
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 and then nothing")
    for name in ("broken.zip", "absent"):
        with pytest.raises(InputError, match=name), opened_store(tmp_path / name):
            pass


# Decoding


def test_lossless_pictures_come_back_bit_for_bit():
    pixels = galaxy()
    assert np.array_equal(decode_picture(encoded(pixels), 3).pixels, pixels)
    grey = pixels[..., :1]
    assert np.array_equal(decode_picture(encoded(grey[..., 0]), 1).pixels, grey)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (encoded(galaxy(), "JPEG")[:-400], "truncated or damaged"),
        (encoded(galaxy())[:-400], "truncated or damaged"),
        (b"<html>not found</html>", "not an image"),
        (b"", "not an image"),
        (encoded(galaxy()[..., 0]), "grey, not colour"),
        (encoded(np.repeat(galaxy()[..., :1], 3, axis=2)), "grey, not colour"),
        (encoded(galaxy(side=90)), "90 x 90 px, not 96 x 96"),
        (b"SIMPLE  =                    T", "truncated or damaged"),
    ],
)
def test_what_is_wrong_with_a_file_is_its_status(content, status):
    decoded = decode_picture(content, 3, (96, 96))
    assert decoded.pixels is None
    assert decoded.status == status


def test_a_grey_survey_takes_grey_and_colour():
    assert decode_picture(encoded(galaxy()[..., 0]), 1).pixels.shape == (96, 96, 1)
    made = decode_picture(encoded(galaxy()), 1).pixels[..., 0].astype(float)
    # ITU-R 601, rounded.
    assert made == pytest.approx(galaxy() @ np.array([0.299, 0.587, 0.114]), abs=1)


def test_fits_keeps_its_flux_and_is_turned_as_pictures_are():
    planes = np.random.default_rng(1).normal(0, 1e-3, (3, 20, 24)).astype(np.float32)
    stream = io.BytesIO()
    fits.PrimaryHDU(planes).writeto(stream)
    pixels = decode_picture(stream.getvalue(), 3).pixels
    assert pixels.shape == (20, 24, 3)
    assert np.array_equal(pixels[0, :, 1], planes[1, -1]), "FITS counts rows from below"
    prepared = prepare(crop(pixels, COLOUR), 20, COLOUR)
    assert (prepared.image.min(), prepared.image.max()) == (0, 1)
    back = prepared.image * prepared.scale + prepared.offset
    assert back == pytest.approx(np.moveaxis(pixels[:, 2:22], -1, 0), abs=1e-8)


def test_fits_that_is_not_finite_or_constant_is_none():
    for value, status in ((np.nan, "not finite"), (1.0, "ok")):
        stream = io.BytesIO()
        fits.PrimaryHDU(np.full((20, 20), value, dtype=np.float32)).writeto(stream)
        decoded = decode_picture(stream.getvalue(), 1)
        assert decoded.status == status
    assert prepare(decoded.pixels, 10, COLOUR) is None, "constant flux has no scale"


# PreprocessingSettings


@pytest.mark.parametrize(
    ("border", "side", "box"),
    [
        (100, None, (100, 100, 324, 324)),  # Goupil: 424 - 200 = 224
        (0, 207, (108, 108, 315, 315)),  # Laisney: as torchvision's CenterCrop up to half a pixel
        (0, 64, (180, 180, 244, 244)),
        (0, None, (0, 0, 424, 424)),
    ],
)
def test_crops_are_those_of_the_papers(border, side, box):
    assert (
        crop_box(424, 424, PreprocessingSettings(border=border, side=side, channels=3, filter="box")) == box
    )


def test_a_rectangle_loses_the_ends_of_its_longer_side_and_a_small_one_is_refused():
    pixels = np.arange(20 * 30 * 3).reshape(20, 30, 3)
    assert np.array_equal(crop(pixels, COLOUR), pixels[:, 5:25])
    assert crop(pixels, PreprocessingSettings(border=0, side=21, channels=3, filter="box")) is None
    assert crop(pixels, PreprocessingSettings(border=10, side=None, channels=3, filter="box")) is None


def test_the_box_filter_is_the_mean_over_blocks():
    pixels = galaxy(side=96)
    blocks = pixels.reshape(24, 4, 24, 4, 3).mean(axis=(1, 3))
    assert resize(Image.fromarray(pixels), 24, "box").astype(float) == pytest.approx(blocks, abs=1.01), (
        "Pillow rounds twice"
    )
    flux = pixels.astype(np.float32)
    assert resize(flux, 24, "box") == pytest.approx(blocks, abs=1e-3)


def test_bilinear_is_torchs_antialiased_one():
    pixels = np.random.default_rng(3).integers(0, 256, (207, 207, 3), dtype=np.uint8)
    tensor = torch.from_numpy(pixels.astype(np.float32)).permute(2, 0, 1)[None]
    torchs = torch.nn.functional.interpolate(tensor, size=(64, 64), mode="bilinear", antialias=True)
    ours = resize(Image.fromarray(pixels), 64, "bilinear").astype(float)
    assert ours == pytest.approx(torchs[0].permute(1, 2, 0).numpy(), abs=1.01)


def test_no_filter_aliases():
    """A pattern finer than the stamp's pixels must vanish, not come back coarser."""
    stripes = np.zeros((128, 128, 3), dtype=np.uint8)
    stripes[:, ::2] = 200
    for name in ("box", "bilinear", "bicubic", "lanczos"):
        inner = resize(Image.fromarray(stripes), 32, name)[4:-4, 4:-4].astype(float)
        assert inner == pytest.approx(100, abs=4), name


@pytest.mark.parametrize("value_range", [[0, 1], [-1, 1]])
def test_the_value_range_is_undone_exactly(tmp_path, value_range):
    every = np.arange(256, dtype=np.uint8).reshape(16, 16, 1).repeat(3, axis=2)
    prepared = prepare(Image.fromarray(every), 16, COLOUR)
    stamps = Stamps(
        prepared.image[None],
        np.array([prepared.offset]),
        np.array([prepared.scale]),
        Stamps.plain(prepared.image[None]).catalog,
        np.array(["train"]),
    )
    write_stamps(tmp_path / "a.h5", [stamps], {"value_range": value_range})
    with h5py.File(tmp_path / "a.h5") as file:
        stored = file["image"][:]
        flux = stored * file["scale"][0] + file["offset"][0]
    assert (stored.min(), stored.max()) == tuple(value_range)
    assert np.array_equal(np.rint(flux[0, 0]), every[..., 0])
    assert flux[0, 0] == pytest.approx(every[..., 0], abs=1e-4)
    for read_back in (read_stamps(tmp_path / "a.h5"), gather_stamps([tmp_path / "a.h5"], [0])):
        assert read_back.image == pytest.approx(prepared.image[None], abs=1e-7), (
            "the project's own models see [0, 1]"
        )
        assert np.array_equal(np.rint(read_back.flux()[0, 0]), every[..., 0])
    (block,) = image_blocks(tmp_path / "a.h5", 4)
    for images in (block, read_images(tmp_path / "a.h5", np.array([0]))):
        assert np.array_equal(images, read_back.image), "streamed as read whole"


# Duplicates


def as_image(pixels):
    return np.moveaxis(pixels, -1, 0).astype(np.float32) / 255


def bits(text):
    return np.unpackbits(np.frombuffer(bytes.fromhex(text[1:]), dtype=np.uint8))


def test_a_copy_that_was_compressed_or_reduced_is_near_and_another_galaxy_is_not():
    pictures = [galaxy(seed) for seed in range(40)]
    hashes = [perceptual_hash(as_image(pixels)) for pixels in pictures]
    assert near_pairs(hashes) == []
    assert len(bits(hashes[0])) == BITS
    changes = {
        "reduced": (lambda pixels: resize(Image.fromarray(pixels), 48, "bilinear"), 40),
        "dimmed": (lambda pixels: (pixels * 0.8).astype(np.uint8), 40),
        # Compression takes the faint texture of some of the smoothest.
        "compressed": (lambda pixels: decode_picture(encoded(pixels, "JPEG", quality=75), 3).pixels, 34),
    }
    for name, (change, least) in changes.items():
        copies = [perceptual_hash(as_image(change(pixels))) for pixels in pictures]
        pairs = near_pairs(hashes + copies)
        assert all(other - first == 40 for first, other in pairs), name
        assert len(pairs) >= least, name


def test_real_pictures_are_told_apart_and_their_copies_are_not(galaxy_zoo):
    preprocessing = PreprocessingSettings(border=0, side=207, channels=3, filter="bilinear")
    hashes, copies = [], []
    for path in sorted(galaxy_zoo.glob("*.jpg"))[::12]:
        pixels = decode_picture(path.read_bytes(), 3, (424, 424)).pixels
        again = decode_picture(encoded(pixels, "JPEG", quality=85), 3).pixels
        for collected, source in ((hashes, pixels), (copies, again)):
            cropped = crop(Image.fromarray(source), preprocessing)
            collected.append(perceptual_hash(prepare(cropped, 64, preprocessing).image))
    count = len(hashes)
    assert count > 30
    assert near_pairs(hashes + copies) == [(n, n + count) for n in range(count)]


def test_near_pairs_are_those_of_a_comparison_of_all():
    random = np.random.default_rng(5)
    words = random.integers(0, 256, (300, 16), dtype=np.uint8)
    for row in range(1, 300, 2):  # every other one a copy with up to ten bits turned
        turned = np.unpackbits(words[row - 1])
        turned[random.choice(128, random.integers(0, 11), replace=False)] ^= 1
        words[row] = np.packbits(turned)
    hashes = ["x" + word.tobytes().hex() for word in words]
    apart = np.bitwise_count(words[:, None] ^ words[None]).sum(axis=2)
    expected = [tuple(pair) for pair in np.argwhere(np.triu(apart <= 7, k=1)).tolist()]
    assert 80 < len(expected) < 150
    assert near_pairs(hashes) == expected
    assert near_pairs([]) == []
    with pytest.raises(ValueError, match="fewer than 8"):
        near_pairs(hashes, 8)


def test_duplicates_are_counted_by_kind_and_grouped():
    one, other = (as_image(galaxy(seed)) for seed in (1, 2))
    dimmer = (one * 0.9).astype(np.float32)
    images = [other, one, one, dimmer]
    duplicates = find_duplicates(
        pd.DataFrame(
            {
                "identifier": [9, 7, 3, 5],
                "pixel_digest": [pixel_digest(image) for image in images],
                "perceptual_hash": [perceptual_hash(image) for image in images],
            }
        )
    )
    assert list(duplicates.groups) == [9, 3, 3, 3]
    assert duplicates.counts() == {"exact": 1, "near": 1}


@pytest.mark.parametrize(
    "split",
    [
        Split(validation=0.2, test=0.3),
        Split(validation=150, test=200),
        Split(validation=150, test=200, train=400),
    ],
)
def test_those_of_a_group_are_never_on_two_sides(split):
    random = np.random.default_rng(1)
    identifiers = random.permutation(1000)
    groups = np.where(random.random(1000) < 0.4, identifiers // 8 * 8, identifiers)
    sides = split_by_identifier(identifiers, split, 5, groups)
    for group in np.unique(groups):
        assert len({side for side in sides[groups == group] if side}) == 1 or not any(sides[groups == group])
    if split.by_count:
        assert (sides == "test").sum() == 200
        assert (sides == "validation").sum() == 150
    alone = split_by_identifier(identifiers, split, 5, identifiers)
    assert (alone == split_by_identifier(identifiers, split, 5)).all(), "no group, no difference"
