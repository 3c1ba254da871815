"""The trainings of an experiment as tables: one row per training, and one per variant of what it compares."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from galforge.evaluation.experiment_settings import Epoch, ExperimentContent
from galforge.evaluation.reconstruction import Images, mean_squared_error

_REDUCED = {"last": lambda values: values.iloc[-1], "lowest": lambda values: values.min()}
_REDUCED["highest"] = lambda values: values.max()


class Ended(NamedTuple):
    """A training that has ended.

    Attributes
    ----------
    record : dict
        The content of its ``model.json``.
    history : DataFrame
        Its ``history.csv``.
    measured : dict of str to float
        What else was measured.
    """

    record: Mapping[str, Any]
    history: pd.DataFrame
    measured: Mapping[str, float]


def reconstruction_rms(image: Images, reconstruction: Images) -> float:
    """Return the root mean square residual per pixel of stamps (N, C, H, W), the mean over the stamps."""
    return float(np.sqrt(mean_squared_error(image, reconstruction)).mean()) if len(image) else math.nan


def measured(history: pd.DataFrame, column: str, epoch: Epoch) -> float:
    """Return what counts of a column of a history; NaN where there is none that is finite.

    ``"last"`` is the last epoch, whatever it was; ``"lowest"`` and ``"highest"`` are over all.
    """
    if column not in history or history.empty:
        return math.nan
    value = float(_REDUCED[epoch](history[column]))
    return value if math.isfinite(value) else math.nan


def list_trainings(content: ExperimentContent, ended: Sequence[Ended]) -> pd.DataFrame:
    """Return one row per training: its variant, how it ended, and what was measured.

    Of a training that failed nothing is measured: its last epochs are those of a loss that ran away.

    Raises
    ------
    ValueError
        If no history has a column that is to be measured.
    """
    for column in content.measures:
        if not any(column in each.history for each in ended):
            there = sorted({name for each in ended for name in each.history})
            raise ValueError(
                f"no training of {content.experiment} has {column!r}; allowed: {', '.join(there)}"
            )
    rows = []
    for training, each in zip(content.trainings, ended, strict=True):
        variant, failed = content.variants[training.variant], each.record["status"] != "ok"
        values = {column: measured(each.history, column, epoch) for column, epoch in content.measures.items()}
        values |= each.measured
        rows.append(
            {
                "variant": variant.label,
                **variant.point,
                "repeat": training.repeat,
                "dataset": training.dataset,
                "model": training.model,
                "status": each.record["status"],
                "reason": each.record["reason"],
                "epochs": len(each.history),
                "training_seconds": each.record["training_seconds"],
                **{name: math.nan if failed else value for name, value in values.items()},
            }
        )
    return pd.DataFrame(rows)


def compare_variants(trainings: pd.DataFrame, measures: Sequence[str]) -> pd.DataFrame:
    """Return one row per variant, in order: trainings, failed ones, and of each measure mean and deviation.

    Parameters
    ----------
    trainings : DataFrame
        Of :func:`list_trainings`.
    measures : sequence of str

    Returns
    -------
    DataFrame
        ``variant``, ``trainings``, ``failed``; of each measure its mean over the trainings that have it,
        ``<measure>_deviation`` (their sample standard deviation, NaN of fewer than two) and
        ``<measure>_count``.
    """
    rows = []
    for label, group in trainings.groupby("variant", sort=False):
        row = {"variant": label, "trainings": len(group), "failed": int((group["status"] != "ok").sum())}
        for name in measures:
            row |= {
                name: group[name].mean(),
                f"{name}_deviation": group[name].std(ddof=1),
                f"{name}_count": int(group[name].notna().sum()),
            }
        rows.append(row)
    return pd.DataFrame(rows)
