"""All models of a dataset in one table, with the floor first."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

FLOOR = "survey stamps (floor)"


def rank_models(metrics: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return the leaderboard of a dataset.

    Parameters
    ----------
    metrics : sequence of mapping
        At least one, each the content of a ``metrics.json``; all of one dataset and scored against
        the same floor.

    Returns
    -------
    DataFrame
        The floor, then the models by mean distance, then the failed ones by name. Columns: ``rank``
        (from 1; missing for the floor and the failed), ``model``, ``status``, ``reason``,
        ``mean_distance``, a ``distance_<parameter>`` for each, ``failure_fraction``,
        ``reconstruction_mse``, ``reconstruction_bce``, ``training_seconds``, ``parameters``,
        ``stamps`` (how many stamps the row was measured on). Distances are in units of the
        reference's standard deviation.

    Raises
    ------
    ValueError
        If the models were not scored against the same floor.
    """
    first = metrics[0]
    for other in metrics[1:]:
        if _floor_row(other) != _floor_row(first):
            raise ValueError(f"{other['model']} and {first['model']} were scored against different floors")
    ranked = sorted(metrics, key=_order)
    rows = [_floor_row(first), *(_model_row(entry) for entry in ranked)]
    good = sum(entry["status"] == "ok" for entry in ranked)
    table = pd.DataFrame(rows)
    ranks = [None, *range(1, good + 1), *[None] * (len(ranked) - good)]
    table.insert(0, "rank", pd.array(ranks, dtype="Int64"))
    for name in ("parameters", "stamps"):
        table[name] = table[name].astype("Int64")
    return table


def _order(entry: Mapping[str, Any]) -> tuple[bool, float, str]:
    failed = entry["status"] != "ok"
    return failed, np.inf if failed else entry["mean_distance"]["model"], entry["model"]


def _distances(entry: Mapping[str, Any], side: str) -> dict[str, float | None]:
    return {"mean_distance": entry["mean_distance"][side]} | {
        f"distance_{name}": values[side] for name, values in entry["distance"].items()
    }


def _floor_row(entry: Mapping[str, Any]) -> dict[str, Any]:
    scored = entry["mean_distance"]["floor"] is not None
    return {
        "model": FLOOR,
        "status": "ok" if scored else "failed",
        "reason": "" if scored else next(value["reason"] for value in entry["distance"].values()),
        **_distances(entry, "floor"),
        "failure_fraction": entry["failures"]["floor"],
        "reconstruction_mse": None,
        "reconstruction_bce": None,
        "training_seconds": None,
        "parameters": None,
        "stamps": entry["count"]["reference"],
    }


def _model_row(entry: Mapping[str, Any]) -> dict[str, Any]:
    reconstruction = entry["reconstruction"] or {"mse": None, "bce": None}
    return {
        "model": entry["model"],
        "status": entry["status"],
        "reason": entry["reason"],
        **_distances(entry, "model"),
        "failure_fraction": entry["failures"]["generated"],
        "reconstruction_mse": reconstruction["mse"],
        "reconstruction_bce": reconstruction["bce"],
        "training_seconds": entry["training_seconds"],
        "parameters": entry["parameters"],
        "stamps": entry["count"]["generated"],
    }
