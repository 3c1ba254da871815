"""Gather the selected stamps, normalized and split, in one HDF5 file."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from galforge.core.command_line import run_entry
from galforge.core.progress import announce
from galforge.core.provenance import code_digest, source_closure, versions
from galforge.core.settings import Section
from galforge.core.tables import read_table
from galforge.datasets.building import count_sides, dataset_blocks
from galforge.datasets.duplicates import Duplicates, find_duplicates
from galforge.datasets.flux_building import Conditions, flux_blocks, gather_conditions
from galforge.datasets.left_out import left_out_by_reason
from galforge.datasets.selection_checks import check_count
from galforge.datasets.split import Split
from galforge.datasets.splitting import published_tests, split_by_identifier
from galforge.datasets.stamp_file import read_attributes, write_stamps
from galforge.evaluation.measured_columns import with_morphology
from galforge.survey.manifest import read_manifest
from galforge.survey.zero_point import flux_unit


@dataclass(frozen=True)
class Files:
    """The survey's manifest, stamp files of the shards in survey order, what was selected; the dataset.

    Where models are to be asked for it, the morphology of the shards' stamps.
    """

    survey: Path
    stamps: tuple[Path, ...]
    selection: Path
    attrition: Path
    dataset: Path
    morphology: tuple[Path, ...] = ()


class Settings(Section):
    """The split with its seed; ``recipe`` is recorded, all that led to the stamps.

    ``value_range`` is that of pictures' pixels in the file. Pictures keep their own values; None:
    stamps of flux, each scaled by its own minimum and maximum, or all in one unit (``normalization``).
    """

    dataset: str
    survey: str
    value_range: tuple[float, float] | None
    minimum_count: int
    split: Split
    seed: int
    recipe: dict[str, Any]
    normalization: Literal["range", "flux"] = "range"
    morphology: tuple[str, ...] = ()

    @property
    def pictures(self) -> bool:
        """Whether the stamps were prepared from pictures."""
        return self.value_range is not None

    @property
    def in_flux(self) -> bool:
        """Whether all stamps are in one unit of flux."""
        return self.normalization == "flux"


def attributes_of(
    files: Files,
    settings: Settings,
    counts: dict[str, int],
    duplicates: Duplicates | None,
    selection: pd.DataFrame,
    conditions: Conditions | None,
) -> dict[str, Any]:
    """Return what the dataset says of itself."""
    manifest = read_manifest(files.survey)
    attributes = {
        "dataset": settings.dataset,
        "survey": settings.survey,
        "simulated": int(manifest.simulated),
        "credit": manifest.credit,
        "survey_files": manifest.files,
        "settings": settings.recipe,
        "counts": counts,
        "attrition": read_table(files.attrition).to_dict("records"),
        "code": code_digest(source_closure("dataset.build_dataset")),
        "versions": versions(),
    }
    if left_out := left_out_by_reason(manifest.left_out, selection["render_status"]):
        attributes["left_out"] = left_out
    if duplicates is not None:
        attributes["duplicates"] = duplicates.counts()
    if settings.pictures:
        attributes["value_range"] = settings.value_range
        # The columns that the survey's own table brought along.
        attributes["labels"] = json.loads(read_attributes(files.stamps[0])["labels"])
    if conditions is not None:
        unit = flux_unit(manifest.source, selection)
        attributes |= conditions.attributes(unit, settings.recipe["stamps"]["pixel_scale"])
    return attributes


def main(files: Files, settings: Settings) -> None:
    """Split the selected galaxies and write their stamps."""
    check_count(read_table(files.attrition), settings.minimum_count, files.attrition.parent)
    selection = read_table(files.selection)
    kept = selection["kept"].astype(bool)
    duplicates = find_duplicates(selection[kept]) if settings.pictures else None
    if duplicates is not None:
        announce(f"Dataset {settings.dataset}: {duplicates}; each kept on one side of the split")
    groups = None if duplicates is None else duplicates.groups
    identifiers = selection.loc[kept, "identifier"].to_numpy()
    published = published_tests(selection[kept], settings.split.published)
    sides = split_by_identifier(identifiers, settings.split, settings.seed, groups, published)
    selection = with_morphology(selection, files.morphology, settings.morphology)
    selection.loc[kept, "side"] = sides
    counts = count_sides(sides, settings.dataset)
    blocks = dataset_blocks(files.stamps, selection, settings.pictures or settings.in_flux)
    conditions = gather_conditions(files.stamps, selection) if settings.in_flux else None
    if conditions is not None:
        truth = bool(settings.recipe["stamps"].get("truth"))
        blocks = flux_blocks(blocks, files.stamps, selection, conditions, truth)
    write_stamps(
        files.dataset,
        blocks,
        attributes_of(files, settings, counts, duplicates, selection, conditions),
        shared=None if conditions is None else conditions.shared(),
    )
    announce(f"Dataset {settings.dataset}: " + ", ".join(f"{n:,} {side}" for side, n in counts.items()))


if __name__ == "__main__":
    run_entry(main)
