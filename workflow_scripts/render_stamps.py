"""Draw one shard of a survey's galaxies as stamps."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import galsim
import numpy as np
import pandas as pd

from workflow_scripts.command_line import argument_parser, parse_settings, run_entry, strict
from workflow_scripts.datasets.stamp_file import Stamps, write_stamps
from workflow_scripts.imaging.rendering import render_galaxy
from workflow_scripts.progress import Progress
from workflow_scripts.seeds import derive_seed
from workflow_scripts.survey.manifest import read_manifest
from workflow_scripts.survey.reading import open_survey, survey_catalog

BLOCK = 256  # stamps held in memory at once


@strict
@dataclass(frozen=True)
class Settings:
    """Side of the stamps in pixels, and the seed of the noise padding."""

    size: int
    seed: int


def rendered_blocks(
    survey: galsim.COSMOSCatalog, catalog: pd.DataFrame, settings: Settings, progress: Progress
) -> Iterator[Stamps]:
    """Yield the stamps of the catalogue's galaxies in blocks, at least one."""
    for start in range(0, max(len(catalog), 1), BLOCK):
        part = catalog.iloc[start : start + BLOCK].reset_index(drop=True)
        stamps = []
        for identifier, row in zip(part["identifier"], part["survey_row"], strict=True):
            seed = derive_seed(settings.seed, "noise padding", int(identifier))
            stamps.append(render_galaxy(survey, int(row), settings.size, seed))
            progress.advance()
        yield Stamps(
            image=np.array([stamp.image for stamp in stamps], dtype=np.float32).reshape(
                -1, 1, settings.size, settings.size
            ),
            offset=np.zeros(len(part)),
            scale=np.ones(len(part)),
            catalog=part.assign(
                pixel_scale=np.array([stamp.pixel_scale for stamp in stamps], dtype=np.float64),
                original_size=np.array([stamp.original_size for stamp in stamps], dtype=np.int64),
                automatic_size=np.array([stamp.automatic_size for stamp in stamps], dtype=np.int64),
                padding_noise=np.array([stamp.padding_noise for stamp in stamps], dtype=np.float64),
                render_status=np.array([stamp.status for stamp in stamps], dtype=object),
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

    survey = open_survey(read_manifest(arguments.survey))
    catalog = survey_catalog(survey)
    first, last = (
        len(catalog) * shard // arguments.shards for shard in (arguments.shard, arguments.shard + 1)
    )
    progress = Progress(
        f"render_stamps {arguments.output.parent.name} {arguments.shard}", last - first, "stamps"
    )
    write_stamps(
        arguments.output, rendered_blocks(survey, catalog.iloc[first:last], settings, progress), attributes={}
    )


if __name__ == "__main__":
    run_entry(main)
