"""Download Fashion-MNIST, verified, or read it from a folder, and write the survey's catalogue."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import run_entry
from galforge.core.files import file_digest
from galforge.core.locking import hold_lock
from galforge.core.settings import Section
from galforge.datasets.columns import RESERVED
from galforge.download.fetching import fetch_file
from galforge.pictures.describing_pictures import PictureSurveyFiles, describe_pictures
from galforge.pictures.fashion_mnist import read_pictures, write_pictures
from galforge.pictures.fashion_sources import FashionFile


@dataclass(frozen=True)
class Files(PictureSurveyFiles):
    """Also the folder of the pictures, and that of the download, which keeps what has come."""

    folder: Path
    downloads: Path


class Settings(Section):
    """Where the files are.

    Attributes
    ----------
    directory : str or None
        A folder of the user's with the four files; None: they are downloaded.
    url : str
        Of the folder that they are downloaded from.
    hashes : dict of str to str
        SHA-256 of each file, by name.
    credit : str
    """

    directory: str | None
    url: str
    hashes: dict[FashionFile, str]
    credit: str


def main(files: Files, settings: Settings) -> None:
    """Write the pictures as one file, the catalogue, and the manifest last."""
    if settings.directory is None:
        with hold_lock(files.downloads / "lock", "is downloading this survey"):
            for name, digest in settings.hashes.items():
                fetch_file(f"{settings.url}/{name}", f"sha256:{digest}", files.downloads / name)
            pictures = read_pictures(files.downloads)
        digests = {str(name): digest for name, digest in settings.hashes.items()}
    else:
        folder = Path(settings.directory)
        pictures = read_pictures(folder)
        digests = {path.name: file_digest(path) for path in sorted(folder.glob("*-ubyte*"))}
    files.folder.mkdir(parents=True, exist_ok=True)
    store = files.folder / "images.h5"
    write_pictures(store, pictures)
    describe_pictures(
        "fashion_mnist", store, files, settings.credit, reserved=RESERVED, further_files=digests
    )


if __name__ == "__main__":
    run_entry(main)
