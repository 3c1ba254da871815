"""The trainings of an experiment as tables: one row per training, and one per variant of what it compares."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from galforge.evaluation.experiment_settings import Epoch, ExperimentContent
from galforge.evaluation.reconstruction import Images, mean_squared_error
from galforge.evaluation.variants import NOT_SCORED, OK, RANKED, RECONSTRUCTED

FLOOR = ("floor", "floor_error")  # the ends of the columns that stand beside a score's
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
    scores : dict, optional
        The content of its ``scores.json``, where it was judged.
    """

    record: Mapping[str, Any]
    history: pd.DataFrame
    measured: Mapping[str, float]
    scores: Mapping[str, Any] | None = None


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

    Of a training that failed nothing is measured: its last epochs are those of a loss that ran away. Where
    trainings are judged, one that lacks a score has the judge's status and reason; ``gate`` says what keeps
    its stamps from being ranked, and beside each score is the floor of its dataset with that floor's error,
    ``<score>_floor`` and ``<score>_floor_error``.

    Raises
    ------
    ValueError
        If no history has a column that is to be measured.
    """
    for column in content.followed():
        if not any(column in each.history for each in ended):
            there = sorted({name for each in ended for name in each.history})
            raise ValueError(
                f"no training of {content.experiment} has {column!r}; allowed: {', '.join(there)}"
            )
    rows = []
    for training, each in zip(content.trainings, ended, strict=True):
        variant, failed = content.variants[training.variant], each.record["status"] != OK
        values = {
            column: measured(each.history, column, epoch) for column, epoch in content.followed().items()
        }
        judged = _judged(each.scores, content.judged()) if each.scores else _Judged()
        values |= {**judged.found, **each.measured}
        told = (each.record["status"], each.record["reason"]) if failed else (judged.status, judged.reason)
        rows.append(
            {
                "variant": variant.label,
                **variant.point,
                "repeat": training.repeat,
                "dataset": training.dataset,
                "model": training.model,
                "status": told[0],
                "reason": told[1],
                **({"gate": "; ".join(each.scores["gates"].values())} if each.scores else {}),
                "epochs": len(each.history),
                "training_seconds": each.record["training_seconds"],
                **{name: math.nan if failed else value for name, value in values.items()},
                **judged.floors,
            }
        )
    return pd.DataFrame(rows)


class _Judged(NamedTuple):
    status: str = OK
    reason: str = ""
    found: Mapping[str, float] = {}
    floors: Mapping[str, float] = {}


def _judged(scores: Mapping[str, Any], names: Sequence[str]) -> _Judged:
    """Return these scores of a ``scores.json``, of the sample with the survey's noise, and the floor's."""
    there = {**scores["scores"][RECONSTRUCTED], **scores["scores"][RANKED]}
    absent = {"value": None, "floor": None, "floor_error": None, "reason": "the model reconstructs nothing"}
    rows = {name: there.get(name, absent) for name in names}
    lacking = [row["reason"] for row in rows.values() if row["value"] is None]
    status = scores["status"] if scores["status"] != OK else NOT_SCORED
    return _Judged(
        status if lacking else OK,
        lacking[0] if lacking else "",
        {name: _number(row["value"]) for name, row in rows.items()},
        {f"{name}_{end}": _number(row[end]) for name, row in rows.items() for end in FLOOR},
    )


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


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
        ``<measure>_count``; of a score also ``<measure>_floor`` and ``<measure>_floor_error``.
    """
    rows = []
    for label, group in trainings.groupby("variant", sort=False):
        row = {"variant": label, "trainings": len(group), "failed": int((group["status"] != "ok").sum())}
        for name in measures:
            row |= {
                name: group[name].mean(),
                f"{name}_deviation": group[name].std(ddof=1),
                f"{name}_count": int(group[name].notna().sum()),
                # The floor is the dataset's, and so the same for all trainings of a variant.
                **{key: group[key].iloc[0] for end in FLOOR if (key := f"{name}_{end}") in group},
            }
        rows.append(row)
    return pd.DataFrame(rows)
