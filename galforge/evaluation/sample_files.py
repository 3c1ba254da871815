"""From files to the samples that are scored, and what the entries that score share."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.core.errors import ConfigurationError, InputError
from galforge.core.settings import Section
from galforge.core.tables import read_table
from galforge.datasets.same_galaxies import check_rows
from galforge.datasets.stamp_file import read_stamps
from galforge.evaluation.comparable import grey
from galforge.evaluation.comparison import Sample
from galforge.evaluation.reference_split import split_reference


class Scoring(Section):
    """What is scored, by statmorph's names, on how many stamps per side, with errors from how many halves."""

    parameters: list[str]
    count: int
    resamples: int
    seed: int


@dataclass(frozen=True)
class ScoringFiles:
    """The dataset whose test stamps are the reference, and what was measured on these."""

    dataset: Path
    real: Path
    real_features: Path


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


def read_sample(stamps: Path, morphology: Path, features: Path, parameters: Sequence[str]) -> Sample:
    """Return the stamps of a model or control with what was measured on them.

    Raises
    ------
    InputError
        If the files do not describe the same stamps.
    """
    images = read_stamps(stamps).image
    table = read_morphology(morphology, parameters)
    if len(table) > len(images):
        raise InputError(f"{morphology}: has {len(table)} rows, {stamps} has {len(images)} stamps")
    measured = read_table(features)
    if len(measured) != len(table):
        raise InputError(f"{features}: has {len(measured)} rows, {morphology} has {len(table)}")
    if not np.array_equal(measured["row"], table["row"]):
        raise InputError(f"{features}: was measured on other stamps of {stamps} than {morphology}")
    return Sample(table, measured, grey(images[: len(table)]))


def read_reference(
    dataset: Path, morphology: Path, features: Path, parameters: Sequence[str], count: int
) -> tuple[Sample, Sample]:
    """Return the reference and the floor, of at least two stamps each.

    Raises
    ------
    InputError
        If there are fewer real stamps, or one was not measured.
    """
    table = read_morphology(morphology, parameters)
    if len(table) < 4:
        raise InputError(
            f"{dataset}: has {len(table)} test stamps; models are judged on at least 4, so hold out more "
            "(split.test)"
        )
    stamps = read_stamps(dataset)
    check_rows(morphology, table, stamps.catalog, dataset)
    measured = read_table(features).set_index("row")
    if missing := set(table["row"]) - set(measured.index):
        raise InputError(f"{features}: lacks row {min(missing)} of {morphology}")
    return split_sample(stamps.image, table, measured, count)


def split_sample(
    images: NDArray[np.float32], morphology: pd.DataFrame, features: pd.DataFrame, count: int
) -> tuple[Sample, Sample]:
    """Return the reference and the floor of real stamps, at most ``count`` of them each.

    Parameters
    ----------
    images : ndarray, shape (N, C, H, W)
        Of the dataset.
    morphology : DataFrame
        Of its test stamps, with their ``row`` in the dataset.
    features : DataFrame
        Of these, by their row.
    count : int
    """
    reference, floor = (
        Sample(half, features.loc[half["row"]].reset_index(), grey(images[half["row"].to_numpy()]))
        for half in split_reference(morphology, count)
    )
    return reference, floor
