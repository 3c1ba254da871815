"""Turn one shard of a survey's pictures into stamps."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from galforge.core.command_line import run_entry
from galforge.core.progress import Progress
from galforge.datasets.shards import Shard, blocks_of
from galforge.datasets.stamp_file import Stamps, write_stamps
from galforge.pictures.blocks import Preparation, prepare_block
from galforge.pictures.file_names import is_fits
from galforge.pictures.picture_table import OWN_COLUMNS, read_picture_table
from galforge.pictures.store import PictureStore, opened_store
from galforge.survey.manifest import read_manifest


@dataclass(frozen=True)
class Files:
    """Manifest and catalogue of the survey, and the stamp file of the shard."""

    survey: Path
    table: Path
    stamps: Path


class Settings(Preparation, Shard):
    """How the stamps of which shard are made."""


def prepared_blocks(
    store: PictureStore, catalog: pd.DataFrame, preparation: Preparation, progress: Progress, calibrated: bool
) -> Iterator[Stamps]:
    """Yield the stamps of the catalogue's pictures in blocks, at least one."""
    for part in blocks_of(catalog):
        block = prepare_block(store, part, preparation, progress.advance, calibrated)
        yield Stamps(*block, split=np.full(len(part), ""))


def main(files: Files, settings: Settings) -> None:
    """Prepare the pictures of the shard."""
    manifest = read_manifest(files.survey)
    catalog = read_picture_table(files.table)
    shard = settings.of(catalog)
    progress = Progress(
        f"prepare_pictures {files.stamps.parent.name} {settings.shard}", len(shard), "pictures"
    )
    with opened_store(manifest.location / manifest.pictures) as store:
        write_stamps(
            files.stamps,
            prepared_blocks(store, shard, settings, progress, bool(catalog["file"].map(is_fits).any())),
            attributes={"labels": [name for name in catalog if name not in OWN_COLUMNS]},
        )


if __name__ == "__main__":
    run_entry(main)
