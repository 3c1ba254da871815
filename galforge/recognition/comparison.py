"""The trainings of a recognizer compared: each, its variants over repeats, and predictors beside them."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from galforge.evaluation.trainings import compare_variants
from galforge.recognition.settings import Target
from galforge.recognition.targets import targets_of

MEASURES: Final = {"class": "accuracy", "votes": "accuracy", "number": "absolute_error"}
HELD_OUT: Final = ("validation", "test")


class Training(NamedTuple):
    """One training: the content of its record, and its tables."""

    record: Mapping[str, Any]
    history: pd.DataFrame
    steps: pd.DataFrame
    predictions: pd.DataFrame


def measure_of(kind: str) -> str:
    """Return what a recognizer of a kind is measured by: ``accuracy``, or ``absolute_error``."""
    return MEASURES[kind]


def rises(kind: str) -> bool:
    """Return whether more of the measure is better."""
    return kind != "number"


def trainings_table(trainings: Iterable[Training], kind: str) -> pd.DataFrame:
    """Return a row per training.

    Columns ``variant``, ``repeat``, ``status``, ``reason``, ``learning_rate`` and ``schedule`` of its recipe,
    ``parameters``, ``seconds``; ``best``, the best measure on validation stamps after any epoch, and
    ``validation`` and ``test``, those after the last. NaN of a training that failed.
    """
    return pd.DataFrame([_row(training, kind) for training in trainings])


def _row(training: Training, kind: str) -> dict[str, Any]:
    record = training.record
    recipe, ok = record["recipe"], record["status"] == "ok"
    followed = training.history.get(f"validation_{measure_of(kind)}", pd.Series(dtype=float))
    measures = {split: record["measures"][split][measure_of(kind)] if ok else math.nan for split in HELD_OUT}
    return {
        "variant": record["variant"],
        "repeat": record["repeat"],
        "status": record["status"],
        "reason": record["reason"],
        "learning_rate": recipe["optimizer"]["learning_rate"],
        "schedule": recipe["schedule"]["name"],
        "parameters": record["parameters"],
        "seconds": record["training_seconds"],
        "best": float(followed.max() if rises(kind) else followed.min()) if ok else math.nan,
        **measures,
    }


def variants_table(trainings: pd.DataFrame, published: Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
    """Return a row per variant: mean and standard deviation over the trainings that did not fail.

    Parameters
    ----------
    trainings : DataFrame
        As :func:`trainings_table` returns it.
    published : mapping of str to mapping
        ``mean`` and ``deviation`` that a paper gives of a variant, where it does.

    Returns
    -------
    DataFrame
        ``variant``, ``trained``, ``failed``; ``best``, ``validation`` and ``test``, each with ``_deviation``,
        NaN of fewer than two; and ``published`` and ``published_deviation``.
    """
    measures = ("best", *HELD_OUT)
    table = compare_variants(trainings, measures)
    table.insert(1, "trained", table.pop("trainings") - table["failed"])
    stated = [published.get(variant, {}) for variant in table["variant"]]
    return table.drop(columns=[f"{name}_count" for name in measures]).assign(
        published=[each.get("mean", math.nan) for each in stated],
        published_deviation=[each.get("deviation", math.nan) for each in stated],
    )


def constant_predictor(catalog: pd.DataFrame, target: Target) -> dict[str, float]:
    """Return how well the same answer does for every stamp: ``validation`` and ``test``.

    The most frequent class of the training stamps, or the median of their numbers, which has the least mean
    absolute error.

    Parameters
    ----------
    catalog : DataFrame
        The dataset's, with ``split``.
    target : Target
    """
    targets = targets_of(catalog, target)
    sides = {
        split: targets.numbers[targets.known & (catalog["split"] == split).to_numpy()]
        for split in ("train", *HELD_OUT)
    }
    if target.kind == "number":
        answer = np.median(sides["train"])
        return {split: float(np.abs(sides[split] - answer).mean()) for split in HELD_OUT}
    answer = sides["train"].sum(axis=0).argmax()
    return {split: float((sides[split].argmax(axis=1) == answer).mean()) for split in HELD_OUT}


def discriminator_errors(scores: pd.DataFrame, highest: float = 8.0) -> dict[str, dict[str, float]]:
    """Return the mean absolute errors of scores that a discriminator's probability is taken for.

    The report does not say how it made scores of it. Here in two ways: times the highest score, and by the
    straight line of least squares through the training stamps, which the discriminator did not know of.

    Parameters
    ----------
    scores : DataFrame
        ``split``, ``actual`` and ``answer``, a probability.
    highest : float
        Of the scores.

    Returns
    -------
    dict of str to dict
        ``scaled`` and ``line``: ``validation`` and ``test`` of each. Empty without scores.
    """
    train = scores[scores["split"] == "train"]
    if not len(train):
        return {}
    slope, constant = 0.0, float(train["actual"].mean())
    if train["answer"].std(ddof=0) > 0:
        slope, constant = np.polyfit(train["answer"], train["actual"], 1)
    told = {"scaled": highest * scores["answer"], "line": slope * scores["answer"] + constant}
    return {
        name: {
            split: float((said - scores["actual"]).abs()[scores["split"] == split].mean())
            for split in HELD_OUT
        }
        for name, said in told.items()
    }


def best_variant(variants: pd.DataFrame, kind: str) -> str:
    """Return the variant with the best mean on validation stamps; the first where all failed."""
    means = variants["validation"]
    if means.isna().all():
        return str(variants["variant"].iloc[0])
    return str(variants["variant"][means.idxmax() if rises(kind) else means.idxmin()])


def swept_rates(variants: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Return the fixed learning rates of the variants that change nothing else; empty of fewer than two."""
    rates = {
        each["name"]: float(each["recipe"]["optimizer"]["learning_rate"])
        for each in variants
        if each["changes"].keys() <= {"recipe"}
        and each["changes"].get("recipe", {}).keys() <= {"optimizer"}
        and each["changes"].get("recipe", {}).get("optimizer", {}).keys() <= {"learning_rate"}
    }
    return rates if len(rates) > 1 else {}
