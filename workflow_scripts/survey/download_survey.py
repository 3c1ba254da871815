"""Download a survey in the COSMOS format, unpack it, check it and write its manifest."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from galforge.core.command_line import run_entry
from galforge.core.locking import hold_lock
from galforge.core.settings import Section
from galforge.download.fetching import discard_archive, fetch_survey, files_folder
from galforge.survey.describing import describe_survey
from galforge.survey.local import ExclusionLevel
from galforge.survey.manifest import write_manifest


@dataclass(frozen=True)
class Files:
    """The survey's manifest, written last, and the folder of the download, which keeps what has come."""

    manifest: Path
    folder: Path


class Settings(Section):
    """Which archive, and which of its galaxies count.

    ``hash`` is ``"md5:..."``, ``"sha256:..."`` or None for the server's own; ``unpacked_limit_gb`` is in
    10^9 bytes.
    """

    source: Literal["cosmos", "url"]
    url: str
    hash: str | None
    catalog: str
    exclusion_level: ExclusionLevel
    credit: str
    unpacked_limit_gb: float


def main(files: Files, settings: Settings) -> None:
    """Download what is not there yet, and describe the survey."""
    with hold_lock(files.folder / "lock", "is downloading this survey"):
        limit = int(settings.unpacked_limit_gb * 1e9)
        receipt = fetch_survey(settings.url, settings.hash, limit, files.folder)
        manifest = describe_survey(
            settings.source,
            files_folder(files.folder),
            files.manifest.parent,
            settings.catalog,
            settings.exclusion_level,
            settings.credit,
            digests=receipt.files,
            archive={"url": receipt.url, "md5": receipt.md5, "sha256": receipt.sha256},
        )
        # Not before the survey is known to be sound: another exclusion level needs no second download.
        discard_archive(files.folder)
    write_manifest(files.manifest, replace(manifest, left_out=receipt.left_out | manifest.left_out))


if __name__ == "__main__":
    run_entry(main)
