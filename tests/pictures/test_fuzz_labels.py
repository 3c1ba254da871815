"""Tables of labels that nobody would publish: each value arrives under its name, or one line says why not."""

import csv
import gzip
import io

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from galforge.core.errors import InputError
from galforge.datasets.columns import RESERVED
from galforge.datasets.stamp_file import read_catalog
from galforge.pictures.decoding import decode_picture
from tests.pictures.test_odd_pictures import as_dataset, imported
from tests.pictures.test_pictures import encoded, galaxy

FUZZ = settings(derandomize=True, deadline=None, database=None)
COUNT = 9

NAMES = st.one_of(
    st.sampled_from(
        ["b/a", "S/N", "a/b/c", "b", "a//b", ".", "/", "", " x ", "90 %", "$m_r$", "x|y", "=1+1", "é"]
    ),
    st.sampled_from(sorted(RESERVED)),
    st.sampled_from(["label_snr", "column_2", "Unnamed: 0", "id", "id.1", "index"]),
    st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=6),
)
MISSING = st.sampled_from(["", "-", "nan", "NA", "None"])
WORDS = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=4).map("w{}".format)
VALUES = {
    "flag": st.booleans(),
    "whole": st.integers(-9, 9),
    "long": st.integers(10**17, 10**18),
    "number": st.floats(width=64, allow_nan=False),
    "word": WORDS,
}


@st.composite
def columns(draw):
    """Return a column's name, its kind and its values, None where one is missing."""
    kind = draw(st.sampled_from(sorted(VALUES)))
    values = st.none() | VALUES[kind] if draw(st.booleans()) else VALUES[kind]
    return draw(NAMES), kind, draw(st.lists(values, min_size=COUNT, max_size=COUNT))


FORMS = st.sampled_from(["{}", "{}.0", "{}.png", "/data/zoo/{}.jpg", "C:\\zoo\\{}", " {}", "0{}"])


def written(path, table, form, rows, mark):
    """Write a table of labels for the first pictures."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        lines = csv.writer(stream)
        lines.writerow(["id", *(name for name, _, _ in table)])
        for row in range(rows):
            values = (
                ("" if kind == "word" else mark) if values[row] is None else values[row]
                for _, kind, values in table
            )
            lines.writerow([form.format(100 + row), *values])


def arrives(kind, values):
    """Return a column as the catalogue must have it."""
    known = [value for value in values if value is not None]
    if kind == "word" and known:
        return [value or "" for value in values]
    if kind == "long" and 0 < len(known) < len(values):
        return ["" if value is None else str(value) for value in values]
    return [np.nan if value is None else value for value in values]


def refusable(names):
    """Whether two names are one, or HDF5 cannot hold them."""
    final = [f"label_{name}" if name in RESERVED else name for name in names]
    paths = {"/".join(name.split("/")[:end]) for name in final for end in range(1, name.count("/") + 1)}
    odd = any(part in ("", ".") for name in final for part in name.split("/"))
    return (
        odd or len({"id", *names}) <= len(names) or len(set(final)) < len(final) or bool(paths & set(final))
    )


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """A folder of pictures, and the catalogue of their dataset without labels."""
    folder = tmp_path_factory.mktemp("plain")
    (folder / "zoo").mkdir()
    for number in range(COUNT):
        (folder / f"zoo/{100 + number}.png").write_bytes(encoded(galaxy(number, side=16)))
    imported(folder / "zoo", folder)
    return folder / "zoo", read_catalog(as_dataset(folder))


@settings(FUZZ, max_examples=12)
@given(st.lists(columns(), max_size=4), FORMS, st.integers(1, COUNT), MISSING)
@example([("b/a", "number", [0.5] * COUNT), ("S/N", "whole", [3] * COUNT)], "{}", COUNT, "")
@example([("bar", "flag", [True, False, *[None] * (COUNT - 2)])], "{}", COUNT, "-")
@example([("bar", "flag", [True] * COUNT)], "{}", COUNT - 4, "")
@example([("pixel_scale", "whole", [9] * COUNT), ("side", "word", ["w"] * COUNT)], "{}", COUNT, "")
@example([("snr", "number", [999.0] * COUNT)], "{}", COUNT, "")
@example([("x", "long", [10**17 + 1, *[None] * (COUNT - 1)])], "{}.0", COUNT, "NA")
@example([("x", "number", [1e-320] * COUNT)], "/data/zoo/{}.jpg", COUNT, "")
@pytest.mark.filterwarnings("ignore")
def test_every_label_arrives_under_its_name_or_the_table_is_refused_in_one_line(
    pictures, tmp_path_factory, table, form, rows, mark
):
    zoo, plain = pictures
    folder = tmp_path_factory.mktemp("fuzz")
    written(folder / "labels.csv", table, form, rows, mark)
    names = [name.strip() or f"column_{place}" for place, (name, _, _) in enumerate(table, start=2)]
    try:
        imported(zoo, folder, folder / "labels.csv", "id")
    except InputError as error:
        assert "\n" not in str(error)
        assert "labels.csv: " in str(error)
        assert refusable(names), str(error)
        return
    assert not refusable(names)
    catalog = read_catalog(as_dataset(folder)).sort_values("identifier", ignore_index=True)
    for name in plain:
        assert catalog[name].equals(plain.sort_values("identifier", ignore_index=True)[name]), "not replaced"
    for name, (_, kind, values) in zip(names, table, strict=True):
        expected = arrives(kind, [*values[:rows], *[None] * (COUNT - rows)])
        stored = catalog[f"label_{name}" if name in RESERVED else name]
        assert stored.equals(pd.Series(expected).astype(stored.dtype)), (name, stored.tolist(), expected)
        assert pd.api.types.is_numeric_dtype(stored) == (
            not any(isinstance(value, str) for value in expected)
        )


class Contents(dict):
    """Files in memory, which a failing test need not print."""

    def __repr__(self):
        return f"contents of {', '.join(self)}"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The same picture in every format."""
    made = Contents()
    for kind in ("JPEG", "PNG", "TIFF", "WEBP", "BMP", "GIF"):
        made[kind] = encoded(galaxy(1, side=16), kind)
    stream = io.BytesIO()
    Image.fromarray(galaxy(1, side=16)).save(stream, "TIFF", compression="tiff_lzw")
    made["TIFF, compressed"] = stream.getvalue()
    stream = io.BytesIO()
    header = fits.Header({"CD1_1": 1e-4, "CD2_2": 1e-4, "CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN"})
    fits.PrimaryHDU(np.moveaxis(galaxy(1, side=16), -1, 0).astype(np.float32), header).writeto(stream)
    made["FITS"] = stream.getvalue()
    made["FITS, compressed"] = gzip.compress(stream.getvalue(), mtime=0)
    stream = io.BytesIO()
    tiles = fits.CompImageHDU(np.moveaxis(galaxy(1, side=16), -1, 0).astype(np.float32))
    fits.HDUList([fits.PrimaryHDU(), tiles]).writeto(stream)
    made["FITS, tiles"] = stream.getvalue()
    return made


@settings(FUZZ, max_examples=300)
@given(
    which=st.integers(0, 9),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=4),
    share=st.floats(0, 1),
)
@pytest.mark.filterwarnings("ignore")
def test_a_damaged_file_of_any_format_is_a_picture_or_has_a_status(files, which, changes, share):
    kind = sorted(files)[which]
    content = bytearray(files[kind])
    for place, value in changes:
        content[int(place * len(content))] = value
    kept = bytes(content) if share > 0.5 else bytes(content[: int(2 * share * len(content))])
    for channels in (1, 3):
        decoded = decode_picture(kept, channels)
        assert (decoded.picture is None) == (decoded.status != "ok")
        assert "\n" not in decoded.status
        if decoded.pixels is not None:
            assert decoded.pixels.ndim == 3
            assert np.isfinite(decoded.pixels).all()
