"""Classes of galaxies from their latents, and the plane of the latents in which the classes lie apart."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import eigh
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from galforge.core.errors import InputError
from galforge.core.seeds import derive_seed
from galforge.datasets.columns import answer_of
from galforge.datasets.conditions import MOST_CLASSES
from galforge.evaluation.class_map import DIRECTIONS, MAP_COLUMNS
from galforge.evaluation.latent_regression import (
    LEAST_TESTED,
    LEAST_TRAINED,
    Rows,
    Split,
    at_most_trained,
    bootstrap_error,
    drawn_again,
    predicted_classes,
    standardised,
)

LEAST_OF_CLASS: Final = 10  # training galaxies, below which a class is left out

Words = NDArray[np.str_]


class Classes(NamedTuple):
    """The classes of N galaxies: their names, in order, and that of each galaxy, (N,), empty if unknown."""

    names: tuple[str, ...]
    labels: Words


class Learnt(NamedTuple):
    """What was learnt of one column: numbers for the JSON, and the map as rows of MAP_COLUMNS."""

    numbers: dict[str, Any]
    places: pd.DataFrame


def classes_named(name: str, catalog: pd.DataFrame) -> Classes:
    """Return the classes that a column of a catalogue says, or a question of votes.

    Parameters
    ----------
    name : str
        A column of text or whole numbers. Of no column: a question, whose answers are counted in the columns
        ``<name>.*``, or those that it matches where it has a ``*`` itself. A galaxy's class is the answer
        with the most votes; it has none where votes are missing, or no answer has more than every other.
    catalog : DataFrame of N rows

    Raises
    ------
    InputError
        If there is neither, with what there is; or if the column has more than 20 values.
    """
    if name in catalog:
        found, fault = _values(catalog[name])
        if found is None:
            raise InputError(
                f"latents.classes: column {name!r} {fault}, and classes are at most "
                f"{MOST_CLASSES} texts or whole numbers"
            )
        return found
    answers = _answers(name, catalog)
    if not 2 <= len(answers) <= MOST_CLASSES:
        raise InputError(
            f"latents.classes: there is no column {name!r}, and no question of votes with 2 to "
            f"{MOST_CLASSES} answers; there are: {', '.join(_offered(catalog)) or 'none'}"
        )
    return _most_votes(answers, catalog)


def _values(column: "pd.Series[Any]") -> tuple[Classes | None, str]:
    text = not pd.api.types.is_numeric_dtype(column)
    if text:
        values = column.fillna("").astype(str).to_numpy(dtype=str)
    else:
        numbers = column.to_numpy(dtype=np.float64)
        known = np.isfinite(numbers)
        if (numbers[known] % 1).any():
            return None, "holds numbers that are not whole"
        values = np.array(
            [f"{value + 0:.0f}" if here else "" for value, here in zip(numbers, known, strict=True)]
        )
    names = sorted(set(values.tolist()) - {""}, key=str if text else float)
    if len(names) > MOST_CLASSES:
        return None, f"has {len(names):,} different values"
    return Classes(tuple(names), values), ""


def _answers(name: str, catalog: pd.DataFrame) -> dict[str, str]:
    """Return the columns that count the votes of a question, and the answer that each stands for."""
    before, _, after = (name if "*" in name else f"{name}.*").partition("*")
    columns = [
        str(column)
        for column in catalog
        if str(column).startswith(before)
        and str(column).endswith(after)
        and len(str(column)) > len(before + after)
    ]
    numbers = [column for column in columns if pd.api.types.is_numeric_dtype(catalog[column])]
    return {
        column: answer_of(column) or column.removeprefix(before).removesuffix(after) for column in numbers
    }


def _most_votes(answers: Mapping[str, str], catalog: pd.DataFrame) -> Classes:
    votes = catalog[list(answers)].to_numpy(dtype=np.float64)
    first, second = np.sort(votes, axis=1)[:, :-3:-1].T  # NaN, which sorts last, is more than nothing
    names = np.array(list(answers.values()))
    return Classes(tuple(names.tolist()), np.where(first > second, names[votes.argmax(axis=1)], ""))


def _offered(catalog: pd.DataFrame) -> list[str]:
    """Return the columns of a catalogue that have classes, and the questions with votes."""
    found = {str(name): _values(catalog[name])[0] for name in catalog if name != "split"}
    columns = [name for name, classes in found.items() if classes and len(classes.names) > 1]
    questions = dict.fromkeys(str(name).rpartition(".")[0] for name in catalog)
    return columns + [name for name in questions if name and len(_answers(name, catalog)) > 1]


def learn_classes(split: Split, classes: Classes, column: str, identifier: NDArray[Any], seed: int) -> Learnt:
    """Return how well classes follow from latents, and where held-out galaxies lie among them.

    Parameters
    ----------
    split : Split
    classes : Classes
        Of its N galaxies.
    column : str
        What they are classes of.
    identifier : ndarray, shape (N,)
    seed : int

    Returns
    -------
    Learnt
        ``accuracy``, the share of test galaxies that a multinomial logistic regression on the standardised
        latents of the training galaxies puts in their class, and ``balanced_accuracy``, its mean over the
        classes; beside them ``majority``, the share of the class that is commonest in training, and
        ``balanced_majority``, one over the number of classes tested on. Errors are those of a bootstrap over
        the test galaxies. ``confusion`` counts test galaxies by true class (rows) and predicted (columns).
        The map is the plane of the first two directions of a linear discriminant analysis of the training
        galaxies, whose covariance is shrunk as Ledoit and Wolf (2004) have it, in standard deviations
        within classes. ``reason`` says why there is none of these.
    """
    own = derive_seed(seed, "latent regression", column)  # that of the same column among the regressions
    numbers, train, test = _with_enough(split, classes, own)
    numbers = {"column": column, **numbers}
    if numbers["reason"]:
        return Learnt(numbers, pd.DataFrame(columns=list(MAP_COLUMNS)))
    standard = standardised(split.latents, train)
    y, truth = classes.labels[train], classes.labels[test]
    predicted = predicted_classes(standard[train], y, standard[test])
    places = discriminant_places(standard[train], y, standard[test])
    named = {"column": column, "identifier": identifier[test], "class": truth, "predicted": predicted}
    return Learnt(
        numbers | _judged(numbers["classes"], y, truth, predicted, own),
        pd.DataFrame(named).assign(**dict(zip(DIRECTIONS, places.T, strict=True))),
    )


def _with_enough(
    split: Split, classes: Classes, seed: int
) -> tuple[dict[str, Any], NDArray[np.intp], NDArray[np.intp]]:
    """Return what there is of each class, and the galaxies to fit and to test on, of classes with enough."""
    known = classes.labels != ""
    train, test = (
        at_most_trained(np.flatnonzero(split.train & known), seed),
        np.flatnonzero(split.test & known),
    )
    counts = {
        name: {"trained": _count(classes.labels[train], name), "tested": _count(classes.labels[test], name)}
        for name in classes.names
    }
    kept = [name for name in classes.names if counts[name]["trained"] >= LEAST_OF_CLASS]
    train, test = (rows[np.isin(classes.labels[rows], kept)] for rows in (train, test))
    reason = ""
    if len(kept) < 2:
        reason = (
            f"{len(kept)} of {len(classes.names)} classes have {LEAST_OF_CLASS} training galaxies or more"
        )
    elif len(train) < LEAST_TRAINED or len(test) < LEAST_TESTED:
        reason = f"the class is known of {len(train)} training and {len(test)} test stamps"
    numbers = {
        "reason": reason,
        "classes": kept,
        "left_out": {name: counts[name] for name in classes.names if name not in kept},
        "without_class": int(((split.train | split.test) & ~known).sum()),
        "trained": len(train),
        "tested": len(test),
    }
    return numbers, train, test


def _count(values: Words, name: str) -> int:
    return int((values == name).sum())


def _judged(names: Sequence[str], y: Words, truth: Words, predicted: Words, seed: int) -> dict[str, Any]:
    right = predicted == truth
    common = max(names, key=lambda name: _count(y, name))
    resamples = drawn_again(len(truth), seed)

    def with_error(score: str, of: Callable[[Any], float]) -> dict[str, float]:
        every = np.arange(len(truth))
        return {score: of(every), f"{score}_error": bootstrap_error(of(chosen) for chosen in resamples)}

    return {
        **with_error("accuracy", lambda rows: float(right[rows].mean())),
        **with_error("balanced_accuracy", lambda rows: _balanced(truth[rows], right[rows])),
        "commonest": common,
        **with_error("majority", lambda rows: float((truth[rows] == common).mean())),
        "balanced_majority": 1 / len(np.unique(truth)),
        "confusion": [[_count(predicted[truth == row], name) for name in names] for row in names],
    }


def _balanced(truth: Words, right: NDArray[np.bool_]) -> float:
    return float(np.mean([right[truth == name].mean() for name in np.unique(truth)]))


def discriminant_places(x: Rows, y: Words, test: Rows) -> Rows:
    """Return where galaxies lie along the first two discriminant directions of others.

    Parameters
    ----------
    x : ndarray, shape (N, L)
        Standardised latents of the training galaxies.
    y : ndarray, shape (N,)
        Their classes.
    test : ndarray, shape (M, L)

    Returns
    -------
    ndarray of float64, shape (M, 2)
        In standard deviations within classes, 0 at the mean of the training galaxies. The largest component
        of a direction is positive. NaN along the second where there is only one: of two classes, or of one
        latent.
    """
    varying = np.ptp(x, axis=0) > 0
    x, test = x[:, varying], test[:, varying]
    names, own = np.unique(y, return_inverse=True)
    count = min(len(DIRECTIONS), len(names) - 1, x.shape[1])
    # Its own directions would take the difference of two covariances, shrunk by different amounts, for the
    # scatter between classes, also where the means do not differ.
    analysis = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto").fit(x, y)
    away = analysis.means_ - analysis.priors_ @ analysis.means_
    axes = eigh((analysis.priors_ * away.T) @ away, analysis.covariance_)[1][:, ::-1][:, :count]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(count)])
    along = x @ axes
    within = np.sqrt(((along - (analysis.means_ @ axes)[own]) ** 2).mean(axis=0))
    places = np.full((len(test), len(DIRECTIONS)), np.nan)
    places[:, :count] = (test - x.mean(axis=0)) @ axes / within
    return places
