import numpy as np
import pandas as pd
import pytest

from galforge.evaluation.leaderboard import FLOOR, list_scores, rank_models

RECONSTRUCTED = ("reconstruction_mse", "reconstruction_bce", "reconstruction_ssim")


def floor(value=0.1, reason=""):
    score = {"value": value, "error": 0.01, "reason": reason, "group": "morphology", "better": "lower"}
    return {
        "dataset": "drawn",
        "count": {"real": 200, "reference": 100},
        "scores": {"mean_distance": score, "failure_fraction": score, "distance_gini": score},
    }


def metrics(model, distance, reason="", kind="model", floor=0.1, **gates):
    score = {
        "value": distance, "error": None if reason else 0.02, "reason": reason,
        "floor": floor, "floor_error": 0.01, "tied": None if reason else distance < 0.15,
        "group": "morphology", "better": "lower",
    }  # fmt: skip
    kept = {
        "value": 0.02, "error": 0.001, "reason": "", "floor": None, "floor_error": None, "tied": None,
        "group": "reconstruction", "better": "lower",
    }  # fmt: skip
    scores = dict.fromkeys(("mean_distance", "failure_fraction", "distance_gini"), score)
    return {
        "model": model,
        "kind": kind,
        "status": "failed" if reason else "ok",
        "reason": reason,
        "gates": gates,
        "count": {"real": 200, "generated": 100, "reference": 100, "compared": 80},
        "mean_distance": {"model": distance, "tied": score["tied"]},
        "scores": {
            "raw": {name: score | {"value": 9.0} for name in scores},
            "noise_matched": scores,
            "reconstructed": {} if reason or kind == "control" else dict.fromkeys(RECONSTRUCTED, kept),
        },
        "training_seconds": 12.5,
        "parameters": 1000,
    }


def test_floor_first_models_by_distance_failed_last():
    entries = [
        metrics("b_broken", None, "returned 3 of 100 stamps"),
        metrics("far", 0.9),
        metrics("a_broken", None, "loss is NaN"),
        metrics("z_few", None, "the sample has 9 usable values, not 10") | {"status": "not scored"},
        metrics("control_memorizer", 0.11, kind="control"),
        metrics("near", 0.2),
        metrics("middle", 0.5),
    ]
    table = rank_models(entries, floor())
    assert list(table["model"]) == [
        FLOOR, "control_memorizer", "near", "middle", "far", "z_few", "a_broken", "b_broken",
    ]  # fmt: skip
    assert table["rank"].tolist() == [pd.NA, pd.NA, 1, 2, 3, pd.NA, pd.NA, pd.NA]
    assert list(table["kind"]) == ["floor", "control", *["model"] * 6]
    assert list(table["status"]) == ["ok"] * 5 + ["not scored"] + ["failed"] * 2
    assert list(table["reason"][5:]) == [
        "the sample has 9 usable values, not 10", "loss is NaN", "returned 3 of 100 stamps",
    ]  # fmt: skip
    assert list(table["reason"][:5]) == [""] * 5
    assert table["tied"].tolist() == [pd.NA, 1, 0, 0, 0, pd.NA, pd.NA, pd.NA]
    np.testing.assert_equal(
        table["mean_distance"].to_numpy(dtype=float), [0.1, 0.11, 0.2, 0.5, 0.9, np.nan, np.nan, np.nan]
    )
    assert " ".join(table.columns) == (
        "rank ranks model kind status reason gate tied mean_distance mean_distance_error "
        "distance_gini error_gini "
        "failure_fraction failure_fraction_error mean_distance_raw mean_distance_raw_error "
        "reconstruction_mse reconstruction_mse_error reconstruction_bce reconstruction_bce_error "
        "reconstruction_ssim reconstruction_ssim_error training_seconds parameters stamps"
    )
    np.testing.assert_equal(
        table["reconstruction_mse_error"].to_numpy(dtype=float), [np.nan] * 2 + [0.001] * 3 + [np.nan] * 3
    )
    assert table["mean_distance_raw"].tolist()[:2] == [0.1, 9.0]
    assert table["stamps"].tolist() == [100] + [80] * 7, "stamps that were compared, not those generated"


def test_what_a_gate_holds_back_comes_after_what_passes():
    entries = [
        metrics("copier", 0.12, copies="93% are copies of training stamps, 1% of held-out stamps"),
        metrics("far", 0.9),
        metrics("broken", None, "loss is NaN"),
    ]
    table = rank_models(entries, floor())
    assert list(table["model"]) == [FLOOR, "far", "copier", "broken"]
    assert table["rank"].tolist() == [pd.NA, 1, 2, pd.NA]
    assert list(table["gate"]) == ["", "", "93% are copies of training stamps, 1% of held-out stamps", ""]
    assert table["ranks"].dropna().tolist() == ["1"]


def test_models_that_cannot_be_told_apart_share_their_ranks():
    # Errors are 0.02 each: differences up to 0.057 may be chance.
    distances = {"a": 0.20, "b": 0.24, "c": 0.29, "d": 0.60}
    table = rank_models([metrics(name, value) for name, value in distances.items()], floor())
    assert table.set_index("model")["ranks"].dropna().to_dict() == {
        "a": "1-2",
        "b": "1-3",
        "c": "2-3",
        "d": "4",
    }


def test_every_score_is_listed_with_its_floor():
    table = list_scores([metrics("near", 0.2), metrics("broken", None, "loss is NaN")], floor())
    assert len(table) == 3 + 2 * 2 * 3 + 3
    row = table[(table["model"] == "near") & (table["variant"] == "noise_matched")].iloc[0]
    assert (row["score"], row["group"], row["better"]) == ("mean_distance", "morphology", "lower")
    assert (row["value"], row["error"], row["floor"], row["tied"]) == (0.2, 0.02, 0.1, 0)
    assert set(table[table["model"] == "broken"]["reason"]) == {"loss is NaN"}
    kept = table[table["variant"] == "reconstructed"].set_index("score")
    assert kept["value"].to_dict() == dict.fromkeys(RECONSTRUCTED, 0.02)
    assert set(kept["error"]) == {0.001}
    assert kept[["floor", "tied"]].isna().all(axis=None), "real stamps have no reconstructions"


def test_only_failed_models_still_have_the_floor():
    table = rank_models([metrics("broken", None, "loss is NaN")], floor())
    assert list(table["model"]) == [FLOOR, "broken"]
    assert table.loc[0, "mean_distance"] == 0.1


def test_no_floor_says_why():
    reason = "the reference has 6 usable values, not 10"
    entry = metrics("any", None, reason, floor=None) | {"status": "not scored"}
    table = rank_models([entry], floor(None, reason))
    assert list(table["status"]) == ["not scored", "not scored"]
    assert table.loc[0, "reason"] == reason


def test_another_floor_is_an_error():
    with pytest.raises(ValueError, match="two was scored against another floor"):
        rank_models([metrics("one", 0.2), metrics("two", 0.2, floor=0.3)], floor())


def test_the_scatter_over_trainings_joins_the_errors_and_makes_ties():
    near, far = metrics("near", 0.5), metrics("far", 0.6)
    alone = rank_models([near, far], floor()).set_index("model")
    assert alone.loc[["near", "far"], "ranks"].tolist() == ["1", "2"], "0.1 is more than twice 0.028"
    assert "trainings" not in alone

    again = [metrics("near__r2", 0.3), metrics("near__r3", 0.7), metrics("far__r2", None, "loss is NaN")]
    repeated = {"near": ["near__r2", "near__r3"], "far": ["far__r2"]}
    table = rank_models([near, far], floor(), again, repeated)
    assert list(table["model"]) == [FLOOR, "near", "far"], "further trainings have no row"
    rows = table.set_index("model")
    assert rows.loc[["near", "far"], "trainings"].tolist() == [3, 1]
    assert rows.loc["near", "mean_distance_deviation"] == pytest.approx(0.2)
    assert np.isnan(rows.loc["far", "mean_distance_deviation"])
    assert rows.loc[["near", "far"], "ranks"].tolist() == ["1-2", "1-2"]


def test_a_further_training_that_met_another_floor_is_refused():
    with pytest.raises(ValueError, match="near__r2 was scored against another floor"):
        rank_models(
            [metrics("near", 0.5)], floor(), [metrics("near__r2", 0.5, floor=0.3)], {"near": ["near__r2"]}
        )
