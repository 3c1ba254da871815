"""Conditions: catalogue columns as the numbers that a model is given, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from galforge.core.errors import InputError
from galforge.datasets.conditions import (
    asked_columns,
    check_asked,
    conditions_of,
    drawn_rows,
    encode_conditions,
    fit_conditions,
    records_of,
)

CATALOG = pd.DataFrame(
    {
        "mag_auto": [20.0, 22.0, np.nan, 24.0],
        "position_angle": [0.0, np.pi / 4, np.pi / 2, np.nan],
        "kind": ["spiral", "smooth", "", "spiral"],
        "constant": [1.0, 1.0, np.nan, 1.0],
        "nothing": [np.nan] * 4,
        "infinite": [1.0, np.inf, 2.0, 3.0],
        "name": [f"galaxy {number}" for number in range(4)],
        "split": ["train", "train", "train", "test"],
    }
)


def test_numbers_have_mean_0_and_deviation_1_and_what_is_missing_is_nan_and_counted():
    (condition,) = fit_conditions(["mag_auto"], CATALOG)
    encoded = encode_conditions([condition], CATALOG)
    assert encoded.dtype == np.float32
    spread = np.std([20, 22, 24])
    assert encoded[:, 0] == pytest.approx([-2 / spread, 0, np.nan, 2 / spread], nan_ok=True)
    assert (condition.minimum, condition.maximum, condition.missing) == (20, 24, 1)


def test_an_angle_is_the_same_half_a_turn_on():
    conditions = fit_conditions(["position_angle"], CATALOG)
    assert [each.kind for each in conditions] == ["cosine", "sine"]
    turned = CATALOG.assign(position_angle=CATALOG["position_angle"] + np.pi)
    once, again = (encode_conditions(conditions, table) for table in (CATALOG, turned))
    assert once == pytest.approx(again, nan_ok=True, abs=1e-6)
    expected = [[1, 0], [0, 1], [-1, 0], [np.nan, np.nan]]
    assert once == pytest.approx(np.array(expected), nan_ok=True, abs=1e-6)


def test_text_is_one_number_per_class():
    conditions = fit_conditions(["kind"], CATALOG)
    assert [each.value for each in conditions] == ["smooth", "spiral"]
    expected = [[0, 1], [1, 0], [np.nan, np.nan], [0, 1]]
    assert encode_conditions(conditions, CATALOG) == pytest.approx(np.array(expected), nan_ok=True)
    assert conditions[0].missing == 1


def test_values_that_are_not_finite_are_missing():
    (condition,) = fit_conditions(["infinite"], CATALOG)
    assert condition.missing == 1
    assert np.isnan(encode_conditions([condition], CATALOG)[1, 0])


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("magnitude", r"no column 'magnitude'; there are: .*mag_auto"),
        ("constant", r"'constant' is 1 for every training stamp"),
        ("nothing", r"'nothing' has no value for any training stamp"),
    ],
)
def test_what_tells_no_galaxies_apart_is_refused(column, words):
    with pytest.raises(InputError, match=words):
        fit_conditions([column], CATALOG)


def test_names_are_no_classes():
    many = pd.DataFrame({"name": [f"galaxy {number}" for number in range(21)]})
    with pytest.raises(InputError, match="text with 21 different values, and classes are 2 to 20"):
        fit_conditions(["name"], many)
    with pytest.raises(InputError, match="text with 1 different values"):
        fit_conditions(["name"], many[:1])


def test_what_is_asked_for_must_be_a_condition_and_in_its_range():
    conditions = fit_conditions(["mag_auto", "kind", "position_angle"], CATALOG)
    inside = pd.DataFrame({"mag_auto": [20.0, np.nan, 24.0], "kind": ["", "smooth", "spiral"]})
    assert check_asked(conditions, inside) == ""
    assert check_asked(conditions, pd.DataFrame({"position_angle": [40.0]})) == ""
    said = check_asked(conditions, pd.DataFrame({"mag_auto": [21.0, 19.5, 25.0]}))
    assert said == "conditions: mag_auto is 19.5 (and 1 more); the model was trained on 20 to 24"
    with pytest.raises(InputError, match="mag_auto is infinite"):
        check_asked(conditions, pd.DataFrame({"mag_auto": [np.inf]}))
    with pytest.raises(
        InputError, match="not asked for 'zphot'; its conditions: mag_auto, kind, position_angle"
    ):
        check_asked(conditions, pd.DataFrame({"zphot": [1.0]}))
    with pytest.raises(InputError, match="kind is 'merger'; classes: smooth, spiral"):
        check_asked(conditions, pd.DataFrame({"kind": ["merger"]}))


def test_a_column_that_is_not_asked_for_is_missing():
    conditions = fit_conditions(["mag_auto", "kind"], CATALOG)
    encoded = encode_conditions(conditions, pd.DataFrame({"kind": ["smooth"]}))
    assert encoded == pytest.approx(np.array([[np.nan, 1, 0]]), nan_ok=True)
    assert encode_conditions((), CATALOG).shape == (4, 0)


def test_a_record_gives_the_conditions_back():
    conditions = fit_conditions(["mag_auto", "kind"], CATALOG)
    assert conditions_of(records_of(conditions)) == conditions


def test_galaxies_are_asked_for_as_training_stamps_each_once_before_any_again():
    candidates = np.array([4, 7, 9])
    drawn = drawn_rows(candidates, 7, seed=1)
    assert np.array_equal(drawn, drawn_rows(candidates, 7, seed=1))
    assert not np.array_equal(drawn, drawn_rows(candidates, 7, seed=2))
    assert set(drawn) == {4, 7, 9}
    assert sorted(np.unique(drawn, return_counts=True)[1]) == [2, 2, 3]
    assert len(drawn_rows(candidates, 0, seed=1)) == 0


def test_only_columns_that_are_conditions_are_asked_for():
    conditions = fit_conditions(["position_angle", "mag_auto"], CATALOG)
    assert list(asked_columns(conditions, CATALOG)) == ["position_angle", "mag_auto"]
    assert asked_columns(conditions, CATALOG[["kind"]]).shape == (4, 0)
