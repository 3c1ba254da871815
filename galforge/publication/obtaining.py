"""Trained models from wherever they are: a folder, a zip of one, an address, or the package itself."""

import os
import re
import shutil
import tempfile
import zipfile
from pathlib import Path, PurePosixPath
from urllib.parse import urldefrag

from galforge.core.declared import check_size
from galforge.core.errors import InputError
from galforge.download.downloading import download
from galforge.download.part_file import discard_download, hash_of
from galforge.models.base import GenerativeModel
from galforge.models.published import load_published
from galforge.publication.places import MODEL_FILES, is_address, model_place


def obtain_model(where: Path | str) -> GenerativeModel:
    """Return a trained model, in evaluation mode; nothing that comes with it is run.

    Parameters
    ----------
    where : Path or str
        A folder with ``weights.safetensors`` and ``model.json``; a zip of these; the address of such a zip,
        with its hash, as ``https://...zip#sha256=...``; or
        :data:`galforge.publication.places.EMBEDDED`, the package's own model. What
        was downloaded is kept in the folder of the user's caches, and resumed where it broke.

    Raises
    ------
    InputError
        If the training failed, the files are damaged or do not belong together, or a zip holds no model.
    GalforgeError
        If a download fails, or has another hash.
    FileNotFoundError
        If there is no such file.
    """
    if is_address(where):
        return _of_zip(_downloaded(str(where)))
    place = model_place(where)
    return _of_zip(place) if place.is_file() else load_published(place)


def _downloaded(address: str) -> Path:
    url, fragment = urldefrag(address)
    if not re.fullmatch(r"sha256=[0-9a-f]{64}", fragment):
        raise InputError(f"{address}: has no hash; allowed: https://...zip#sha256= and 64 hexadecimal digits")
    digest = fragment.removeprefix("sha256=")
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    path = caches / "galforge" / "models" / f"{digest}.zip"
    if not path.is_file() or hash_of(path, "sha256") != digest:
        part = path.with_suffix(".part")
        download(url, part, f"sha256:{digest}", unpacked_ratio=0)
        part.replace(path)
        discard_download(part)
    return path


def _of_zip(path: Path) -> GenerativeModel:
    """Return the model of a zip whose files lie at its top or in one folder."""
    try:
        with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory(prefix="galforge-") as folder:
            members = [_member(path, archive, name) for name in MODEL_FILES]
            check_size(path, sum(member.file_size for member in members))
            for name, member in zip(MODEL_FILES, members, strict=True):
                with archive.open(member) as packed, (Path(folder) / name).open("wb") as unpacked:
                    shutil.copyfileobj(packed, unpacked)
            return load_published(Path(folder))
    # The last two: a compression that Python does not have, and an encrypted file.
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise InputError(f"{path}: cannot be read as a zip ({error})") from error


def _member(path: Path, archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    """Return the one member of this name, in whichever folder; its path leads nowhere, for it is not used."""
    found = [member for member in archive.infolist() if PurePosixPath(member.filename).name == name]
    if len(found) != 1:
        raise InputError(f"{path}: holds {len(found)} files {name}; allowed: 1, in a zip of a model's folder")
    return found[0]
