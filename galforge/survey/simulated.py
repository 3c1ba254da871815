"""A survey of simulated galaxies in the layout of COSMOS: the files that GalSim opens."""

import shutil
from dataclasses import replace
from pathlib import Path

import galsim
import numpy as np
from numpy.typing import NDArray

from galforge.core.files import file_digest, replacing
from galforge.core.progress import Progress, announce
from galforge.simulation.drawing import Simulation, drawing
from galforge.simulation.galaxy import Galaxy
from galforge.simulation.galaxy_image import GalaxyImage
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
from galforge.survey.local import ExclusionLevel
from galforge.survey.manifest import SurveyManifest
from galforge.survey.reading import open_survey

EXCLUSION_LEVEL: ExclusionLevel = "marginal"
CREDIT = "Simulated by galforge with GalSim (Rowe et al. 2015), after HST COSMOS (Scoville et al. 2007)"


def simulate_survey(simulation: Simulation, directory: Path, processes: int) -> SurveyManifest:
    """Write the files of a survey and return its manifest; they do not depend on ``processes``."""
    galaxies, bank = simulation.galaxies(), simulation.point_spread_functions()
    write_images(directory / PSF_IMAGES, bank)
    fluxes, measured = _write_galaxies(simulation, galaxies, bank, directory, processes)
    write_table(directory / CATALOG, catalog_columns(galaxies, fluxes))
    write_table(directory / FITS_CATALOG, fit_columns(galaxies, measured))
    write_table(directory / SELECTION_CATALOG, selection_columns(galaxies, measured))
    with replacing(directory / NOISE_CORRELATION) as temporary:
        # RealGalaxyCatalog looks for it beside the images only.
        shutil.copyfile(Path(galsim.meta_data.share_dir) / NOISE_CORRELATION, temporary)

    manifest = SurveyManifest(
        source="simulated",
        simulated=True,
        directory=".",
        catalog=CATALOG,
        exclusion_level=EXCLUSION_LEVEL,
        count=0,
        credit=CREDIT,
        files={name: file_digest(directory / name) for name in survey_file_names(simulation.count)},
        largest_stamp=max(galaxy.size for galaxy in galaxies),
        location=directory,
    )
    count = len(open_survey(manifest))
    announce(
        f"simulate_survey: {simulation.count - count} of {simulation.count:,} galaxies excluded at level "
        f"{EXCLUSION_LEVEL!r}"
    )
    return replace(manifest, count=count)


def _write_galaxies(
    simulation: Simulation,
    galaxies: list[Galaxy],
    bank: list[NDArray[np.float64]],
    directory: Path,
    processes: int,
) -> tuple[list[float], list[GalaxyImage]]:
    """Write the galaxies' images; return the flux of each, and all of it but its pixels."""
    progress = Progress("simulate_survey", simulation.count, "galaxies")
    fluxes: list[float] = []
    measured: list[GalaxyImage] = []

    def recorded(image: GalaxyImage) -> NDArray[np.float32]:
        fluxes.append(float(image.pixels.sum(dtype=np.float64)))
        measured.append(replace(image, pixels=np.empty((0, 0), dtype=np.float32)))
        progress.advance()
        return image.pixels

    with drawing(simulation.seed, bank, processes) as draw:
        # File by file, so that no more than one file's images can wait in memory.
        for start in range(0, simulation.count, IMAGES_PER_FILE):
            images = draw(galaxies[start : start + IMAGES_PER_FILE])
            name = image_file_name(1 + start // IMAGES_PER_FILE)
            write_images(directory / name, (recorded(image) for image in images))
    return fluxes, measured
