"""Download the pictures of Galaxy Zoo 2, verified, and write the survey's catalogue."""

from dataclasses import dataclass
from pathlib import Path

from galforge.core.command_line import run_entry
from galforge.core.locking import hold_lock
from galforge.core.settings import Section
from galforge.datasets.columns import RESERVED
from galforge.download.fetching import fetch_file
from galforge.pictures.describing_pictures import PictureSurveyFiles, describe_pictures
from galforge.pictures.galaxy_zoo_2 import votes_by_picture
from galforge.pictures.label_table import labels_of, read_labels
from galforge.pictures.picture_sources import GALAXY_ZOO_2_KEY, GALAXY_ZOO_2_OBJECT
from galforge.pictures.store import opened_store


@dataclass(frozen=True)
class Files(PictureSurveyFiles):
    """Also the folder of the download, which keeps what has come."""

    folder: Path


class Settings(Section):
    """Where the files are, with their hashes as far as they are known.

    Attributes
    ----------
    images_url, mapping_url : str
        The zip archive of pictures, and the table from its file names to galaxies.
    images_hash, mapping_hash : str or None
        ``"md5:..."``, ``"sha256:..."``, or None for the server's own.
    labels : str or None
        CSV file of vote fractions with a column ``dr7objid``.
    credit : str
    """

    images_url: str
    images_hash: str | None
    mapping_url: str
    mapping_hash: str | None
    labels: str | None
    credit: str


def main(files: Files, settings: Settings) -> None:
    """Download what is not there yet, and write catalogue and manifest."""
    archive = files.folder / "images_gz2.zip"
    names = files.folder / "gz2_filename_mapping.csv"
    with hold_lock(files.folder / "lock", "is downloading this survey"):
        # The small file first: a wrong address is known in seconds.
        mapped = fetch_file(settings.mapping_url, settings.mapping_hash, names)
        receipt = fetch_file(settings.images_url, settings.images_hash, archive)
        votes, digests = labels_of(settings.labels, GALAXY_ZOO_2_OBJECT, RESERVED)
        labels = votes_by_picture(read_labels(names, GALAXY_ZOO_2_KEY), votes)
        # The mapping is of a larger sample than the pictures: its other rows lack nothing.
        with opened_store(archive) as store:
            there = labels.keys.isin({Path(name).stem for name in store.names()})
        left_out = dict(labels.left_out)
        if others := int((~there).sum()):
            left_out[f"rows of {names.name} without a picture in the archive"] = others
        describe_pictures(
            "galaxy_zoo_2",
            archive,
            files,
            settings.credit,
            labels._replace(keys=labels.keys[there], table=labels.table[there], left_out=left_out),
            further_files={**mapped.files, **digests},
            archive={"url": receipt.url, "md5": receipt.md5, "sha256": receipt.sha256},
        )


if __name__ == "__main__":
    run_entry(main)
