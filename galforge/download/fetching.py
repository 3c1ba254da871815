"""A downloaded survey in its folder: archive, files, and the receipt that identifies them."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from galforge.core.errors import InputError
from galforge.core.files import read_json, write_json
from galforge.core.progress import announce
from galforge.download.downloading import Download, download
from galforge.download.extraction import unpack_survey
from galforge.download.part_file import discard_download
from galforge.survey.describing import file_digests


@dataclass(frozen=True)
class Receipt:
    """What was downloaded and unpacked.

    Attributes
    ----------
    url : str
        Where the archive came from.
    md5, sha256 : str
        Hashes of the archive, or of the one file.
    files : dict of str to str
        Name of each file to its SHA-256.
    left_out : dict of str to int
        How many members of the archive were not unpacked, by reason.
    """

    url: str
    md5: str
    sha256: str
    files: dict[str, str]
    left_out: dict[str, int] = field(default_factory=dict)

    def has(self, pinned: str) -> bool:
        """Tell whether a hash is the archive's."""
        return pinned in (f"md5:{self.md5}", f"sha256:{self.sha256}")


def files_folder(folder: Path) -> Path:
    """Return where a downloaded survey's files lie."""
    return folder / "files"


def fetch_survey(
    url: str,
    pinned: str | None,
    limit: int,
    folder: Path,
    fetch: Callable[[str, Path, str | None], Download] = download,
) -> Receipt:
    """Make sure that a survey's files are in a folder; download only what is not there.

    The archive stays until :func:`discard_archive`: unpacking again is cheap, downloading is not.

    Parameters
    ----------
    url : str
        Address of the archive.
    pinned : str or None
        Its hash, ``"md5:..."`` or ``"sha256:..."``.
    limit : int
        Bytes that it may unpack to.
    folder : Path
        A folder for this survey alone.
    fetch : callable
        As :func:`~galforge.download.downloading.download`.

    Raises
    ------
    GalforgeError
        As :func:`~galforge.download.downloading.download` and
        :func:`~galforge.download.extraction.unpack_survey` say.
    """
    files, record = files_folder(folder), folder / "receipt.json"
    receipt = _valid_receipt(record, url, pinned, files, shown=files)
    if receipt is None:
        archive = fetch(url, _archive(folder), pinned)
        record.unlink(missing_ok=True)
        unpacked = unpack_survey(archive.path, files, limit)
        receipt = Receipt(url, archive.md5, archive.sha256, unpacked.files, unpacked.left_out)
        write_json(record, asdict(receipt))
    return receipt


_download_as_it_is = partial(download, unpacked_ratio=0.0)


def fetch_file(
    url: str,
    pinned: str | None,
    path: Path,
    fetch: Callable[[str, Path, str | None], Download] = _download_as_it_is,
) -> Receipt:
    """Make sure that one file is there, which is used as it is; download it only if it is not.

    Parameters
    ----------
    url : str
    pinned : str or None
        Its hash, ``"md5:..."`` or ``"sha256:..."``.
    path : Path
        Where the whole file is to lie; its receipt lies beside it.
    fetch : callable
        As :func:`~galforge.download.downloading.download`.

    Raises
    ------
    GalforgeError
        As :func:`~galforge.download.downloading.download` says.
    """
    record = path.with_name(f"{path.name}.receipt.json")
    receipt = _valid_receipt(record, url, pinned, path.parent, shown=path)
    if receipt is None:
        part = path.with_name(f"{path.name}.part")
        whole = fetch(url, part, pinned)
        record.unlink(missing_ok=True)
        whole.path.replace(path)
        discard_download(part)  # its record
        receipt = Receipt(url, whole.md5, whole.sha256, {path.name: whole.sha256})
        write_json(record, asdict(receipt))
    return receipt


def discard_archive(folder: Path) -> None:
    """Remove the archive: its files are unpacked and in order."""
    discard_download(_archive(folder))


def _archive(folder: Path) -> Path:
    return folder / "archive.part"


def _valid_receipt(record: Path, url: str, pinned: str | None, folder: Path, shown: Path) -> Receipt | None:
    """Return a receipt if it is of this download and every file in ``folder`` is as it was recorded.

    Messages name ``shown``.
    """
    try:
        receipt = TypeAdapter(Receipt).validate_python(read_json(record))
    except FileNotFoundError:
        return None
    except (InputError, ValidationError):
        announce(f"{record}: cannot be read; {shown} will be replaced")
        return None
    if receipt.url != url:
        announce(f"{shown}: came from {receipt.url}; it will be replaced")
        return None
    if pinned is not None and not receipt.has(pinned):
        announce(
            f"{shown}: was downloaded with md5:{receipt.md5}, but pinned is {pinned}; it will be replaced"
        )
        return None
    files = [folder / name for name in receipt.files]
    absent = [file.name for file in files if not file.is_file()]
    if absent or file_digests(files) != receipt.files:
        reason = f"{absent[0]} is missing" if absent else "its content has changed"
        announce(f"{shown}: {reason} since it was downloaded; it will be replaced")
        return None
    announce(f"{shown}: downloaded before and unchanged")
    return receipt
