"""Gather the selected stamps, normalized and split, in one HDF5 file."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from galforge.core.command_line import argument_parser, parse_settings, run_entry, strict
from galforge.core.errors import InputError
from galforge.core.progress import announce
from galforge.core.provenance import code_digest, versions
from galforge.core.tables import read_table
from galforge.datasets.duplicates import find_duplicates
from galforge.datasets.normalization import normalize
from galforge.datasets.splitting import Split, split_by_identifier
from galforge.datasets.stamp_file import SPLITS, Stamps, read_attributes, read_stamps, write_stamps
from galforge.survey.manifest import read_manifest

METRICS = (
    "border_noise", "catalog_noise", "snr", "width", "width_arcsec", "width_status", "non_uniformity",
)  # fmt: skip


@strict
@dataclass(frozen=True)
class Settings:
    """The split with its seed; ``recipe`` is recorded, all that led to the stamps.

    ``value_range`` is that of pictures' pixels in the file. Pictures keep their own values; None:
    stamps of flux, each scaled by its own minimum and maximum.
    """

    dataset: str
    survey: str
    value_range: tuple[float, float] | None
    split: Split
    seed: int
    recipe: dict[str, Any]


def dataset_blocks(shards: list[Path], selection: pd.DataFrame, pictures: bool) -> Iterator[Stamps]:
    """Yield each shard's selected stamps in [0, 1], with their metrics and their side of the split.

    Parameters
    ----------
    shards : list of Path
        In survey order.
    selection : DataFrame
        A row a galaxy of the shards, with ``kept``, the metrics, and ``side`` of those kept.
    pictures : bool
        Whether the stamps were prepared from pictures and are in [0, 1] already.
    """
    row = 0
    for path in shards:
        shard = read_stamps(path)
        decided = selection.iloc[row : row + len(shard)].reset_index(drop=True)
        row += len(shard)
        if not (decided["identifier"].to_numpy() == shard.catalog["identifier"].to_numpy()).all():
            raise InputError(f"{path}: holds other galaxies than the selection was made from")
        kept = decided["kept"].to_numpy(dtype=bool)
        stamps = shard.take(kept)
        in_range = (stamps.image, stamps.offset, stamps.scale) if pictures else normalize(stamps.flux())
        catalog = stamps.catalog.reset_index(drop=True)
        for name in METRICS:
            if name in decided:
                catalog[name] = decided.loc[kept, name].to_numpy()
        yield Stamps(
            *in_range,
            catalog=catalog,
            split=decided.loc[kept, "side"].to_numpy(dtype=str),
        )


def labels_of(shards: list[Path]) -> list[str]:
    """Return the columns that the survey's own table brought along."""
    labels: list[str] = json.loads(read_attributes(shards[0])["labels"])
    return labels


def main() -> None:
    """Run the stage."""
    parser = argument_parser(__doc__)
    parser.add_argument("--survey", type=Path, required=True)
    parser.add_argument("--stamps", type=Path, nargs="+", required=True, help="shards, in survey order")
    parser.add_argument("--selection", type=Path, required=True)
    parser.add_argument("--attrition", type=Path, required=True)
    parser.add_argument("--code", type=Path, nargs="+", required=True, help="the sources of this stage")
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    settings = parse_settings(Settings, arguments.settings)

    manifest = read_manifest(arguments.survey)
    selection = read_table(arguments.selection)
    kept = selection["kept"].astype(bool)
    pictures = settings.value_range is not None
    identifiers = selection.loc[kept, "identifier"].to_numpy()
    duplicates = find_duplicates(selection[kept]) if pictures else None
    if duplicates is not None:
        announce(f"Dataset {settings.dataset}: {duplicates}; each kept on one side of the split")
    groups = None if duplicates is None else duplicates.groups
    sides = split_by_identifier(identifiers, settings.split, settings.seed, groups)
    selection.loc[kept, "side"] = sides
    counts = {side: int((sides == side).sum()) for side in SPLITS}
    for side, count in counts.items():
        if count == 0:
            raise InputError(
                f"dataset {settings.dataset}: no {side} stamps among {len(sides)} selected; widen "
                f"selection.limits or change split.{'test' if side == 'train' else side}"
            )
    write_stamps(
        arguments.output,
        dataset_blocks(arguments.stamps, selection, pictures),
        attributes={
            **({} if duplicates is None else {"duplicates": duplicates.counts()}),
            **(
                {"value_range": settings.value_range, "labels": labels_of(arguments.stamps)}
                if pictures
                else {}
            ),
            "dataset": settings.dataset,
            "survey": settings.survey,
            "simulated": int(manifest.simulated),
            "credit": manifest.credit,
            "survey_files": manifest.files,
            "settings": settings.recipe,
            "counts": counts,
            "attrition": read_table(arguments.attrition).to_dict("records"),
            "code": code_digest(arguments.code),
            "versions": versions(),
        },
    )
    announce(f"Dataset {settings.dataset}: " + ", ".join(f"{n:,} {side}" for side, n in counts.items()))


if __name__ == "__main__":
    run_entry(main)
