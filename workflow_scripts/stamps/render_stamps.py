"""Draw one shard of a survey's galaxies as stamps."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import galsim
import pandas as pd

from galforge.core.command_line import run_entry
from galforge.core.progress import Progress
from galforge.datasets.shards import Shard, blocks_of
from galforge.datasets.stamp_file import Stamps, write_stamps
from galforge.imaging.blocks import BlockRenderer, Rendering
from galforge.survey.manifest import read_manifest
from galforge.survey.observation import ObservationReader
from galforge.survey.reading import open_survey, survey_catalog


@dataclass(frozen=True)
class Files:
    """The survey's manifest, and the stamp file of the shard."""

    survey: Path
    stamps: Path


class Settings(Rendering, Shard):
    """How the stamps of which shard are drawn."""


def rendered_blocks(renderer: BlockRenderer, catalog: pd.DataFrame, progress: Progress) -> Iterator[Stamps]:
    """Yield the stamps of the catalogue's galaxies in blocks, at least one."""
    for part in blocks_of(catalog):
        block = renderer.draw(part, progress.advance)
        yield replace(Stamps.plain(block.images), catalog=block.table, parts=block.parts)


def main(files: Files, settings: Settings) -> None:
    """Draw the stamps of the shard."""
    # A shard is one process on one core: GalSim's threads, one per core of the machine, would only wait
    # for each other.
    galsim.set_omp_threads(1)
    manifest = read_manifest(files.survey)
    survey = open_survey(manifest)
    observations = ObservationReader(survey.real_cat, manifest.files)
    catalog = settings.of(survey_catalog(survey))
    label = f"render_stamps {files.stamps.parent.name} {settings.shard}"
    progress = Progress(label, len(catalog), "stamps")
    renderer = BlockRenderer(observations, settings)
    write_stamps(
        files.stamps, rendered_blocks(renderer, catalog, progress), attributes={}, shared=renderer.shared
    )


if __name__ == "__main__":
    run_entry(main)
