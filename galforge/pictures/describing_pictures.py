"""From a folder or an archive of pictures to the catalogue and the manifest of a survey."""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from galforge.core.errors import InputError
from galforge.core.files import file_digest
from galforge.core.progress import announce
from galforge.core.tables import write_table
from galforge.pictures.file_names import ALLOWED
from galforge.pictures.label_types import Labels, labels_of_frame, missing
from galforge.pictures.picture_table import (
    FOLDER_COLUMNS,
    OWN_COLUMNS,
    WITHOUT_PICTURE,
    picture_table,
    with_labels,
)
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
    labels: Labels | None = None,
    reserved: Collection[str] = (),
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
    labels : Labels, optional
        The survey's own table.
    reserved : collection of str, optional
        Names of galforge's own columns, which labels beside the pictures must not have.
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
        digests, left_out = _digests(store), store.left_out() | dict(labels.left_out if labels else {})
        catalog, notes = _labelled(store, labels, reserved)
    count = _counted(pictures, catalog, left_out)
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
            left_out=left_out,
            labels=notes,
        ),
    )


def _labelled(
    store: PictureStore, labels: Labels | None, reserved: Collection[str]
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the catalogue of a store with all labels, and what was done to them, which is announced."""
    catalog = picture_table(store.names(), store.faults())
    beside = store.labels()
    own = None if beside is None else labels_of_frame(store.names(), beside, reserved, str(store.path))
    notes: dict[str, str] = {}
    for table in (own, labels):
        if table is not None:
            catalog = with_labels(catalog, table)
            notes |= table.notes
            for name, note in table.notes.items():
                announce(f"{table.source}: {name}: {note}")
    return catalog, notes


def _counted(pictures: Path, catalog: pd.DataFrame, left_out: Mapping[str, int]) -> int:
    """Announce what there is and what is left out, and return the number of pictures without a fault."""
    count = int((catalog["fault"] == "").sum())
    said = [f"{number:,} {what}" for what, number in _faults(catalog).items()]
    if beside := ", ".join(f"{number:,} {reason}" for reason, number in left_out.items()):
        said.append(f"left out: {beside}")
    if not count:
        raise InputError("; ".join([f"{pictures}: holds no pictures", *said, f"allowed: {ALLOWED}"]))
    announce("; ".join([f"{pictures}: {count:,} pictures", *said]))
    return count


def _digests(store: PictureStore) -> dict[str, str]:
    """Return what identifies the pictures: an archive by its content, a folder by names and sizes.

    Tens of thousands of files are not read for a digest: each stamp has one of its own pixels.
    """
    if store.path.is_file():
        return {store.path.name: file_digest(store.path)}
    return {f"{store.path.name}/ (names and sizes)": listing_digest(store.sizes())}


def _faults(catalog: pd.DataFrame) -> dict[str, int]:
    """Return how many pictures have each fault, with an example, and how many have no labels."""
    faulty = catalog[catalog["fault"] != ""]
    faults = {
        f"{fault} (such as {of_fault['file'].iloc[0]!r})": len(of_fault)
        for fault, of_fault in faulty.groupby("fault", sort=False)
    }
    labels = catalog.columns.difference([*OWN_COLUMNS, *FOLDER_COLUMNS])
    is_picture = ~catalog["fault"].isin(WITHOUT_PICTURE)
    unlabelled = int((is_picture & missing(catalog[labels]).all(axis=1)).sum()) if len(labels) else 0
    return {**faults, "without labels": unlabelled} if unlabelled else faults
