"""What the judge wrote, read back: each field is checked before it is used, whoever wrote it."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from galforge.core import records
from galforge.core.names import Name
from galforge.evaluation.variants import FAILED, NOT_SCORED, OK

Number = float | None  # finite: JSON has no other numbers
Count = Annotated[int, Field(ge=0)]


class ScoreRow(records.Statement):
    """A score with its error; see :func:`galforge.evaluation.scores.as_row`."""

    value: Number
    error: Number
    reason: str
    group: Name
    better: Literal["lower", "higher", "none"]


class ComparedRow(ScoreRow):
    """A score beside the floor's; see :func:`galforge.evaluation.scores.beside_floor`."""

    floor: Number
    floor_error: Number
    tied: bool | None


class Pair(records.Statement):
    """A score of a model and of the floor, for figures."""

    model: Number
    error: Number
    floor: Number
    floor_error: Number
    tied: bool | None
    reason: str


class FloorRecord(records.Statement):
    """``floor.json``: how far real stamps lie from real stamps."""

    dataset: Name
    simulated: bool
    count: dict[Name, Count]
    failures: dict[Name, Number]
    scores: dict[Name, ScoreRow]


class ScoresRecord(records.Statement):
    """``scores.json``: the judgement of a model or a control."""

    dataset: Name
    model: Name
    kind: Literal["model", "control"]
    simulated: bool
    status: Literal["ok", "failed", "not scored"]
    reason: str
    gates: dict[Name, str]
    count: dict[Name, Count]
    failures: dict[Name, Number]
    distance: dict[Name, Pair]
    mean_distance: Pair
    training_seconds: Number
    parameters: Count | None
    scores: dict[Literal["raw", "noise_matched", "reconstructed"], dict[Name, ComparedRow]]


def read_floor(path: Path) -> dict[str, Any]:
    """Return the content of a ``floor.json``, checked; see :func:`galforge.core.records.read_record`."""
    return records.read_record(path, FloorRecord)


def read_scores(path: Path) -> dict[str, Any]:
    """Return the content of a ``scores.json``, checked; see :func:`galforge.core.records.read_record`."""
    return records.read_record(path, ScoresRecord)


def leaderboard_order(scores: Mapping[str, Any]) -> tuple[int, bool, float, str]:
    """Return the place of a model or control among those of its dataset, to sort by.

    By mean distance, then those that a gate holds back, then those that are not scored and those that failed,
    by name.

    Parameters
    ----------
    scores : mapping
        From :func:`read_scores`.
    """
    place = (OK, NOT_SCORED, FAILED).index(scores["status"])
    held_back = bool(scores["gates"]) and not place
    return place, held_back, math.inf if place else scores["mean_distance"]["model"], scores["model"]
