"""Make a survey of simulated galaxies in the layout of COSMOS: the files that GalSim opens."""

import contextlib
import multiprocessing
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import galsim
import numpy as np

from galforge.core.command_line import argument_parser, parse_settings, run_entry, strict
from galforge.core.files import file_digest, replacing
from galforge.core.progress import Progress, announce
from galforge.simulation.galaxy_image import GalaxyImage, draw_galaxy_image
from galforge.simulation.point_spread_function import draw_point_spread_function
from galforge.simulation.population import draw_galaxy
from galforge.survey.catalog_files import (
    catalog_columns,
    fit_columns,
    selection_columns,
    write_images,
    write_table,
)
from galforge.survey.layout import (
    CATALOG,
    FITS_CATALOG,
    IMAGES_PER_FILE,
    NOISE_CORRELATION,
    PSF_IMAGES,
    SELECTION_CATALOG,
    image_file_name,
    survey_file_names,
)
from galforge.survey.manifest import SurveyManifest, write_manifest

EXCLUSION_LEVEL = "marginal"
CREDIT = "Simulated by galforge with GalSim (Rowe et al. 2015), after HST COSMOS (Scoville et al. 2007)"

_GALAXIES_PER_TASK = 20

Map = Callable[..., Iterator[Any]]


@strict
@dataclass(frozen=True)
class Settings:
    """What the survey is made of.

    Attributes
    ----------
    seed : int
        Of every random draw.
    count : int
        Number of galaxies.
    magnitude_limit : float
        Faintest F814W magnitude.
    companion_fraction : float
        Fraction of galaxies with a fainter neighbour on their stamp.
    psf_count : int
        Number of point spread functions, which the galaxies share.
    """

    seed: int
    count: int
    magnitude_limit: float
    companion_fraction: float
    psf_count: int


def main() -> None:
    """Run the entry."""
    parser = argument_parser(__doc__)
    parser.add_argument("--threads", type=int, default=1, help="processes that draw galaxies")
    parser.add_argument("--output-directory", type=Path, required=True, help="folder of the survey's files")
    parser.add_argument("--manifest", type=Path, required=True, help="the survey's manifest, written last")
    arguments = parser.parse_args()
    settings = parse_settings(Settings, arguments.settings)
    manifest = simulate_survey(settings, arguments.output_directory, arguments.threads)
    directory = os.path.relpath(arguments.output_directory, arguments.manifest.parent)
    write_manifest(arguments.manifest, replace(manifest, directory=directory))


def simulate_survey(settings: Settings, directory: Path, threads: int) -> SurveyManifest:
    """Write the files of a survey and return its manifest; they do not depend on ``threads``."""
    galaxies = [
        draw_galaxy(
            settings.seed, number, settings.magnitude_limit, settings.companion_fraction, settings.psf_count
        )
        for number in range(settings.count)
    ]
    bank = [draw_point_spread_function(settings.seed, number) for number in range(settings.psf_count)]
    write_images(directory / PSF_IMAGES, bank)

    progress = Progress("simulate_survey", settings.count, "galaxies")
    stamp_fluxes: list[float] = []
    measured: list[GalaxyImage] = []

    def recorded(image: GalaxyImage) -> np.ndarray[Any, np.dtype[np.float32]]:
        """Keep all of an image but its pixels."""
        stamp_fluxes.append(float(image.pixels.sum(dtype=np.float64)))
        measured.append(replace(image, pixels=np.empty((0, 0), dtype=np.float32)))
        progress.advance()
        return image.pixels

    with _mapper(threads) as map_tasks:
        # File by file, so that no more than one file's images can wait in memory.
        for start in range(0, settings.count, IMAGES_PER_FILE):
            batch = galaxies[start : start + IMAGES_PER_FILE]
            images = map_tasks(
                partial(draw_galaxy_image, settings.seed),
                batch,
                [bank[galaxy.point_spread_function] for galaxy in batch],
            )
            write_images(
                directory / image_file_name(1 + start // IMAGES_PER_FILE),
                (recorded(image) for image in images),
            )

    write_table(directory / CATALOG, catalog_columns(galaxies, stamp_fluxes))
    write_table(directory / FITS_CATALOG, fit_columns(galaxies, measured))
    write_table(directory / SELECTION_CATALOG, selection_columns(galaxies, measured))
    with replacing(directory / NOISE_CORRELATION) as temporary:
        # RealGalaxyCatalog looks for it beside the images only.
        shutil.copyfile(Path(galsim.meta_data.share_dir) / NOISE_CORRELATION, temporary)

    catalog = galsim.COSMOSCatalog(CATALOG, dir=str(directory), exclusion_level=EXCLUSION_LEVEL)
    excluded = settings.count - catalog.nobjects
    announce(
        f"simulate_survey: {excluded} of {settings.count:,} galaxies excluded at level {EXCLUSION_LEVEL!r}"
    )
    return SurveyManifest(
        source="simulated",
        simulated=True,
        directory=".",
        catalog=CATALOG,
        exclusion_level=EXCLUSION_LEVEL,
        count=catalog.nobjects,
        credit=CREDIT,
        files={name: file_digest(directory / name) for name in survey_file_names(settings.count)},
        location=directory,
    )


@contextlib.contextmanager
def _mapper(processes: int) -> Iterator[Map]:
    """Give a function like ``map``, in order, over some processes."""
    if processes == 1:
        yield map
        return
    # A forked process would inherit the state of threads that do not run in it.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as executor:
        yield partial(executor.map, chunksize=_GALAXIES_PER_TASK)


if __name__ == "__main__":
    run_entry(main)
