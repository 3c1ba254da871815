"""The morphology of many stamps as one table, measured by several processes side by side."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.core.progress import Progress
from galforge.evaluation.moments import COLUMNS as MOMENT_COLUMNS
from galforge.evaluation.moments import measure_moments
from galforge.evaluation.morphology import (
    COLUMNS,
    measure_morphology,
    subtract_background,
)
from galforge.evaluation.segmentation import Segmentation

_CHUNK = 8  # stamps per task: about a second, so that no core waits long at the end


def _measure_chunk(images: NDArray[np.floating], settings: Segmentation) -> list[dict[str, Any]]:
    return [
        measure_morphology(image, settings) | measure_moments(subtract_background(image)) for image in images
    ]


def measure_all(stamps: NDArray[np.floating], settings: Segmentation, threads: int = 1) -> pd.DataFrame:
    """Return the morphology of many stamps, the same for any number of processes.

    Parameters
    ----------
    stamps : ndarray, shape (N, C, H, W)
        Flux. Colour stamps (C > 1) are measured on the mean over their channels.
    settings : Segmentation
    threads : int
        Processes that measure side by side.

    Returns
    -------
    DataFrame of N rows
        In the order of the stamps; the columns are :data:`galforge.evaluation.morphology.COLUMNS` and
        those of adaptive moments.
    """
    grey = stamps.mean(axis=1, dtype=np.float64)  # (N, H, W)
    # Equal stamps have equal measurements: a collapsed generator costs one.
    numbers: dict[bytes, int] = {}
    number = [numbers.setdefault(image.tobytes(), len(numbers)) for image in grey]
    images = grey[np.unique(number, return_index=True)[1]] if numbers else grey  # each once
    chunks = [images[start : start + _CHUNK] for start in range(0, len(images), _CHUNK)]
    progress = Progress("Measuring morphology", len(images), "stamps")
    rows: list[dict[str, Any]] = []
    for measured in _measured_in_order(chunks, settings, threads):
        rows += measured
        progress.advance(len(measured))
    return pd.DataFrame(rows, columns=[*COLUMNS, *MOMENT_COLUMNS]).iloc[number].reset_index(drop=True)


def _measured_in_order(
    chunks: list[NDArray[np.float64]], settings: Segmentation, threads: int
) -> Iterator[list[dict[str, Any]]]:
    if threads == 1 or len(chunks) < 2:
        yield from (_measure_chunk(chunk, settings) for chunk in chunks)
        return
    with ProcessPoolExecutor(min(threads, len(chunks))) as pool:
        yield from pool.map(_measure_chunk, chunks, [settings] * len(chunks))
