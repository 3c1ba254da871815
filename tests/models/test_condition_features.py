"""Conditions: what a network is given of them."""

import torch

from galforge.models.conditions import condition_features

NAN = float("nan")


def test_features_are_the_values_with_zeros_then_what_is_known():
    condition = torch.tensor([[1.5, NAN, -2.0], [NAN, NAN, 0.0]])
    expected = torch.tensor([[1.5, 0, -2, 1, 0, 1], [0, 0, 0, 0, 0, 1]])
    features = condition_features(condition)
    assert torch.equal(features, expected)
    assert features.dtype == torch.float32
    assert condition.isnan().sum() == 3  # as it was
