import pandas as pd

from galforge.evaluation.statuses import summarize_failures


def test_failures_are_counted_by_kind_and_no_more_than_three_kinds_are_named():
    status = ["ok"] * 5 + ["statmorph flag 2: this", "statmorph flag 2: that", "no source"]
    assert summarize_failures(pd.Series(status)) == "2 statmorph flag 2, 1 no source"
    many = pd.Series(["a", "a", "a", "b", "b", "c", "c", "d", "e"])
    assert summarize_failures(many) == "3 a, 2 b, 2 c, 2 otherwise"
    assert summarize_failures(pd.Series(["ok"])) == ""
    assert summarize_failures(pd.Series([], dtype=str)) == ""
