"""What networks are to predict of stamps, from the catalogue of a dataset."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.core.errors import InputError
from galforge.recognition.settings import ScoreRange, Target

MOST_CLASSES: Final = 1000


class Targets(NamedTuple):
    """What is to be predicted of N stamps.

    Attributes
    ----------
    names : tuple of str, length K
        Of the numbers: the classes, or the columns.
    numbers : ndarray of float32, shape (N, K)
        One for its class and zero for the others; shares that add up to 1; or a number. Zeros where nothing
        is to be predicted.
    known : ndarray of bool, shape (N,)
        Whether there is.
    """

    names: tuple[str, ...]
    numbers: NDArray[np.float32]
    known: NDArray[np.bool_]


def targets_of(catalog: pd.DataFrame, target: Target) -> Targets:
    """Return what is to be predicted of the stamps of a catalogue.

    Raises
    ------
    InputError
        If a column is missing, holds no numbers where there should be some, or has too many values or one
        value alone to be one of classes.
    """
    absent = [name for name in target.columns if name not in catalog]
    if absent:
        raise InputError(f"target.columns: the dataset's catalogue has no column {', '.join(absent)}")
    if target.kind == "class":
        return _classes(catalog[target.columns[0]])
    numbers = np.stack([_numbers(catalog[name]) for name in target.columns], axis=1)
    known = np.asarray(np.isfinite(numbers).all(axis=1), dtype=bool)
    if target.kind == "votes":
        sums = numbers.sum(axis=1)
        known &= (numbers >= 0).all(axis=1) & (sums > 0)
        numbers = numbers / np.where(known, sums, 1)[:, None]
    return Targets(tuple(target.columns), np.where(known[:, None], numbers, 0).astype(np.float32), known)


def _classes(values: pd.Series) -> Targets:
    known = np.asarray(values.notna() & (values != ""), dtype=bool)
    classes = sorted(values[known].unique())
    if not 2 <= len(classes) <= MOST_CLASSES:
        raise InputError(
            f"target.columns: column {values.name} has {len(classes):,} values; allowed as classes: 2 to "
            f"{MOST_CLASSES:,}"
        )
    place = {value: number for number, value in enumerate(classes)}
    one_hot = np.zeros((len(values), len(classes)), dtype=np.float32)
    one_hot[np.flatnonzero(known), [place[value] for value in values[known]]] = 1
    return Targets(tuple(map(str, classes)), one_hot, known)


def _numbers(values: pd.Series) -> NDArray[np.float64]:
    if not pd.api.types.is_numeric_dtype(values):
        raise InputError(f"target.columns: column {values.name} holds text; allowed: numbers")
    return np.asarray(values, dtype=np.float64)


def drawn_scores(
    labels: pd.Series, ranges: Sequence[ScoreRange], random: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return a number for each label, uniform in the range of the label, and which labels have one.

    Parameters
    ----------
    labels : Series of N numbers
    ranges : sequence of ScoreRange
    random : numpy.random.Generator

    Returns
    -------
    ndarray of float32, shape (N, 1)
    ndarray of bool, shape (N,)
    """
    given = _numbers(labels)
    share = random.random(len(given))  # before any is left out: a label's number depends on its row alone
    scores, known = np.zeros(len(given)), np.zeros(len(given), dtype=bool)
    for each in ranges:
        rows = given == each.label
        scores[rows] = each.minimum + share[rows] * (each.maximum - each.minimum)
        known |= rows
    return scores.astype(np.float32)[:, None], known
