"""What networks are to say of stamps: classes, votes and numbers from a catalogue."""

import numpy as np
import pandas as pd
import pytest

from galforge.core.errors import InputError
from galforge.recognition.settings import ScoreRange, Target
from galforge.recognition.targets import drawn_scores, targets_of

CATALOG = pd.DataFrame(
    {
        "article": ["Shirt", "", "Bag", "Shirt"],
        "year": [1.0, 3.0, np.nan, 1.0],
        "smooth": [0.2, 0.0, np.nan, 3.0],
        "featured": [0.6, 0.0, 1.0, 1.0],
    }
)


def test_classes_are_the_values_in_order_and_no_value_is_left_out():
    found = targets_of(CATALOG, Target(kind="class", columns=["article"]))
    assert found.names == ("Bag", "Shirt")
    assert found.known.tolist() == [True, False, True, True]
    assert found.numbers.tolist() == [[0, 1], [0, 0], [1, 0], [0, 1]]
    years = targets_of(CATALOG, Target(kind="class", columns=["year"]))
    assert years.names == ("1.0", "3.0")
    assert years.known.tolist() == [True, True, False, True]


def test_votes_are_shares_and_stamps_without_votes_are_left_out():
    found = targets_of(CATALOG, Target(kind="votes", columns=["smooth", "featured"]))
    assert found.known.tolist() == [True, False, False, True]
    np.testing.assert_allclose(found.numbers[[0, 3]], [[0.25, 0.75], [0.75, 0.25]], rtol=1e-6)


def test_numbers_are_as_they_are():
    found = targets_of(CATALOG, Target(kind="number", columns=["smooth"]))
    assert found.known.tolist() == [True, True, False, True]
    np.testing.assert_allclose(found.numbers[[0, 1, 3], 0], [0.2, 0.0, 3.0], rtol=1e-6)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ({"kind": "class", "columns": ["colour"]}, "has no column colour"),
        ({"kind": "number", "columns": ["article"]}, "column article holds text"),
    ],
)
def test_a_column_that_will_not_do_is_named(target, words):
    with pytest.raises(InputError, match=words):
        targets_of(CATALOG, Target(**target))


@pytest.mark.parametrize("values", [["Bag"] * 4, list(range(1001))])
def test_one_class_or_a_thousand_and_one_are_none(values):
    with pytest.raises(InputError, match="values; allowed as classes: 2 to 1,000"):
        targets_of(pd.DataFrame({"kind": values}), Target(kind="class", columns=["kind"]))


@pytest.mark.parametrize(
    "target", [{"kind": "votes", "columns": ["smooth"]}, {"kind": "number", "columns": ["a", "b"]}]
)
def test_a_kind_has_the_columns_that_it_needs(target):
    with pytest.raises(ValueError, match="two or more columns of votes, one column otherwise"):
        Target(**target)


def test_each_label_has_numbers_of_its_range_and_others_none():
    labels = pd.Series([0, 1] * 500 + [7])
    ranges = [ScoreRange(label=0, minimum=0, maximum=0), ScoreRange(label=1, minimum=2.5, maximum=6)]
    scores, known = drawn_scores(labels, ranges, np.random.default_rng(1))
    assert not known[-1] and known[:-1].all()
    assert not scores[:-1:2].any()
    positive = scores[1::2, 0]
    assert positive.min() >= 2.5 and positive.max() <= 6
    assert positive.mean() == pytest.approx(4.25, abs=0.15)
    # A label's number is that of its row, whatever the others are.
    fewer, _ = drawn_scores(labels, ranges[1:], np.random.default_rng(1))
    assert (fewer[1::2] == scores[1::2]).all()
