"""Pictures that are small as files and huge as what they declare: refused by their headers."""

import io
import struct
import tracemalloc
import zipfile
import zlib

import pytest
from astropy.io import fits
from PIL import Image

from galforge.pictures.blocks import Preparation, prepare_content
from galforge.pictures.decoding import decode_picture
from galforge.pictures.store import opened_store
from tests.helpers.bombs import compressed_fits


def png(width, height):
    """Return a grey picture of one bit a pixel, all black."""

    def chunk(kind, content):
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(height * (1 + -(-width // 8))), 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def jpeg(width, height):
    content = io.BytesIO()
    Image.new("L", (width, height)).save(content, "JPEG")
    return content.getvalue()


def plain_fits(rows, columns):
    header = fits.Header(
        [("SIMPLE", True), ("BITPIX", 8), ("NAXIS", 2), ("NAXIS1", columns), ("NAXIS2", rows)]
    )
    return header.tostring().encode()


@pytest.mark.parametrize(
    "content",
    [png(9_000, 9_000), jpeg(6_000, 6_000), compressed_fits(40_000, 40_000), plain_fits(10**6, 10**6)],
    ids=["png", "jpeg", "compressed FITS", "FITS"],
)
def test_a_picture_that_declares_too_much_is_not_decoded(content):
    """Before: a picture of 0.9 MB became 1.9 GB, a FITS of 0.2 MB 1.2 GB."""
    assert len(content) < 2_000_000
    tracemalloc.start()
    try:
        assert decode_picture(content, 1).status == "too large"
        assert tracemalloc.get_traced_memory()[1] < 20e6
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("make", [png, jpeg, lambda *size: compressed_fits(64, 64)])
def test_a_picture_of_a_size_that_pictures_have_is_decoded(make):
    assert decode_picture(make(2_000, 2_000), 1).status == "ok"


@pytest.mark.parametrize("content", [png(1_000, 1_000), compressed_fits(1_000, 3_001)], ids=["png", "FITS"])
def test_the_bound_is_a_setting(content):
    assert decode_picture(content, 1, limit_megapixels=0.99).status == "too large"
    preparation = Preparation(
        size=8,
        image_size=None,
        preprocessing={"border": 0, "side": None, "channels": 1, "filter": "box", "limit_megapixels": 0.99},
    )
    assert prepare_content(content, preparation).status == "too large"
    assert decode_picture(content, 1, limit_megapixels=1.001).status != "too large"


def test_a_member_of_an_archive_that_declares_too_much_is_not_unpacked(tmp_path):
    path = tmp_path / "pictures.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("1.png", "w", force_zip64=True) as member:
            for _ in range(520):
                member.write(bytes(1 << 20))
        archive.writestr("2.png", png(64, 64))
    with opened_store(path) as store:
        with pytest.raises(OSError, match="545,259,520 bytes are too many"):
            store.read("1.png")
        assert decode_picture(store.read("2.png"), 1).status == "ok"
