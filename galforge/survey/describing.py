"""From a directory in the COSMOS format to the manifest of a survey."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

from galforge.core.files import file_digest
from galforge.core.progress import Progress, announce
from galforge.survey.checking import survey_files
from galforge.survey.manifest import SurveyManifest
from galforge.survey.reading import open_survey


def file_digests(files: list[Path]) -> dict[str, str]:
    """Return file name to SHA-256."""
    progress = Progress("digests", len(files), "files")
    digests: dict[str, str] = {}
    for path in files:
        digests[path.name] = file_digest(path)
        progress.advance()
    return digests


def describe_survey(
    source: Literal["local", "cosmos", "url"],
    directory: Path,
    folder: Path,
    catalog: str,
    exclusion_level: str,
    credit: str,
    digests: Mapping[str, str] | None = None,
    archive: Mapping[str, str] | None = None,
) -> SurveyManifest:
    """Check a survey of observed galaxies and return its manifest.

    Parameters
    ----------
    source : {"local", "cosmos", "url"}
        Where it comes from.
    directory : Path
        Folder of the survey's files.
    folder : Path
        Where the manifest will lie.
    catalog, exclusion_level, credit : str
        As in the manifest.
    digests : mapping of str to str, optional
        File name to SHA-256; without them the files are read.
    archive : mapping of str to str, optional
        Address and hashes of the archive that the files were unpacked from.

    Raises
    ------
    InputError
        If a file or a column is missing; the message names the first.
    """
    files = survey_files(directory, catalog, exclusion_level)
    known = file_digests(files) if digests is None else digests
    # GalSim looks for the survey where the manifest says, so its folder must be there.
    folder.mkdir(parents=True, exist_ok=True)
    manifest = SurveyManifest(
        source=source,
        simulated=False,
        # Relative, so that project and survey can move together.
        directory=os.path.relpath(directory, folder),
        catalog=catalog,
        exclusion_level=exclusion_level,
        count=0,
        credit=credit,
        files={path.name: known[path.name] for path in files},
        archive=dict(archive or {}),
        location=folder,
    )
    count = len(open_survey(manifest))
    announce(f"{directory}: {count:,} galaxies pass the exclusion level {exclusion_level!r}")
    return replace(manifest, count=count)
