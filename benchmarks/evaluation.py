"""statmorph on many stamps: two processes against one, and all that is around it against it alone."""

import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import statmorph
from numpy.typing import NDArray

from benchmarks.timing import Comparison
from galforge.evaluation.morphology import (
    segment,
    stamp_noise,
    subtract_background,
)
from galforge.evaluation.morphology_table import measure_all
from galforge.evaluation.segmentation import Segmentation

SETTINGS = Segmentation(threshold=1.5, connected_pixels=5, smoothing=10, noise_floor=0.005, skybox_size=16)
PROCESSES = 2


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return how long a function takes, and what it returns."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


Prepared = tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]


def prepare(stamps: NDArray[np.floating]) -> list[Prepared]:
    """Return image, source and weights of each stamp (N, C, H, W) that has a source: statmorph's input."""
    prepared = []
    for stamp in stamps.mean(axis=1, dtype=np.float64):
        image = subtract_background(stamp)
        noise = stamp_noise(image, SETTINGS)
        source = segment(image, noise, SETTINGS)
        if source is not None:
            prepared.append((image, source.astype(np.int64), np.full_like(image, noise)))
    return prepared


def bare_gini(image: NDArray[np.float64], source: NDArray[np.int64], weight: NDArray[np.float64]) -> float:
    """Return the Gini coefficient, after statmorph alone has measured all that it measures."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        measured = statmorph.source_morphology(
            image,
            source,
            weightmap=weight,
            min_cutout_size=2 * max(image.shape),
            skybox_size=SETTINGS.skybox_of(min(image.shape)),
            sersic_model_args={"bounds": {"n": (0.01, 10.0)}},
        )[0]
    return float(measured.gini)


def compare(stamps: NDArray[np.floating]) -> list[Comparison]:
    """Return both comparisons on stamps of shape (N, H, W)."""
    stamps = stamps[:, None]
    count = len(stamps)
    measure_all(stamps[:2], SETTINGS)  # imports and caches are not timed
    prepared = prepare(stamps)
    alone, found = seconds(lambda: [bare_gini(*one) for one in prepared])
    one, first = seconds(lambda: measure_all(stamps, SETTINGS, 1))
    two, second = seconds(lambda: measure_all(stamps, SETTINGS, PROCESSES))
    same = "identical" if first.equals(second) else "DIFFERENT"
    gini = first["gini"].dropna()
    apart = float(np.abs(gini.to_numpy() - np.array(found)).max()) if len(gini) == len(found) else np.nan
    return [
        Comparison(
            "measure_morphology, one process",
            "statmorph alone, its sources known",
            count / alone,
            count / one,
            "stamps/s",
            f"Gini: {apart:.1g}",
        ),
        Comparison(
            f"measure_morphology, {PROCESSES} processes",
            "one process",
            count / one,
            count / two,
            "stamps/s",
            same,
        ),
    ]
