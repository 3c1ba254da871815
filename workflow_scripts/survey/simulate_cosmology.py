"""Simulate sparse fields of galaxies in the layout of the cosmology images."""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import galsim
import numpy as np
import pandas as pd
from PIL import Image

from galforge.core.command_line import run_entry
from galforge.core.files import file_digest
from galforge.core.progress import Progress
from galforge.core.seeds import derive_seed
from galforge.core.tables import write_table
from galforge.pictures.describing_pictures import PictureSurveyFiles, describe_pictures
from galforge.pictures.label_table import read_labels
from galforge.pictures.picture_sources import COSMOLOGY_KEY
from galforge.simulation.cosmology_fields import Field, labeled_field, scored_field
from galforge.simulation.cosmology_settings import CosmologySettings

CREDIT = "simulated by galforge with GalSim (Rowe et al. 2015), in the layout of the ETH cosmology images"
PARTS = ("labeled", "scored")
FIRST_IDENTIFIER = {"labeled": 1_000_000, "scored": 2_000_000}


@dataclass(frozen=True)
class Files(PictureSurveyFiles):
    """Also the folder of both parts."""

    folder: Path


class Settings(CosmologySettings):
    """What is simulated, from which seed."""

    seed: int


def simulate_field(part: str, number: int, seed: int) -> Field:
    """Return one field: a function of its part, its number and the seed alone."""
    random = np.random.default_rng(derive_seed(seed, "cosmology field", part, number))
    # Positives and negatives by turns: as many of either.
    return labeled_field(number % 2 == 0, random) if part == "labeled" else scored_field(random)


def write_field(folder: Path, part: str, number: int, seed: int) -> float:
    """Write a field as PNG; return its score or label."""
    galsim.set_omp_threads(1)
    field = simulate_field(part, number, seed)
    Image.fromarray(field.image).save(folder / part / f"{FIRST_IDENTIFIER[part] + number}.png")
    return field.actual


def write_fields(settings: Settings, folder: Path, threads: int) -> None:
    """Write both parts with their tables."""
    progress = Progress("simulate_cosmology", len(PARTS) * settings.count, "fields")
    for part in PARTS:
        (folder / part).mkdir(parents=True, exist_ok=True)
        actual = []
        for score in _scores(settings, folder, part, threads):
            actual.append(score)
            progress.advance()
        identifiers = FIRST_IDENTIFIER[part] + np.arange(settings.count)
        table = pd.DataFrame({COSMOLOGY_KEY: identifiers, "Actual": actual})
        write_table(folder / f"{part}.csv", table)


def _scores(settings: Settings, folder: Path, part: str, threads: int) -> Iterator[float]:
    numbers = range(settings.count)
    if threads == 1:
        yield from (write_field(folder, part, number, settings.seed) for number in numbers)
        return
    with ProcessPoolExecutor(
        min(threads, settings.count), mp_context=multiprocessing.get_context("spawn")
    ) as pool:
        count = settings.count
        yield from pool.map(write_field, [folder] * count, [part] * count, numbers, [settings.seed] * count)


def main(files: Files, settings: Settings, threads: int) -> None:
    """Write the fields of both parts, and the catalogue and manifest of one."""
    write_fields(settings, files.folder, threads)
    labels = files.folder / f"{settings.part}.csv"
    describe_pictures(
        "simulated_cosmology",
        files.folder / settings.part,
        files,
        CREDIT,
        read_labels(labels, COSMOLOGY_KEY),
        simulated=True,
        further_files={labels.name: file_digest(labels)},
    )


if __name__ == "__main__":
    run_entry(main)
