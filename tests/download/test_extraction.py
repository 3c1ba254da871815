"""What an archive may do, and what it may not."""

import gzip
import hashlib
import io
import tarfile
import tracemalloc
from pathlib import PurePosixPath

import pytest

from galforge.core.errors import InputError
from galforge.download.extraction import is_survey_file, unpack_survey
from tests.helpers.archive_server import FOLDER, make_archive

CATALOG, IMAGES = "real_galaxy_catalog_23.5.fits", "real_galaxy_images_23.5_n1.fits"
LIMIT = 10**6


@pytest.fixture
def unpack(tmp_path):
    def run(content, limit=LIMIT):
        (tmp_path / "archive.part").write_bytes(content)
        return unpack_survey(tmp_path / "archive.part", tmp_path / "files", limit).files

    return run


def member(name, kind=tarfile.REGTYPE, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def archive(*members):
    """Return an archive with a catalogue and then these members."""
    return make_archive(None, (member(f"{FOLDER}/{CATALOG}"), b"catalogue"), *members)


def test_expected_files_are_unpacked_with_their_digests(unpack, tmp_path):
    digests = unpack(
        archive((member(FOLDER, tarfile.DIRTYPE), b""), (member(f"./{FOLDER}/{IMAGES}"), b"images"))
    )
    assert digests == {
        CATALOG: hashlib.sha256(b"catalogue").hexdigest(),
        IMAGES: hashlib.sha256(b"images").hexdigest(),
    }
    assert {path.name: path.read_bytes() for path in (tmp_path / "files").iterdir()} == {
        CATALOG: b"catalogue",
        IMAGES: b"images",
    }
    assert not (tmp_path / "files.new").exists()


@pytest.mark.parametrize("mode", ["w:", "w:bz2", "w:xz"])
def test_other_compressions_are_read(unpack, mode):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as tar:
        info = member(CATALOG)
        info.size = 9
        tar.addfile(info, io.BytesIO(b"catalogue"))
    assert list(unpack(buffer.getvalue())) == [CATALOG]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"{FOLDER}/real_galaxy_catalog_25.2_selection.fits", True),
        (f"{FOLDER}/real_galaxy_PSF_images_25.2_n88.fits", True),
        (f"{FOLDER}/acs_I_unrot_sci_20_cf.fits", True),
        ("real_galaxy_images_extension.fits", True),
        (f"{FOLDER}/README.txt", True),
        (f"{FOLDER}/._{CATALOG}", False),
        (f"{FOLDER}/old/{CATALOG}", False),
        (f"{FOLDER}/{CATALOG}.gz", False),
        (f"{FOLDER}/setup.py", False),
        (f"{FOLDER}/.bashrc", False),
        (f"{FOLDER}/-rf_cf.fits", False),
    ],
)
def test_what_counts_as_a_file_of_a_survey(path, expected):
    assert is_survey_file(PurePosixPath(path)) is expected


def test_other_files_are_left_out_and_said(unpack, tmp_path, capsys):
    unpack(archive((member(f"{FOLDER}/install.sh"), b"rm"), (member(f"{FOLDER}/deep/er/{IMAGES}"), b"x")))
    assert [path.name for path in (tmp_path / "files").iterdir()] == [CATALOG]
    assert f"2 members are not files of a survey and were left out: 'install.sh', '{IMAGES}'" in (
        capsys.readouterr().err
    )


EVIL = [
    (member(f"../{IMAGES}"), "leads outside"),
    (member(f"{FOLDER}/../../{IMAGES}"), "leads outside"),
    (member(f"/tmp/{IMAGES}"), "leads outside"),
    (member("..", tarfile.DIRTYPE), "leads outside"),
    (member(f"..\\{IMAGES}"), "leads outside"),
    (member(f"{FOLDER}/{IMAGES}", tarfile.SYMTYPE, "/etc/passwd"), "is a symbolic link"),
    (member(f"{FOLDER}/folder", tarfile.SYMTYPE, "/tmp"), "is a symbolic link"),
    (member(f"{FOLDER}/{IMAGES}", tarfile.LNKTYPE, f"{FOLDER}/{CATALOG}"), "is a hard link"),
    (member(f"{FOLDER}/{IMAGES}", tarfile.CHRTYPE), "is a device"),
    (member(f"{FOLDER}/{IMAGES}", tarfile.BLKTYPE), "is a device"),
    (member(f"{FOLDER}/{IMAGES}", tarfile.FIFOTYPE), "is a pipe"),
]


@pytest.mark.parametrize(("evil", "reason"), EVIL, ids=[f"{m.name} {reason}" for m, reason in EVIL])
def test_an_evil_member_is_refused_by_name_and_nothing_is_left(unpack, tmp_path, evil, reason):
    before = {"archive.part"}
    with pytest.raises(InputError) as caught:
        unpack(archive((evil, b"")))
    message = str(caught.value)
    assert repr(evil.name) in message
    assert reason in message
    assert "\n" not in message
    assert {path.name for path in tmp_path.iterdir()} == before
    assert not (tmp_path.parent / IMAGES).exists()


def test_a_bomb_is_refused_by_name_before_it_is_unpacked(unpack, tmp_path):
    zeros = b"\0" * 2 * LIMIT
    for name in (f"{FOLDER}/{IMAGES}", f"{FOLDER}/unexpected"):
        content = archive((member(name), zeros))
        assert len(content) < 10_000
        with pytest.raises(InputError, match=r"allowed: 100,000 and 0\.001 GB") as caught:
            unpack(content)
        assert name in str(caught.value)
        assert [path.name for path in tmp_path.iterdir()] == ["archive.part"]


def test_many_small_members_are_a_bomb_too(unpack):
    half = b"\0" * (LIMIT // 2)
    with pytest.raises(InputError, match="'b': 3 members"):
        unpack(archive(*((member(name), half) for name in "abc")))


def test_zeros_after_the_last_member_are_a_bomb_too(unpack):
    whole = gzip.decompress(archive())
    with pytest.raises(InputError, match="follow its last member"):
        unpack(gzip.compress(whole + b"\0" * 3 * LIMIT))


def test_two_files_of_one_name_are_refused(unpack):
    with pytest.raises(InputError, match=f"has '{CATALOG}' twice"):
        unpack(archive((member(f"another/{CATALOG}"), b"other")))


def test_an_archive_without_a_survey_is_named(unpack):
    with pytest.raises(InputError, match="no real_galaxy_catalog"):
        unpack(make_archive(None, (member("photo.jpg"), b"x")))


@pytest.mark.parametrize("damage", ["cut", "flipped", "checksum", "text", "empty"])
def test_a_damaged_archive_is_named_and_nothing_is_left(unpack, tmp_path, damage):
    whole = bytearray(archive((member(f"{FOLDER}/{IMAGES}"), bytes(range(256)) * 2000)))
    if damage == "cut":
        whole = whole[: len(whole) // 2]
    elif damage == "flipped":
        whole[len(whole) // 2] ^= 0xFF
    elif damage == "checksum":
        whole[-8] ^= 0xFF
    else:
        whole = bytearray(b"hello" * 500 * (damage == "text"))
    with pytest.raises(InputError, match="is not a whole tar archive") as caught:
        unpack(bytes(whole))
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["archive.part"]


def test_a_failed_unpacking_leaves_what_was_there(unpack, tmp_path):
    unpack(archive())
    with pytest.raises(InputError):
        unpack(archive((member("../x"), b"")))
    assert (tmp_path / "files" / CATALOG).read_bytes() == b"catalogue"
    assert unpack(archive((member(IMAGES), b"images"))).keys() == {CATALOG, IMAGES}


def long_name(kind, size, block=b"a" * 512):
    """Return an archive that begins with a header whose content is so large, and all alike."""
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = kind, size
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as stream:
        stream.write(header.tobuf(tarfile.GNU_FORMAT))
        for _ in range(min(size, 100 << 20) >> 20):
            stream.write(block * 2048)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("kind", "block"),
    [
        (tarfile.GNUTYPE_LONGNAME, b"a" * 512),
        (tarfile.GNUTYPE_LONGLINK, b"a" * 512),
        (tarfile.XHDTYPE, b"9" * 512),
        (tarfile.XGLTYPE, b"9" * 512),
        (tarfile.GNUTYPE_SPARSE, b"\1" * 512),
    ],
)
def test_a_bomb_of_headers_is_refused_before_it_is_in_memory(unpack, kind, block):
    """Before: 0.8 MB of headers became 843 MB."""
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=r"its headers are too large|is not a regular file"):
            unpack(long_name(kind, 800 << 20, block))
        assert tracemalloc.get_traced_memory()[1] < 200e6
    finally:
        tracemalloc.stop()


def test_a_map_of_a_sparse_file_is_a_bomb_of_headers_too(unpack):
    entries = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "a"}
    info = tarfile.TarInfo("a")
    info.pax_headers, info.size = entries, 1 << 30
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as stream:
        stream.write(info.tobuf(tarfile.PAX_FORMAT))
        stream.write(b"999999999\n")
        for _ in range(3):
            stream.write(b"1\n" * (1 << 19))
    with pytest.raises(InputError, match="its headers are too large"):
        unpack(packed.getvalue())


def test_a_chain_of_headers_is_no_archive(unpack):
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 1
    with pytest.raises(InputError, match="is not a whole tar archive"):
        unpack((header.tobuf(tarfile.GNU_FORMAT) + b"a" * 512) * 2000)
