"""From files to the samples that are scored."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workflow_scripts.datasets.normalization import normalize
from workflow_scripts.datasets.stamp_file import read_stamps
from workflow_scripts.datasets.tables import read_table
from workflow_scripts.errors import ConfigurationError, InputError
from workflow_scripts.evaluation.halves import split_reference
from workflow_scripts.evaluation.scores import Sample


def read_morphology(path: Path, parameters: Sequence[str]) -> pd.DataFrame:
    """Return a table of morphology that has these parameters.

    Raises
    ------
    InputError
        If the file is no such table.
    ConfigurationError
        If it lacks one of the parameters.
    """
    table = read_table(path)
    if "status" not in table:
        raise InputError(f"{path}: is not a table of morphology, it has no column status")
    for parameter in parameters:
        if parameter not in table:
            raise ConfigurationError(
                f"evaluation.parameters: {parameter!r} is not measured; there are {', '.join(table.columns)}"
            )
    return table


def comparable(images: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return stamps as they are compared: mean over the channels, each normalized.

    Parameters
    ----------
    images : ndarray, shape (N, C, H, W)

    Returns
    -------
    ndarray of float64, shape (N, H, W)
        Zeros where a stamp is constant or not finite.
    """
    grey = images.mean(axis=1, keepdims=True, dtype=np.float64)
    found = np.zeros_like(grey)
    usable = np.isfinite(grey).all(axis=(1, 2, 3))
    usable[usable] = np.ptp(grey[usable], axis=(1, 2, 3)) > 0
    if usable.any():
        found[usable] = normalize(grey[usable]).image
    return np.asarray(found[:, 0])


def read_sample(stamps: Path, morphology: Path, parameters: Sequence[str]) -> Sample:
    """Return the stamps of a model or control with what was measured on them.

    Raises
    ------
    InputError
        If the two files are not of the same stamps.
    """
    images = read_stamps(stamps).image
    table = read_morphology(morphology, parameters)
    if len(table) > len(images):
        raise InputError(f"{morphology}: has {len(table)} rows, {stamps} has {len(images)} stamps")
    return Sample(table, comparable(images[: len(table)]))


def read_reference(
    dataset: Path, morphology: Path, parameters: Sequence[str], count: int
) -> tuple[Sample, Sample]:
    """Return the reference and the floor, at least two stamps each.

    Raises
    ------
    InputError
        If there are fewer real stamps.
    """
    table = read_morphology(morphology, parameters)
    if len(table) < 4:
        raise InputError(
            f"{dataset}: has {len(table)} test stamps; models are judged on at least 4, so hold out more "
            "(split.test)"
        )
    images = read_stamps(dataset).image
    halves = split_reference(table, count)
    reference, floor = (Sample(half, comparable(images[half["row"].to_numpy()])) for half in halves)
    return reference, floor
