"""From a directory in the COSMOS format to the manifest of a survey."""

import contextlib
import math
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
from astropy.io import fits

from galforge.core.declared import check_size
from galforge.core.errors import InputError
from galforge.core.files import file_digest
from galforge.core.progress import Progress, announce
from galforge.survey.checking import survey_files
from galforge.survey.local import ExclusionLevel
from galforge.survey.manifest import SurveyManifest
from galforge.survey.observation import FAULTS
from galforge.survey.reading import Survey, open_survey


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
    exclusion_level: ExclusionLevel,
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
        If a file or a column is missing, tables do not belong together, or no galaxy has noise; the message
        names the first.
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
    survey = open_survey(manifest)
    _refuse_without_noise(survey, directory / catalog)
    unmatched = _announced(survey, directory, manifest)
    sides = {path.name: image_sides(path) for path in files}
    of_galaxies = {Path(name).name for name in survey.real_cat.gal_file_name}
    largest = max((side for name in of_galaxies for side in sides.get(name, [])), default=0)
    excluded = len(survey.identifiers) - len(survey)
    reason = f"excluded at level {manifest.exclusion_level!r}"
    left_out = manifest.left_out | ({reason: excluded} if excluded else {})
    return replace(manifest, count=len(survey), largest_stamp=largest, unmatched=unmatched, left_out=left_out)


def _announced(survey: Survey, directory: Path, manifest: SurveyManifest) -> dict[str, int]:
    """Say which galaxies pass, and which have no row in a table; return the number of those by table."""
    unmatched = {path.name: int((~found).sum()) for path, found in survey.found.items() if not found.all()}
    total = len(survey.identifiers)
    level = f"the exclusion level {manifest.exclusion_level!r}"
    announce(f"{directory}: {len(survey):,} of {total:,} galaxies pass {level}")
    for name, number in unmatched.items():
        announce(
            f"{directory / name}: {number:,} of {total:,} galaxies of {manifest.catalog} have no row (by "
            "IDENT); what the table would say of them is missing, and a level that reads it leaves them out"
        )
    return unmatched


def _refuse_without_noise(survey: Survey, catalog: Path) -> None:
    """Refuse a survey without noise: nothing could be said of its stamps' quality, and no frame be filled."""
    variance = np.asarray(survey.real_cat.variance, dtype=np.float64)[survey.rows]
    if len(variance) and not (variance > 0).any():
        raise InputError(
            f"{catalog}: NOISE_VARIANCE is {variance[0]:g} for all {len(variance):,} galaxies; allowed: more "
            "than 0, since a stamp without noise has no signal-to-noise ratio; add noise to the images and "
            "write its variance there"
        )


def image_sides(path: Path) -> list[int]:
    """Return the sides, px, of the images in a FITS file, by their headers; none if it cannot be read.

    Raises
    ------
    InputError
        If the headers declare far more than the file can hold: compressed, a few bytes may declare gigabytes.
    """
    # A galaxy in a broken file is flagged when it is drawn, and takes no memory.
    with contextlib.suppress(*FAULTS), fits.open(path) as units:
        images = [(unit.shape, abs(unit.header.get("BITPIX", 8)) // 8) for unit in units if unit.is_image]
        check_size(path, sum(math.prod(shape) * width for shape, width in images if shape))
        return [side for shape, _ in images for side in shape]
    return []
