"""A downloaded survey in its folder: archive, files, and the receipt that says which they are."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from galforge.core.errors import InputError
from galforge.core.files import read_json, write_json
from galforge.core.progress import announce
from galforge.download.downloading import Download, discard_download, download
from galforge.download.extraction import unpack_survey
from galforge.survey.describing import file_digests


@dataclass(frozen=True)
class Receipt:
    """What was downloaded and unpacked.

    Attributes
    ----------
    url : str
        Where the archive came from.
    md5, sha256 : str
        Of the archive.
    files : dict of str to str
        Name of each unpacked file to its SHA-256.
    """

    url: str
    md5: str
    sha256: str
    files: dict[str, str]

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
    """Have a survey's files in a folder, by download only if they are not there.

    The archive stays until :func:`discard_archive`: unpacking again is cheap, downloading is not.

    Parameters
    ----------
    url : str
        Of the archive.
    pinned : str or None
        Its hash, ``"md5:..."`` or ``"sha256:..."``.
    limit : int
        Bytes that it may unpack to.
    folder : Path
        Of this survey alone.
    fetch : callable
        As :func:`~galforge.download.downloading.download`.

    Raises
    ------
    GalforgeError
        As :func:`~galforge.download.downloading.download` and
        :func:`~galforge.download.extraction.unpack_survey` say.
    """
    receipt = _valid_receipt(url, pinned, folder)
    if receipt is not None:
        return receipt
    archive = fetch(url, _archive(folder), pinned)
    _receipt_path(folder).unlink(missing_ok=True)
    files = unpack_survey(archive.path, files_folder(folder), limit)
    receipt = Receipt(url, archive.md5, archive.sha256, files)
    write_json(_receipt_path(folder), asdict(receipt))
    return receipt


_download_as_it_is = partial(download, unpacked_ratio=0.0)


def fetch_file(
    url: str,
    pinned: str | None,
    path: Path,
    fetch: Callable[[str, Path, str | None], Download] = _download_as_it_is,
) -> Receipt:
    """Have one file, by download only if it is not there; it is used as it is.

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
    receipt = _receipt_of_file(url, pinned, path, record)
    if receipt is None:
        part = path.with_name(f"{path.name}.part")
        found = fetch(url, part, pinned)
        record.unlink(missing_ok=True)
        found.path.replace(path)
        discard_download(part)  # what is left beside it
        receipt = Receipt(url, found.md5, found.sha256, {path.name: found.sha256})
        write_json(record, asdict(receipt))
    return receipt


def _receipt_of_file(url: str, pinned: str | None, path: Path, record: Path) -> Receipt | None:
    try:
        receipt = TypeAdapter(Receipt).validate_python(read_json(record))
    except (FileNotFoundError, InputError, ValidationError):
        return None
    if receipt.url != url or (pinned is not None and not receipt.has(pinned)) or not path.is_file():
        return None
    if file_digests([path]) != receipt.files:
        announce(f"{path}: has changed since it was downloaded; it will be replaced")
        return None
    announce(f"{path}: downloaded before, it is as it was")
    return receipt


def discard_archive(folder: Path) -> None:
    """Remove the archive: its files are unpacked and in order."""
    discard_download(_archive(folder))


def _archive(folder: Path) -> Path:
    return folder / "archive.part"


def _receipt_path(folder: Path) -> Path:
    return folder / "receipt.json"


def _valid_receipt(url: str, pinned: str | None, folder: Path) -> Receipt | None:
    """Return the receipt if it is of this archive and every file is as it was unpacked."""
    path = _receipt_path(folder)
    try:
        receipt = TypeAdapter(Receipt).validate_python(read_json(path))
    except FileNotFoundError:
        return None
    except (InputError, ValidationError):
        announce(f"{path}: cannot be read; the survey is unpacked again")
        return None
    if receipt.url != url:
        announce(f"{folder}: has the survey of {receipt.url}; it will be replaced")
        return None
    if pinned is not None and not receipt.has(pinned):
        announce(
            f"{folder}: has an archive with md5:{receipt.md5}, but pinned is {pinned}; it will be replaced"
        )
        return None
    files = [files_folder(folder) / name for name in receipt.files]
    absent = [file.name for file in files if not file.is_file()]
    if absent or file_digests(files) != receipt.files:
        what = f"{absent[0]} is missing" if absent else "files have changed"
        announce(f"{files_folder(folder)}: {what} since it was unpacked; it will be replaced")
        return None
    announce(f"{files_folder(folder)}: downloaded and unpacked before, every file is as it was")
    return receipt
