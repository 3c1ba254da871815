import numpy as np
import pandas as pd
import pytest

from workflow_scripts.evaluation.leaderboard import FLOOR, rank_models


def metrics(model, distance, reason="", floor=0.1):
    return {
        "model": model,
        "status": "failed" if reason else "ok",
        "reason": reason,
        "count": {"real": 200, "generated": 100, "reference": 100},
        "failures": {"reference": 0.0, "floor": 0.01, "generated": 0.25},
        "distance": {"gini": {"model": distance, "floor": floor, "reason": reason}},
        "mean_distance": {"model": distance, "floor": floor},
        "reconstruction": None if reason else {"mse": 0.02, "bce": 0.3, "count": 50},
        "training_seconds": 12.5,
        "parameters": 1000,
    }


def test_floor_first_models_by_distance_failed_last():
    table = rank_models(
        [
            metrics("b_broken", None, "returned 3 of 100 stamps"),
            metrics("far", 0.9),
            metrics("a_broken", None, "loss is NaN"),
            metrics("near", 0.2),
            metrics("middle", 0.5),
        ]
    )
    assert list(table["model"]) == [FLOOR, "near", "middle", "far", "a_broken", "b_broken"]
    assert table["rank"].tolist() == [pd.NA, 1, 2, 3, pd.NA, pd.NA]
    assert list(table["status"]) == ["ok"] * 4 + ["failed"] * 2
    assert list(table["reason"]) == [""] * 4 + ["loss is NaN", "returned 3 of 100 stamps"]
    np.testing.assert_equal(
        table["mean_distance"].to_numpy(dtype=float), [0.1, 0.2, 0.5, 0.9, np.nan, np.nan]
    )
    assert " ".join(table.columns) == (
        "rank model status reason mean_distance distance_gini failure_fraction reconstruction_mse "
        "reconstruction_bce training_seconds parameters stamps"
    )
    assert table["failure_fraction"].tolist() == [0.01] + [0.25] * 5


def test_only_failed_models_still_have_the_floor():
    table = rank_models([metrics("broken", None, "loss is NaN")])
    assert list(table["model"]) == [FLOOR, "broken"]
    assert table.loc[0, "mean_distance"] == 0.1


def test_no_floor_says_why():
    table = rank_models([metrics("any", None, "the reference has 6 usable values, not 10", floor=None)])
    assert list(table["status"]) == ["failed", "failed"]
    assert table.loc[0, "reason"] == "the reference has 6 usable values, not 10"


def test_other_floors_are_an_error():
    with pytest.raises(ValueError, match="two and one were scored against different floors"):
        rank_models([metrics("one", 0.2), metrics("two", 0.2, floor=0.3)])
