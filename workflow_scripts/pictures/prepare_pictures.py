"""Turn one shard of a survey's pictures into stamps."""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from galforge.core.command_line import argument_parser, parse_settings, run_entry, strict
from galforge.core.progress import Progress
from galforge.datasets.stamp_file import Stamps, write_stamps
from galforge.pictures.decoding import decode_picture, picture_size
from galforge.pictures.hashing import perceptual_hash, pixel_digest
from galforge.pictures.picture_table import OWN_COLUMNS, read_picture_table
from galforge.pictures.preprocessing import Prepared, Preprocessing, crop, prepare
from galforge.pictures.store import PictureStore, opened_store
from galforge.survey.manifest import read_manifest

BLOCK = 256  # stamps held in memory at once


@strict
@dataclass(frozen=True)
class Settings:
    """How the stamps are made.

    Attributes
    ----------
    size : int
        Side in pixels.
    preprocessing : Preprocessing
    image_size : tuple of int or None
        Width and height that every picture of the survey has; None where they may differ.
    """

    size: int
    preprocessing: Preprocessing
    image_size: tuple[int, int] | None


def prepare_content(content: bytes, settings: Settings) -> tuple[Prepared | None, str]:
    """Return the stamp of a file's bytes and ``"ok"``, or None and the reason why there is none."""
    recipe = settings.preprocessing
    decoded = decode_picture(content, recipe.channels, settings.image_size)
    if decoded.picture is None:
        return None, decoded.status
    cropped = crop(decoded.picture, recipe)
    if cropped is None:
        width, height = picture_size(decoded.picture)
        return None, f"{width} x {height} px, smaller than the crop"
    prepared = prepare(cropped, settings.size, recipe)
    return prepared, "ok" if prepared is not None else "constant"


def prepare_file(store: PictureStore, name: str, settings: Settings) -> tuple[Prepared | None, str]:
    """Return the stamp of a file of a store, as :func:`prepare_content`."""
    try:
        content = store.read(name)
    except (OSError, KeyError, zipfile.BadZipFile, EOFError):
        return None, "cannot be read"
    return prepare_content(content, settings)


def prepared_blocks(
    store: PictureStore, catalog: pd.DataFrame, settings: Settings, progress: Progress
) -> Iterator[Stamps]:
    """Yield the stamps of the catalogue's pictures in blocks, at least one."""
    channels, size = settings.preprocessing.channels, settings.size
    for start in range(0, max(len(catalog), 1), BLOCK):
        part = catalog.iloc[start : start + BLOCK].reset_index(drop=True)
        image = np.zeros((len(part), channels, size, size), dtype=np.float32)
        offset, scale = np.zeros(len(part)), np.ones(len(part))
        statuses, digests, hashes = [], [], []
        for row, (name, fault) in enumerate(zip(part["file"], part["fault"], strict=True)):
            prepared, status = (None, fault) if fault else prepare_file(store, name, settings)
            if prepared is not None:
                image[row], offset[row], scale[row] = prepared
            statuses.append(status)
            digests.append("" if prepared is None else pixel_digest(prepared.image))
            hashes.append("" if prepared is None else perceptual_hash(prepared.image))
            progress.advance()
        yield Stamps(
            image=image,
            offset=offset,
            scale=scale,
            catalog=part.drop(columns="fault").assign(
                pixel_digest=np.array(digests, dtype=object),
                perceptual_hash=np.array(hashes, dtype=object),
                render_status=np.array(statuses, dtype=object),
            ),
            split=np.full(len(part), ""),
        )


def main() -> None:
    """Run the stage."""
    parser = argument_parser(__doc__)
    parser.add_argument("--survey", type=Path, required=True, help="the survey's manifest")
    parser.add_argument("--shard", type=int, required=True, help="which shard, from 0")
    parser.add_argument("--shards", type=int, required=True, help="how many shards there are")
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    settings = parse_settings(Settings, arguments.settings)

    manifest = read_manifest(arguments.survey)
    catalog = read_picture_table(manifest.path / manifest.catalog)
    first, last = (
        len(catalog) * shard // arguments.shards for shard in (arguments.shard, arguments.shard + 1)
    )
    progress = Progress(
        f"prepare_pictures {arguments.output.parent.name} {arguments.shard}", last - first, "pictures"
    )
    with opened_store(manifest.location / manifest.pictures) as store:
        write_stamps(
            arguments.output,
            prepared_blocks(store, catalog.iloc[first:last], settings, progress),
            attributes={"labels": [name for name in catalog if name not in OWN_COLUMNS]},
        )


if __name__ == "__main__":
    run_entry(main)
