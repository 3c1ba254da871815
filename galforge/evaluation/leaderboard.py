"""All models and controls of a dataset in one table, with the floor first."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from galforge.evaluation.score_records import leaderboard_order
from galforge.evaluation.variants import NOT_SCORED, OK, RANKED, RECONSTRUCTED, VARIANTS

FLOOR = "survey stamps (floor)"
DEVIATION = "mean_distance_deviation"  # over trainings, of a model with several
RECONSTRUCTION = tuple(f"reconstruction_{name}" for name in ("mse", "bce", "ssim"))


def rank_models(
    judged: Sequence[Mapping[str, Any]],
    floor: Mapping[str, Any],
    further: Sequence[Mapping[str, Any]] = (),
    repeated: Mapping[str, Sequence[str]] | None = None,
) -> pd.DataFrame:
    """Return the leaderboard of a dataset.

    Parameters
    ----------
    judged : sequence of mapping
        The content of the ``scores.json`` of each model and control of one dataset.
    floor : mapping
        The content of its ``floor.json``.
    further : sequence of mapping, optional
        As ``judged``, of further trainings of some of the models.
    repeated : mapping of str to sequence of str, optional
        Model to the names of its further trainings.

    Returns
    -------
    DataFrame
        The floor, then models and controls by mean distance, then those that a gate holds back, then those
        that are not scored and those that failed, by name. Only models have a ``rank``, from 1, and
        ``ranks``: those that they may have within the errors. Columns: docs/evaluation.md.

    Raises
    ------
    ValueError
        If a model was not scored against this floor.
    """
    for entry in (*judged, *further):
        if any(
            score["floor"] != floor["scores"][name]["value"]
            for variant in VARIANTS
            for name, score in entry["scores"][variant].items()
        ):
            raise ValueError(f"{entry['model']} was scored against another floor")
    ranked = sorted(judged, key=leaderboard_order)
    table = pd.DataFrame([_floor_row(floor), *(_row(entry) for entry in ranked)])
    if repeated:
        table = table.merge(_scatter((*judged, *further), repeated), on="model", how="left")
    competes = (table["kind"] == "model") & (table["status"] == OK)
    table.insert(0, "rank", competes.cumsum().where(competes).astype("Int64"))
    table.insert(1, "ranks", possible_ranks(table, competes & (table["gate"] == "")))
    for name in ("parameters", "stamps", "tied", *(["trainings"] if repeated else [])):
        table[name] = table[name].astype("Int64")
    return table


def possible_ranks(table: pd.DataFrame, competes: pd.Series) -> pd.Series:
    """Return the ranks that each competing model may have, such as ``"2-5"``; nothing elsewhere."""
    rows = table.index[competes]
    value = table.loc[rows, "mean_distance"].to_numpy(float)
    gap, differ = value[:, None] - value[None, :], told_apart(table.loc[rows])
    first = 1 + (differ & (gap > 0)).sum(axis=1)
    last = len(rows) - (differ & (gap < 0)).sum(axis=1)
    ranks = [str(low) if low == high else f"{low}-{high}" for low, high in zip(first, last, strict=True)]
    return pd.Series(ranks, index=rows, dtype=object).reindex(table.index)


def told_apart(rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which rows of a leaderboard, (N, N), have mean distances that can be told apart.

    They differ by more than twice the error of the difference. The errors add in quadrature, and with them
    the scatter over trainings where it is known; all rows have the same reference, so this errs on the side
    of a tie.
    """
    names = ("mean_distance", "mean_distance_error", DEVIATION)
    value, error, scatter = (
        np.nan_to_num(rows[name].to_numpy(float)) if name in rows else np.zeros(len(rows)) for name in names
    )
    error = np.hypot(error, scatter)
    return np.asarray(np.abs(value[:, None] - value[None, :]) > 2 * np.hypot(error[:, None], error[None, :]))


def _scatter(judged: Sequence[Mapping[str, Any]], repeated: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Return, of models with several trainings, how many were scored and the scatter of their distances."""
    distances = {entry["model"]: entry["mean_distance"]["model"] for entry in judged if entry["status"] == OK}
    rows = []
    for model, further in repeated.items():
        known = [distances[name] for name in (model, *further) if name in distances]
        deviation = float(np.std(known, ddof=1)) if len(known) > 1 else None
        rows.append({"model": model, "trainings": len(known), DEVIATION: deviation})
    return pd.DataFrame(rows)


def list_scores(judged: Sequence[Mapping[str, Any]], floor: Mapping[str, Any]) -> pd.DataFrame:
    """Return every score of every model, control and floor, one row each; columns: docs/evaluation.md."""
    rows = []
    status = _floor_status(floor)
    for name, score in floor["scores"].items():
        rows.append(_score_row(FLOOR, "floor", status, "real", name, score))
    for entry in sorted(judged, key=leaderboard_order):
        for variant in (*VARIANTS, RECONSTRUCTED):
            for name, score in entry["scores"][variant].items():
                rows.append(_score_row(entry["model"], entry["kind"], entry["status"], variant, name, score))
    table = pd.DataFrame(rows)
    return table.assign(tied=table["tied"].astype("Int64"))


def _score_row(
    model: str, kind: str, status: str, variant: str, name: str, score: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "model": model,
        "kind": kind,
        "status": status,
        "variant": variant,
        "score": name,
        **{key: score.get(key) for key in ("group", "better", "value", "error", "floor", "floor_error")},
        "tied": _as_number(score.get("tied")),
        "reason": score["reason"],
    }


def _as_number(value: bool | None) -> int | None:
    return None if value is None else int(value)


def _values(scores: Mapping[str, Mapping[str, Any]]) -> dict[str, float | None]:
    """Return values and errors, the mean distance first, then each parameter's distance, then the others."""
    names = ["mean_distance", *sorted(scores, key=lambda name: not name.startswith("distance_"))]
    columns: dict[str, float | None] = {}
    for name in names:
        # The report knows the scored parameters by the first word of their columns.
        parameter = name.removeprefix("distance_")
        error = f"{name}_error" if parameter == name else f"error_{parameter}"
        columns |= {name: scores[name]["value"], error: scores[name]["error"]}
    return columns


def _raw_mean(scores: Mapping[str, Any]) -> dict[str, float | None]:
    return {"mean_distance_raw": scores["value"], "mean_distance_raw_error": scores["error"]}


def _reconstruction(scores: Mapping[str, Mapping[str, Any]]) -> dict[str, float | None]:
    """Return values and errors; None for what does not reconstruct."""
    columns: dict[str, float | None] = {}
    for name in RECONSTRUCTION:
        score = scores.get(name, {})
        columns |= {name: score.get("value"), f"{name}_error": score.get("error")}
    return columns


def _floor_status(floor: Mapping[str, Any]) -> str:
    return OK if floor["scores"]["mean_distance"]["value"] is not None else NOT_SCORED


def _floor_row(floor: Mapping[str, Any]) -> dict[str, Any]:
    mean = floor["scores"]["mean_distance"]
    return {
        "model": FLOOR,
        "kind": "floor",
        "status": _floor_status(floor),
        "reason": mean["reason"],
        "gate": "",
        "tied": None,
        **_values(floor["scores"]),
        **_raw_mean(mean),
        **_reconstruction({}),
        "training_seconds": None,
        "parameters": None,
        "stamps": floor["count"]["reference"],
    }


def _row(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "model": entry["model"],
        "kind": entry["kind"],
        "status": entry["status"],
        "reason": entry["reason"],
        "gate": "; ".join(entry["gates"].values()),
        "tied": _as_number(entry["mean_distance"]["tied"]),
        **_values(entry["scores"][RANKED]),
        **_raw_mean(entry["scores"]["raw"]["mean_distance"]),
        **_reconstruction(entry["scores"][RECONSTRUCTED]),
        "training_seconds": entry["training_seconds"],
        "parameters": entry["parameters"],
        "stamps": entry["count"]["compared"],
    }
