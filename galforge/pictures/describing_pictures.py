"""From a folder or an archive of pictures to the catalogue and the manifest of a survey."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from galforge.core.errors import InputError
from galforge.core.files import file_digest
from galforge.core.progress import announce
from galforge.core.tables import write_table
from galforge.pictures.picture_table import NO_PICTURE, OWN_COLUMNS, picture_table, read_labels
from galforge.pictures.store import PictureStore, listing_digest, opened_store
from galforge.survey.manifest import SurveyManifest, write_manifest


@dataclass(frozen=True)
class PictureSurveyFiles:
    """Manifest, written last, and catalogue of a survey of pictures, in one folder."""

    manifest: Path
    table: Path


def describe_pictures(
    source: Any,
    pictures: Path,
    files: PictureSurveyFiles,
    credit: str,
    labels: pd.DataFrame | None = None,
    key: str | None = None,
    simulated: bool = False,
    further_files: Mapping[str, str] | None = None,
    archive: Mapping[str, str] | None = None,
) -> None:
    """Write the catalogue of a survey of pictures, and its manifest last.

    Parameters
    ----------
    source : str
        Where it comes from.
    pictures : Path
        Folder or zip archive.
    files : PictureSurveyFiles
        The two files to write.
    credit : str
    labels : DataFrame, optional
        The survey's own table.
    key : str, optional
        The column of labels that names the file.
    simulated : bool
    further_files : mapping of str to str, optional
        Name to SHA-256 of files beside the pictures.
    archive : mapping of str to str, optional
        Address and hashes of the archive that was downloaded.

    Raises
    ------
    InputError
        If there is no picture.
    """
    with opened_store(pictures) as store:
        catalog = picture_table(store.names(), store.faults(), labels, key)
        digests = _digests(store)
    count = _counted(pictures, catalog)
    write_table(files.table, catalog)
    write_manifest(
        files.manifest,
        SurveyManifest(
            source=source,
            simulated=simulated,
            directory=".",
            catalog=files.table.name,
            exclusion_level="none",
            count=count,
            credit=credit,
            files={**digests, **(further_files or {}), files.table.name: file_digest(files.table)},
            archive=dict(archive or {}),
            # Relative, so that project and survey can move together.
            pictures=os.path.relpath(pictures, files.manifest.parent),
        ),
    )


def _counted(pictures: Path, catalog: pd.DataFrame) -> int:
    """Announce what there is, and return the number of pictures without a fault."""
    count = int((catalog["fault"] == "").sum())
    if not count:
        raise InputError(f"{pictures}: holds no pictures; allowed: JPEG, PNG, FITS")
    announce(f"{pictures}: {count:,} pictures{_faults(catalog)}{_unlabelled(catalog)}")
    return count


def _digests(store: PictureStore) -> dict[str, str]:
    """Return what identifies the pictures: an archive by its content, a folder by names and sizes.

    Tens of thousands of files are not read for a digest: each stamp has one of its own pixels.
    """
    if store.path.is_file():
        return {store.path.name: file_digest(store.path)}
    return {f"{store.path.name}/ (names and sizes)": listing_digest(store.sizes())}


def _faults(catalog: pd.DataFrame) -> str:
    faults = catalog.loc[catalog["fault"] != "", "fault"].value_counts()
    return "".join(f"; {number:,} {fault}" for fault, number in faults.items())


def _unlabelled(catalog: pd.DataFrame) -> str:
    labels = [name for name in catalog if name not in OWN_COLUMNS]
    if not labels:
        return ""
    unlabelled = catalog[labels].isna().all(axis=1) & (catalog["fault"] != NO_PICTURE)
    return f"; {int(unlabelled.sum()):,} without labels" if unlabelled.any() else ""


def labels_of(path: str | None, key: str | None) -> tuple[pd.DataFrame | None, dict[str, str]]:
    """Return the table of labels, if there is one, and its digest by name."""
    if path is None or key is None:
        return None, {}
    return read_labels(Path(path), key), {Path(path).name: file_digest(Path(path))}
