"""Folders, archives and tables as people have them: each is read, or left out with a count and a reason."""

import gzip
import io
import json
import os
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from astropy.io import fits
from PIL import Image

import galforge
from galforge.core.errors import InputError
from galforge.datasets.data_card import render_card
from galforge.datasets.stamp_file import image_shape, read_attributes, read_catalog, read_stamps
from galforge.pictures.decoding import decode_picture
from galforge.pictures.matching import NONE, SEVERAL, rows_of_keys
from galforge.pictures.picture_table import read_picture_table
from galforge.survey.manifest import read_manifest
from tests.conftest import PROJECT
from tests.helpers.entries import run_stage
from tests.pictures.test_pictures import encoded, galaxy
from workflow_scripts.dataset import build_dataset, select_stamps
from workflow_scripts.stamps import measure_quality, prepare_pictures
from workflow_scripts.survey import import_pictures

RECIPE = {"border": 0, "side": None, "channels": 3, "filter": "bilinear"}
COUNT = 12


def imported(path, folder, table=None, key=None):
    """Import pictures; return the survey's catalogue and manifest."""
    settings = {"source": "image_folder", "path": str(path), "table": None, "key": key, "credit": "somebody"}
    if table is not None:
        settings["table"] = str(table)
    run_stage(import_pictures, settings, table=folder / "pictures.csv", manifest=folder / "survey.json")
    return read_picture_table(folder / "pictures.csv"), read_manifest(folder / "survey.json")


def as_dataset(folder, limits=(), channels=3, fraction=1.0, **names):
    """Make a dataset of an imported survey, in two shards; return its path."""
    survey = {"survey": folder / "survey.json", "table": folder / "pictures.csv"}
    recipe = {"size": 16, "preprocessing": {**RECIPE, "channels": channels}, "image_size": None, "shards": 2}
    stamps, quality = (tuple(folder / f"{shard}{suffix}" for shard in range(2)) for suffix in (".h5", ".csv"))
    for shard in range(2):
        run_stage(prepare_pictures, {**recipe, "shard": shard}, **survey, stamps=stamps[shard])
        run_stage(measure_quality, stamps=stamps[shard], quality=quality[shard])
    chosen = {"selection": folder / "selection.csv", "attrition": folder / "attrition.csv"}
    limited = {"limits": list(limits), "maximum_failed_fraction": fraction, **names}
    run_stage(select_stamps, limited, quality=quality, **chosen, percentiles=folder / "percentiles.csv")
    made = {
        "dataset": "odd", "survey": "odd", "value_range": [0, 1], "seed": 1, "minimum_count": 3,
        "split": {"validation": 2, "test": 2},
        "recipe": {"stamps": {"mode": "picture", **recipe}, "selection": {"limits": []}},
    }  # fmt: skip
    run_stage(
        build_dataset, made, survey=folder / "survey.json", stamps=stamps, **chosen, dataset=folder / "odd.h5"
    )
    return folder / "odd.h5"


def card_of(dataset):
    template = (PROJECT / "galforge/datasets/data_card.md.j2").read_text()
    manifest = read_manifest(dataset.with_name("survey.json"))
    attributes, catalog = read_attributes(dataset), read_catalog(dataset)
    return render_card(template, "Odd.", manifest, attributes, catalog, image_shape(dataset))


@pytest.fixture
def folder(tmp_path):
    """A folder of pictures named by numbers."""
    for number in range(COUNT):
        path = tmp_path / f"pictures/{100 + number}.png"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(encoded(galaxy(number, side=24)))
    return tmp_path / "pictures"


# Labels


def labelled(folder, columns, keys=None):
    """Import a folder with a table of these labels."""
    table = folder.parent / "labels.csv"
    numbers = [*range(100, 100 + COUNT)]
    pd.DataFrame({"id": numbers if keys is None else keys, **columns}).to_csv(table, index=False)
    return imported(folder, folder.parent, table, "id")


def test_columns_with_a_slash_arrive_under_their_names(folder, capfd):
    """They were 'stamps...h5: is damaged or not HDF5; remove it to have it made again'."""
    ratio, count = np.linspace(0.1, 1, COUNT), np.arange(COUNT) * 3
    labelled(folder, {"b/a": ratio, "S/N": count, "b_a": ratio[::-1]})
    dataset = as_dataset(folder.parent, [["b/a", {"minimum": 0.0}], ["S/N", {"maximum": 1000}]])
    catalog = galforge.open_dataset(dataset).catalog
    row = catalog["identifier"].to_numpy() - 100
    assert np.array_equal(catalog["b/a"], ratio[row])
    assert np.array_equal(catalog["S/N"], count[row])
    assert np.array_equal(catalog["b_a"], ratio[::-1][row])
    with h5py.File(dataset) as file:
        assert np.array_equal(file["catalog/b/a"][:], ratio[row])
        assert "label" in file["catalog/S/N"].attrs["description"]
    assert "| `b/a` |" in card_of(dataset)


def test_a_missing_value_is_one_in_a_column_of_any_type(folder):
    """It was "Can't implicitly convert non-string objects to strings"."""
    numbers = [587722981736120000 + n for n in range(COUNT)]
    columns = {
        "flag": [True, False, ""] * 4, "whole": [1, 2, ""] * 4, "number": [0.5, "", "-"] * 4,
        "name": ["smooth", "", "None"] * 4, "object": ["", *numbers[1:]], "nothing": [""] * COUNT,
        "full": [True, False] * 6, "odd": ["1", "<2", "3"] * 4,
    }  # fmt: skip
    table = folder.parent / "labels.csv"
    pd.DataFrame({"id": range(100, 100 + COUNT), **columns}).iloc[:8].to_csv(table, index=False)
    _, manifest = imported(folder, folder.parent, table, "id")  # four pictures have no row
    dataset = as_dataset(folder.parent)
    catalog = read_catalog(dataset).sort_values("identifier", ignore_index=True)
    for name, first, second in (("flag", 1, 0), ("whole", 1, 2)):
        assert catalog[name].dtype == np.float64
        assert list(catalog[name][:2]) == [first, second]
        assert list(catalog[name].isna()) == [number % 3 == 2 or number >= 8 for number in range(COUNT)]
    assert list(catalog["number"].isna()) == [bool(number % 3) or number >= 8 for number in range(COUNT)]
    assert list(catalog["name"]) == (["smooth", "", "None"] * 3)[:8] + [""] * 4, "None is a name, among names"
    assert list(catalog["object"]) == ["", *map(str, numbers[1:8]), *[""] * 4], "to its last digit"
    assert catalog["nothing"].isna().all()
    assert list(catalog["full"][:2]) == [1, 0]
    assert list(catalog["odd"]) == (["1", "<2", "3"] * 3)[:8] + [""] * 4, "no value makes a column disappear"
    assert manifest.labels["odd"] == "text: '<2' is no number, 5 others are"
    assert manifest.labels["number"] == "'-' is a missing value (2 times)"
    assert manifest.labels["flag"] == "true and false became 1 and 0"
    assert "is no number, 5 others are" in card_of(dataset)


def test_a_label_and_a_column_of_galforges_own_never_meet(folder, capfd):
    """999 became 81.1 (snr), and pixel_scale and side ended in KeyError and TypeError."""
    names = [
        "pixel_scale",
        "side",
        "snr",
        "width",
        "border_noise",
        "identifier",
        "file",
        "fault",
        "kept",
        "split",
    ]
    labelled(folder, {name: [999] * COUNT for name in names})
    dataset = as_dataset(folder.parent, [["snr", {"maximum": 998}], ["label_snr", {"minimum": 999}]])
    catalog = read_catalog(dataset)
    for name in names:
        assert (catalog[f"label_{name}"] == 999).all()
    assert not (catalog["snr"] == 999).any()
    assert "label_snr: 'snr' in the table: galforge has a column of that name" in capfd.readouterr().err
    assert "`label_snr`" in card_of(dataset)
    with pytest.raises(InputError, match=r"labels.csv: there are two columns 'label_snr'; rename one"):
        labelled(folder, {"snr": [1] * COUNT, "label_snr": [2] * COUNT})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,x,x\n100,1,2\n", "there are two columns 'x'; rename one"),
        ("id,b,b/a\n100,1,2\n", "HDF5, to which / is a path, cannot hold 'b' and 'b/a'; rename one"),
        ("id,a//b\n100,1\n", "HDF5 can hold no column of the name 'a//b'; rename it"),
        ("id,x\n100,1,2\n101,3,4\n", "is not a table in CSV"),
        ("id;x\n100;1\n", "has no column 'id'; there are id;x"),
        ("name,x\n100,1\n", "has no column 'id'; there are name, x"),
        ("", "is not a table in CSV"),
        ("SIMPLE  =                    T", "is a FITS file; allowed: a table in CSV"),
    ],
)
def test_a_table_that_would_lose_something_is_refused_in_one_line(folder, text, message):
    (folder.parent / "labels.csv").write_text(text)
    with pytest.raises(InputError) as caught:
        imported(folder, folder.parent, folder.parent / "labels.csv", "id")
    assert f"labels.csv: {message}" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_columns_without_a_name_spaces_and_a_byte_order_mark_lose_nothing(folder):
    text = "\ufeff, id , x\n7, 100, 0.5\n8, 101, 0.25\n"
    (folder.parent / "labels.csv").write_text(text, encoding="utf-8")
    table, _ = imported(folder, folder.parent, folder.parent / "labels.csv", "id")
    assert list(table["x"][:2]) == [0.5, 0.25]
    assert list(table["column_1"][:2]) == [7, 8]


@pytest.mark.parametrize(
    "form", ["{}.0", "{:.18e}", "/home/me/zoo/{}.png", "zoo\\{}.jpg", "000{}", "{}.png", " {} "]
)
def test_keys_in_other_forms_find_their_pictures(folder, form):
    """All 40 were 'no image' and 'without labels'."""
    table, _ = labelled(folder, {"x": np.arange(COUNT)}, [form.format(100 + n) for n in range(COUNT)])
    assert list(table["x"]) == [*range(COUNT)]
    assert not table["fault"].any()


def test_keys_that_name_nothing_show_one_of_each_side(folder, capfd):
    with pytest.raises(InputError, match=r"none of its 12 keys names one picture; .* 'GZ0', .* is '100.png'"):
        labelled(folder, {"x": 1}, [f"GZ{n}" for n in range(COUNT)])
    labelled(folder, {"x": 1}, [100, "", "GZ1", *range(103, 100 + COUNT)])
    said = capfd.readouterr().err
    for words in ("1 no image (such as 'GZ1')", "1 no key in the table of labels", "2 without labels"):
        assert words in said


def test_a_key_is_taken_only_where_it_names_one_picture():
    files = ["a/0.png", "b/0.png", "b/1.png", "0012.png", "1.png"]
    keys = ["0", "a/0", "x/b/0.png", "12", "1.png", "1", "b/1.0", "99"]
    assert list(rows_of_keys(keys, files)) == [SEVERAL, 0, 1, 3, 4, SEVERAL, NONE, NONE]


def test_a_key_that_was_rounded_names_nothing():
    """The number nearest to that of one galaxy may be that of another one."""
    files = ["587722981736120342.png", "587722981736120320.png", f"{'9' * 5000}.png"]
    rounded = f"{587722981736120342.0:.1f}"
    assert rounded == "587722981736120320.0"
    keys = [rounded, "5.87722981736120320e+17", "587722981736120342", "1e99", "9" * 5000, "1e999999999"]
    assert list(rows_of_keys(keys, files)) == [NONE, NONE, 0, NONE, 2, NONE]


# Places


def odd_members(place):
    """Put one thing of each odd kind into a folder; return how many things there are."""
    (place / "deep/er").mkdir(parents=True)
    picture = Image.fromarray(galaxy(50, side=24))
    for suffix in ("tif", "tiff", "webp", "bmp", "jpg", "JPEG", "PNG"):
        picture.save(place / f"deep/{suffix}-form.{suffix}")
    picture.save(place / "deep/er/palette.gif")
    picture.convert("CMYK").save(place / "cmyk.jpg")
    picture.convert("RGBA").save(place / "alpha.png")
    picture.save(place / "moving.gif", save_all=True, append_images=[Image.fromarray(galaxy(51, side=24))])
    sky = np.random.default_rng(1).normal(size=(3, 24, 24)).astype(np.float32)
    unit = io.BytesIO()
    fits.PrimaryHDU(sky).writeto(unit)
    (place / "cut.fits").write_bytes(unit.getvalue())
    (place / "cut.fits.gz").write_bytes(gzip.compress(unit.getvalue()))
    fits.HDUList([fits.PrimaryHDU(), fits.CompImageHDU(sky)]).writeto(place / "cut.fits.fz")
    for name in ("notes.txt", "labels.csv", ".hidden", "._shadow.png", "no_ending", "Thumbs.db", "data.tar"):
        (place / name).write_bytes(b"x")
    for name, content in (
        ("empty.png", b""),
        ("page.jpg", b"<html>"),
        ("half.jpg", encoded(galaxy(), "JPEG")[:-900]),
    ):
        (place / name).write_bytes(content)
    (place / "broken.fits.gz").write_bytes(gzip.compress(b"SIMPLE  =" + b" " * 90)[:-4])
    return sum(path.is_file() for path in place.rglob("*"))


# Whatever is no stamp: its file, or how its name ends, and the reason.
UNREADABLE = {
    "moving.gif": "2 images in one file", "empty.png": "not an image", "page.jpg": "not an image",
    "half.jpg": "truncated or damaged", "broken.fits.gz": "truncated or damaged",
}  # fmt: skip
BESIDE = {
    "not read by its name (.txt)": 1, "not read by its name (.csv)": 1, "not read by its name (._...)": 1,
    "not read by its name (no ending)": 2, "not read by its name (.db)": 1, "not read by its name (.tar)": 1,
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("kind", ["folder", "archive"])
def test_whatever_lies_in_a_place_is_a_stamp_or_counted_with_its_reason(folder, kind, capfd):
    """TIFFs beside PNGs were never mentioned, folders of .fits.gz held 'no pictures'."""
    there = odd_members(folder)
    place, beside = folder, dict(BESIDE)
    if kind == "archive":
        place = folder.parent / "archive.zip"
        with zipfile.ZipFile(place, "w") as archive:
            archive.writestr("100.png", b"replaced by the one below")
            for path in folder.rglob("*"):
                archive.write(path, path.relative_to(folder))
        there += 1
        beside["an earlier member of the same name"] = 1
    else:
        linked = folder.parent / "elsewhere"
        linked.mkdir()
        (linked / "200.png").write_bytes(encoded(galaxy(90, side=24)))
        (folder / "linked").symlink_to(linked, target_is_directory=True)
        (folder / "circle").symlink_to(folder, target_is_directory=True)
        (folder / "nowhere.png").symlink_to(folder / "absent")
        (folder / "nowhere.dat").symlink_to(folder / "absent")
        os.mkfifo(folder / "pipe.png")
        (folder / "new\nline.png").write_bytes(encoded(galaxy(91, side=24)))
        Path(os.fsdecode(os.fsencode(folder) + b"/gal\xe9.png")).write_bytes(b"x")
        there += 7
        beside |= {"a link to a folder above it": 1, "a link that leads nowhere": 1}
    table, manifest = imported(place, folder.parent)
    assert manifest.left_out == beside
    assert len(table) + sum(manifest.left_out.values()) == there
    dataset = as_dataset(folder.parent)
    statuses = pd.concat(pd.read_csv(folder.parent / f"{shard}.csv") for shard in range(2))
    bad = statuses[statuses["render_status"] != "ok"]
    expected = dict(UNREADABLE)
    if kind == "folder":
        expected |= {
            "nowhere.png": "a link that leads nowhere", "pipe.png": "no file",
            "new\\x0aline.png": "its name has characters that no table can hold",
            "gal\\xe9.png": "its name has characters that no table can hold",
        }  # fmt: skip
        assert "linked/200.png" in set(read_catalog(dataset)["file"]), "20 of 40 pictures were there"
    assert dict(zip(bad["file"], bad["render_status"], strict=True)) == expected
    left_out = json.loads(read_attributes(dataset)["left_out"])
    assert len(read_catalog(dataset)) + sum(left_out.values()) == there
    said, card = capfd.readouterr().err, card_of(dataset)
    for reason, count in left_out.items():
        assert f"| {reason} | {count} |" in card
        assert reason in said


def test_class_folders_hold_different_pictures_and_their_classes_are_labels(tmp_path):
    """Thirty pictures were "its identifier is another's"."""
    for number, name in enumerate(("spiral", "edge on", "smooth")):
        (tmp_path / "zoo" / name).mkdir(parents=True)
        for picture in range(10):
            content = encoded(galaxy(10 * number + picture, side=24))
            (tmp_path / f"zoo/{name}/{picture}.png").write_bytes(content)
    table, _ = imported(tmp_path / "zoo", tmp_path)
    assert not table["fault"].any()
    assert table["identifier"].is_unique
    dataset = as_dataset(tmp_path, [["class_number", {"minimum": 1}]])
    catalog = read_catalog(dataset)
    assert list(catalog["class_folder"].value_counts().sort_index().items()) == [
        ("smooth", 10),
        ("spiral", 10),
    ]
    assert set(zip(catalog["class_folder"], catalog["class_number"], strict=True)) == {
        ("smooth", 1),
        ("spiral", 2),
    }
    with pytest.raises(
        InputError, match=r"'class_folder' holds text, such as '.*'; allowed: columns of numbers"
    ):
        as_dataset(tmp_path, [["class_folder", {"minimum": 1}]])


@pytest.mark.parametrize("first", [True, False], ids=["channels first", "channels last"])
def test_an_hdf5_file_of_images_and_labels_is_read(tmp_path, first):
    """It 'is not a whole zip archive'."""
    images = np.array([galaxy(number, side=20) for number in range(COUNT)])
    with h5py.File(tmp_path / "Galaxy10.h5", "w") as file:
        file["images"] = np.moveaxis(images, -1, 1) if first else images
        file["ans"] = np.arange(COUNT, dtype=np.uint8) % 10
        file["redshift"] = np.where(np.arange(COUNT) == 3, np.nan, 0.1)
        file["ra"] = np.arange(COUNT, dtype=">f4")
        file["names"] = np.array([f"galaxy {n}" for n in range(COUNT)], dtype=object)
        file["history"] = np.zeros(3)
        file.create_group("further")
    _, manifest = imported(tmp_path / "Galaxy10.h5", tmp_path)
    assert manifest.left_out == {"neither images nor their labels": 2}
    dataset = as_dataset(tmp_path)
    stamps = read_stamps(dataset)
    assert len(stamps) == COUNT
    for image, row in zip(stamps.flux(), stamps.catalog.itertuples(), strict=True):
        resized = Image.fromarray(images[row.identifier]).resize((16, 16), Image.Resampling.BILINEAR)
        assert np.array_equal(np.rint(image), np.moveaxis(np.asarray(resized), -1, 0))
        assert row.ans == row.identifier % 10
        assert row.label_ra == row.identifier and isinstance(row.label_ra, float)
        assert row.names == f"galaxy {row.identifier}"
    assert stamps.catalog.set_index("identifier")["redshift"].isna().to_dict()[3]


def test_what_cannot_be_read_says_what_can(tmp_path):
    with h5py.File(tmp_path / "spectra.h5", "w") as file:
        file["flux"] = np.zeros((5, 100))
    (tmp_path / "pictures.tar").write_bytes(b"ustar" * 100)
    for name, words in (
        ("spectra.h5", r"has no images \(there is flux \(5, 100\)\); allowed: a dataset `images` of shape"),
        ("pictures.tar", "is no collection of pictures; allowed: a folder or a zip archive of JPEG"),
    ):
        with pytest.raises(InputError, match=words):
            imported(tmp_path / name, tmp_path)


# Pixels


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "RGB with a colour that is none"])
def test_what_is_transparent_is_black(mode):
    """A transparent sky was white."""
    colour = np.full((16, 16, 3), 255, dtype=np.uint8)
    colour[4:12, 4:12] = (200, 100, 50)
    picture, options = Image.fromarray(colour), {}
    if mode in ("RGBA", "LA"):
        picture = picture.convert("L").convert("LA") if mode == "LA" else picture.convert("RGBA")
        picture.putalpha(Image.fromarray(np.where(colour[..., 0] == 255, 0, 255).astype(np.uint8)))
    elif mode == "P":
        picture = picture.convert("P", palette=Image.Palette.ADAPTIVE)
        options["transparency"] = picture.getpixel((0, 0))
    else:
        options["transparency"] = (255, 255, 255)
    stream = io.BytesIO()
    picture.save(stream, "PNG", **options)
    for channels in (1,) if mode == "LA" else (1, 3):
        pixels = decode_picture(stream.getvalue(), channels).pixels
        assert (pixels[:4] == 0).all()
        assert (pixels[4:12, 4:12] > 0).all()
        if channels == 3:
            assert (pixels[4:12, 4:12] == colour[4:12, 4:12]).all()


def test_half_transparent_pixels_are_dimmed():
    pixels = np.full((8, 8, 4), 200, dtype=np.uint8)
    pixels[..., 3] = 128
    assert decode_picture(encoded(pixels), 1).pixels == pytest.approx(100, abs=1)


def test_a_compressed_file_that_holds_too_much_is_not_unpacked():
    bomb = gzip.compress(bytes(2**29 + 1), compresslevel=1)
    assert decode_picture(bomb, 1).status == "too large"


# FITS


def cutouts(folder, planes, **cards):
    folder.mkdir()
    for number in range(COUNT):
        y, x = np.mgrid[:32, :32] - 15.5
        light = np.exp(-(x**2 + y**2) / 40) + np.random.default_rng(number).normal(0, 0.01, (planes, 32, 32))
        unit = fits.PrimaryHDU((light if planes > 1 else light[0]).astype(np.float32))
        unit.header.update(cards)
        unit.writeto(folder / f"{number}.fits")


@pytest.mark.parametrize(
    ("cards", "scale"),
    [
        ({"CD1_1": -0.2 / 3600, "CD1_2": 0.0, "CD2_1": 0.0, "CD2_2": 0.2 / 3600}, 0.2),
        ({"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CDELT1": -0.3 / 3600, "CDELT2": 0.3 / 3600,
          "PC1_1": 0.6, "PC1_2": -0.8, "PC2_1": 0.8, "PC2_2": 0.6}, 0.3),
        ({"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CDELT1": -0.25, "CDELT2": 0.25,
          "CUNIT1": "arcsec", "CUNIT2": "arcsec"}, 0.25),
        ({"PIXSCALE": 0.262}, 0.262),
        ({"CD1_1": "no number"}, np.nan),
        ({"CD1_1": 1.0, "CD2_2": 1.0}, np.nan),
        ({}, np.nan),
    ],
)  # fmt: skip
def test_headers_of_fits_cut_outs_give_pixel_scale_zero_point_and_psf(tmp_path, cards, scale):
    """The header was ignored."""
    cutouts(tmp_path / "cuts", 3, MAGZERO=22.5, PSF_FWHM=(2.0, "[pixel]"), **cards)
    imported(tmp_path / "cuts", tmp_path)
    dataset = as_dataset(tmp_path)
    catalog = read_catalog(dataset)
    assert catalog["survey_pixel_scale"].to_numpy() == pytest.approx(scale, nan_ok=True)
    assert catalog["pixel_scale"].to_numpy() == pytest.approx(2 * scale, nan_ok=True), "32 px became 16"
    assert catalog["psf_fwhm"].to_numpy() == pytest.approx(2 * scale, nan_ok=True)
    assert (catalog["zero_point"] == 22.5).all()
    assert catalog["width_arcsec"].to_numpy() == pytest.approx(
        (catalog["width"] * catalog["pixel_scale"]).to_numpy(), nan_ok=True
    )
    assert "catalog_noise" not in catalog


def test_zero_points_of_hubble_and_of_lsst():
    from galforge.pictures.fits_header import calibration_of

    acs = fits.Header({"PHOTFLAM": 7.072e-20, "PHOTPLAM": 8045.0})
    assert calibration_of(acs).zero_point == pytest.approx(25.94, abs=0.01), "ACS handbook, F814W"
    assert calibration_of(fits.Header({"FLUXMAG0": 10**10.8})).zero_point == pytest.approx(27)
    seeing = fits.Header({"SEEING": 0.7, "PIXSCALE": 0.2})
    assert calibration_of(fits.Header(), seeing).psf_fwhm == 0.7, "arcsec, from the file's own header"


def test_grey_cut_outs_under_a_recipe_of_colour_name_the_setting(tmp_path):
    cutouts(tmp_path / "cuts", 1)
    imported(tmp_path / "cuts", tmp_path)
    with pytest.raises(InputError, match=r"12 grey, not colour; preprocessing.mine.channels: 1 takes grey"):
        as_dataset(tmp_path, fraction=0.1, preprocessing="mine")
    assert len(read_catalog(as_dataset(tmp_path, channels=1))) == COUNT
