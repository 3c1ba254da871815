"""Judging many models, against what statmorph alone needs for the same stamps on the same cores.

    python -m benchmarks.judge                 # 16 models of 256 stamps, on 2 processes: half an hour
    python -m benchmarks.judge --models 2      # the same in small

Each model is measured as the workflow does it, by an entry of its own that starts, reads its stamps, raw and
noise-matched, and writes two tables; the survey's stamps are measured once. statmorph alone gets every source
ready-made, in processes that have imported it. The two take turns, so that a machine whose load changes is as
slow for both. The models are stand-ins: blurred galaxies, other ones for each, without noise and with the
survey's.
"""

import argparse
import json
import multiprocessing
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from benchmarks.evaluation import SETTINGS, Prepared, bare_gini, prepare, seconds
from benchmarks.rendering import draw_rows
from benchmarks.timing import Comparison, show
from galforge.core.tables import read_table
from galforge.datasets.normalization import normalize
from galforge.datasets.stamp_file import Stamps, write_stamps
from galforge.evaluation.noise_matching import match_noise
from galforge.simulation.drawing import Simulation
from galforge.survey.simulated import simulate_survey

BLUR = 1.0  # px, sigma: a VAE's stamps have no noise and no small structure
RESIDUE = 0.002  # of the range: no two models make equal stamps

_PREPARED: list[Prepared] = []


def draw_real(count: int, processes: int) -> NDArray[np.float32]:
    """Return so many normalized stamps of a simulated survey, (N, 1, 64, 64)."""
    settings = Simulation(seed=1, count=count, magnitude_limit=23.5, companion_fraction=0.12, psf_count=20)
    with tempfile.TemporaryDirectory() as folder:
        survey = simulate_survey(settings, Path(folder), processes)
        drawn = draw_rows(survey, 0, count)
    return normalize(np.array([stamp.image for stamp in drawn])[:, None]).image


def draw_generated(real: NDArray[np.float32], count: int, seed: int) -> list[NDArray[np.float32]]:
    """Return what stands for a model's stamps, raw and noise-matched, (count, 1, 64, 64) each."""
    generator = np.random.default_rng(seed)
    chosen = real[generator.permutation(len(real))[:count]]
    raw = gaussian_filter(chosen, (0, 0, BLUR, BLUR)) + RESIDUE * generator.standard_normal(chosen.shape)
    raw = normalize(raw.astype(np.float32)).image
    return [raw, match_noise(raw, real, seed)]


def measure_alone(row: int) -> float:
    """Return what statmorph alone makes of a prepared stamp."""
    return bare_gini(*_PREPARED[row])


def time_alone(files: list[NDArray[np.float32]], processes: int) -> tuple[float, list[float]]:
    """Return how long statmorph alone takes on these stamps, and every Gini coefficient."""
    _PREPARED[:] = prepare(np.concatenate(files))
    # Forked, the processes have statmorph and the stamps: nothing but the measurement is timed.
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("fork")) as pool:
        list(pool.map(measure_alone, range(processes)))
        return seconds(lambda: list(pool.map(measure_alone, range(len(_PREPARED)), chunksize=4)))


def time_entry(files: list[NDArray[np.float32]], processes: int, folder: Path) -> tuple[float, list[float]]:
    """Return how long the entry takes on files of these stamps, and every Gini coefficient."""
    stamps = [folder / f"{number}.h5" for number in range(len(files))]
    tables = [path.with_suffix(".csv") for path in stamps]
    for path, images in zip(stamps, files, strict=True):
        write_stamps(path, [Stamps.plain(images)], {})
    settings = {"count": max(map(len, files)), "morphology": asdict(SETTINGS)}
    command = [sys.executable, "-m", "workflow_scripts.evaluation.measure_morphology"]
    command += ["--settings", json.dumps(settings), "--threads", str(processes)]
    command += ["--stamps", *map(str, stamps), "--output", *map(str, tables)]
    taken, _ = seconds(lambda: subprocess.run(command, check=True, stderr=subprocess.DEVNULL))
    found = [read_table(path) for path in tables]
    return taken, [value for table in found for value in table.loc[table["gini"].notna(), "gini"]]


def compare(models: int, count: int, processes: int) -> Comparison:
    """Return the comparison on the survey's stamps, twice ``count``, and those of so many models."""
    real = draw_real(2 * count, processes)
    alone = ours = 0.0
    measured, apart = 0, []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(models + 1):
            files = draw_generated(real, count, seed) if seed else [real]
            reference, expected = time_alone(files, processes)
            taken, found = time_entry(files, processes, Path(folder))
            alone, ours = alone + reference, ours + taken
            measured += sum(map(len, files))
            same = len(found) == len(expected)
            apart.append(float(np.abs(np.subtract(found, expected)).max()) if same else np.nan)
            print(f"{seed} of {models} models: statmorph {alone:.0f} s, ours {ours:.0f} s", file=sys.stderr)
    return Comparison(
        f"{models} models of {count} stamps, {processes} processes",
        "statmorph alone, its sources known",
        measured / alone,
        measured / ours,
        "stamps/s",
        f"Gini: {np.max(apart):.1g}",
    )


def main() -> None:
    """Measure, and print the row for docs/benchmarks.md."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", type=int, default=16)
    parser.add_argument("--count", type=int, default=256, help="stamps of a model, in each of two variants")
    parser.add_argument("--processes", type=int, default=2)
    show(compare(**vars(parser.parse_args())))


if __name__ == "__main__":
    main()
