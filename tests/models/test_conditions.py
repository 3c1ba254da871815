"""Conditions: what a network is given of them, forgetting some, and standardising."""

import dataclasses

import numpy as np
import pytest
import torch

from galforge.core.errors import ConfigurationError
from galforge.models.conditions import Standardisation, condition_features, masked_at_random

NAN = float("nan")


def test_features_are_the_values_with_zeros_then_what_is_known():
    condition = torch.tensor([[1.5, NAN, -2.0], [NAN, NAN, 0.0]])
    expected = torch.tensor([[1.5, 0, -2, 1, 0, 1], [0, 0, 0, 0, 0, 1]])
    features = condition_features(condition)
    assert torch.equal(features, expected)
    assert features.dtype == torch.float32
    assert condition.isnan().sum() == 3  # as it was


def test_each_value_is_forgotten_with_the_probability_independently():
    condition = torch.randn(40_000, 3)
    condition[:100, 0] = NAN
    masked = masked_at_random(condition, 0.3, torch.Generator().manual_seed(1))
    missing = masked.isnan()
    assert missing[:100, 0].all()
    assert torch.equal(masked[~missing], condition[~missing])
    drawn = missing[100:].double().numpy()
    assert drawn.mean(0) == pytest.approx([0.3] * 3, abs=0.01)
    assert np.corrcoef(drawn.T) == pytest.approx(np.eye(3), abs=0.02)
    again = masked_at_random(condition, 0.3, torch.Generator().manual_seed(1))
    assert torch.equal(again.isnan(), missing)
    assert not masked_at_random(condition[100:], 0.0, torch.Generator()).isnan().any()
    assert masked_at_random(condition, 1.0, torch.Generator()).isnan().all()


def catalogue():
    draw = np.random.default_rng(1)
    magnitude, redshift = draw.normal(22.5, 1.2, 500), draw.gamma(2, 0.4, 500)
    redshift[::7] = np.nan
    return torch.from_numpy(np.stack([magnitude, redshift], 1)).float()


def test_standardisation_is_that_of_numpy_over_the_known_values():
    values = catalogue()
    numbers = Standardisation.of(["mag_auto", "zphot"], values)
    known = values.double().numpy()
    assert numbers.mean == pytest.approx(np.nanmean(known, 0))
    assert numbers.deviation == pytest.approx(np.nanstd(known, 0))
    assert numbers.minimum == pytest.approx(np.nanmin(known, 0))
    assert numbers.maximum == pytest.approx(np.nanmax(known, 0))
    standardised = numbers.standardised(values)
    assert standardised.dtype == torch.float32
    assert standardised.isnan().equal(values.isnan())
    assert np.nanmean(standardised.numpy(), 0) == pytest.approx(0, abs=1e-5)
    assert np.nanstd(standardised.numpy(), 0) == pytest.approx(1, abs=1e-5)
    raw = numbers.raw(standardised)
    assert torch.allclose(raw, values, rtol=1e-6, atol=1e-6, equal_nan=True)


def test_a_small_spread_about_a_large_value_keeps_its_digits():
    values = torch.tensor([[20_000.0], [20_000.25], [20_000.375]])  # their mean is no float32
    standardised = Standardisation.of(["time"], values).standardised(values)
    expected = np.array([-5, 1, 4]) / np.sqrt(14)
    assert standardised[:, 0].tolist() == pytest.approx(expected)


def test_the_numbers_survive_their_record():
    numbers = Standardisation.of(["mag_auto", "zphot"], catalogue())
    record = {name: tuple(value) for name, value in dataclasses.asdict(numbers).items()}
    assert Standardisation(**record) == numbers


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ([NAN, NAN, NAN], "size is missing in all"),
        ([2.0, 2.0, NAN], "size is 2 in all"),
        ([1.0, float("inf"), 2.0], "size is infinite"),
    ],
)
def test_a_column_that_cannot_be_standardised_is_refused_by_name(column, words):
    values = torch.stack([torch.tensor([1.0, 2.0, 3.0]), torch.tensor(column)], 1)
    with pytest.raises(ValueError, match=words):
        Standardisation.of(["mag_auto", "size"], values)


def test_names_and_columns_must_be_as_many():
    with pytest.raises(ValueError, match="2 conditions"):
        Standardisation.of(["mag_auto", "size"], torch.rand(5, 3))


def test_values_outside_of_the_training_range_are_refused_with_the_range():
    values = torch.tensor([[20.1], [25.2], [NAN]])
    numbers = Standardisation.of(["mag_auto"], values)
    numbers.check_inside("mag_auto", values)  # the ends are inside, and what is missing is not asked for
    for asked in (20.0, 25.3, float("inf")):
        with pytest.raises(ConfigurationError, match=r"mag_auto is .*; allowed: 20.1 to 25.2"):
            numbers.check_inside("mag_auto", torch.tensor([22.0, asked]))
    with pytest.raises(ConfigurationError, match="allowed: mag_auto"):
        numbers.check_inside("mag", torch.tensor(22.0))
