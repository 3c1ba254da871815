"""Draw one shard of a survey's galaxies as stamps."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import galsim
import numpy as np
import pandas as pd

from galforge.core.command_line import argument_parser, parse_settings, run_entry, strict
from galforge.core.progress import Progress
from galforge.core.seeds import derive_seed
from galforge.datasets.stamp_file import Stamps, write_stamps
from galforge.imaging.rendering import Frame, render_galaxy
from galforge.survey.manifest import read_manifest
from galforge.survey.observation import ObservationReader
from galforge.survey.reading import open_survey, survey_catalog

BLOCK = 256  # stamps held in memory at once
MEASURED = {
    "pixel_scale": np.float64,
    "original_size": np.int64,
    "automatic_size": np.int64,
    "larger_than_frame": np.int64,
    "flux_fraction": np.float64,
    "centroid_offset": np.float64,
    "padding_noise": np.float64,
}  # columns that rendering adds, with their types in a shard in which nothing could be drawn


@strict
@dataclass(frozen=True)
class PointSpread:
    """PSF of the stamps: that of the observation, or a Gaussian of ``fwhm`` arcsec."""

    kind: Literal["original", "gaussian"]
    fwhm: float | None = None


@strict
@dataclass(frozen=True)
class Settings:
    """How the stamps are drawn.

    Attributes
    ----------
    size : int
        Side in pixels.
    mode : {"fit", "fixed"}
        Each galaxy rescaled to fill its stamp (Eq. 1 of Danilov 2020), or all at ``pixel_scale``.
    psf : PointSpread
    seed : int
        Of the noise padding.
    pixel_scale : float or None
        arcsec a pixel, of mode ``fixed``.
    """

    size: int
    mode: Literal["fit", "fixed"]
    psf: PointSpread
    seed: int
    pixel_scale: float | None = None

    @property
    def frame(self) -> Frame:
        """What the library draws."""
        return Frame(self.size, self.pixel_scale, self.psf.fwhm)


def rendered_blocks(
    observations: ObservationReader, catalog: pd.DataFrame, settings: Settings, progress: Progress
) -> Iterator[Stamps]:
    """Yield the stamps of the catalogue's galaxies in blocks, at least one."""
    for start in range(0, max(len(catalog), 1), BLOCK):
        part = catalog.iloc[start : start + BLOCK].reset_index(drop=True)
        stamps = []
        for identifier, row in zip(part["identifier"], part["survey_row"], strict=True):
            seed = derive_seed(settings.seed, "noise padding", int(identifier))
            stamps.append(render_galaxy(observations, int(row), settings.frame, seed))
            progress.advance()
        yield Stamps(
            image=np.array([stamp.image for stamp in stamps], dtype=np.float32).reshape(
                -1, 1, settings.size, settings.size
            ),
            offset=np.zeros(len(part)),
            scale=np.ones(len(part)),
            catalog=part.assign(
                **{
                    name: np.array([getattr(stamp, name) for stamp in stamps], dtype=kind)
                    for name, kind in MEASURED.items()
                },
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

    # A shard is one process on one core: GalSim's threads, one a core of the machine, would only wait
    # for each other.
    galsim.set_omp_threads(1)
    manifest = read_manifest(arguments.survey)
    survey = open_survey(manifest)
    observations = ObservationReader(survey.real_cat, manifest.files)
    catalog = survey_catalog(survey)
    first, last = (
        len(catalog) * shard // arguments.shards for shard in (arguments.shard, arguments.shard + 1)
    )
    progress = Progress(
        f"render_stamps {arguments.output.parent.name} {arguments.shard}", last - first, "stamps"
    )
    write_stamps(
        arguments.output,
        rendered_blocks(observations, catalog.iloc[first:last], settings, progress),
        attributes={},
    )


if __name__ == "__main__":
    run_entry(main)
