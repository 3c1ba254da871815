"""Check a folder or archive of pictures with its table of labels, and write the survey's catalogue."""

from pathlib import Path

from galforge.core.command_line import run_entry
from galforge.core.settings import Section
from galforge.datasets.columns import RESERVED
from galforge.pictures.describing_pictures import PictureSurveyFiles, describe_pictures
from galforge.pictures.label_table import labels_of


class Settings(Section):
    """Where the pictures are, and what is known of them.

    Attributes
    ----------
    source : str
        As the configuration names it.
    path : str
        Folder, zip archive or HDF5 file of images.
    table : str or None
        CSV file of labels.
    key : str or None
        Its column that names the file: path, name, name without its ending, or number.
    credit : str
    """

    source: str
    path: str
    table: str | None
    key: str | None
    credit: str


def main(files: PictureSurveyFiles, settings: Settings) -> None:
    """Write catalogue and manifest."""
    labels, digests = labels_of(settings.table, settings.key, RESERVED)
    describe_pictures(
        settings.source,
        Path(settings.path),
        files,
        settings.credit,
        labels,
        reserved=RESERVED,
        further_files=digests,
    )


if __name__ == "__main__":
    run_entry(main)
