"""Latents for given conditions, against the regression that draws of the same distribution show."""

import pytest
import torch

from galforge.models.joint_normal import JointNormal


def fitted(count=4000):
    generator = torch.Generator().manual_seed(1)
    condition = torch.randn(count, 2, generator=generator).double()
    noise = torch.randn(count, 3, generator=generator).double()
    mixing = torch.tensor([[2.0, 0.0], [0.5, -1.0], [0.0, 0.0]]).double()
    means = 1 + condition @ mixing.T + 0.5 * noise
    joint = JointNormal(3, 2)
    joint.fit(means, torch.full((3,), 0.04).double(), condition)
    return joint, mixing


def draws(joint, condition, count=20_000):
    noise = torch.randn(count, 3, generator=torch.Generator().manual_seed(2))
    return joint.given(torch.tensor([condition]).expand(count, -1), noise)


def test_given_all_conditions_the_mean_is_the_regression_and_the_rest_is_what_it_leaves():
    joint, mixing = fitted()
    latents = draws(joint, [1.5, -0.5])
    expected = 1 + mixing @ torch.tensor([1.5, -0.5]).double()
    assert latents.mean(0).numpy() == pytest.approx(expected.numpy(), abs=0.06)
    # 0.5 of the scatter of the means and 0.2 of the posteriors.
    assert latents.std(0).numpy() == pytest.approx([(0.25 + 0.04) ** 0.5] * 3, rel=0.05)


def test_what_is_not_asked_for_is_drawn_with_the_rest():
    joint, _ = fitted()
    latents = draws(joint, [1.5, torch.nan])
    assert latents.mean(0).numpy() == pytest.approx([4.0, 1.75, 1.0], abs=0.08)
    assert latents.std(0).numpy() == pytest.approx([0.29**0.5, 1.29**0.5, 0.29**0.5], rel=0.05)
    free = draws(joint, [torch.nan, torch.nan])
    assert free.std(0).numpy() == pytest.approx([4.29**0.5, 1.54**0.5, 0.29**0.5], rel=0.05)


def test_rows_with_different_gaps_are_each_drawn_as_if_alone():
    joint, _ = fitted()
    condition = torch.tensor([[1.0, torch.nan], [torch.nan, torch.nan], [0.5, 0.5], [2.0, torch.nan]])
    noise = torch.randn(4, 3, generator=torch.Generator().manual_seed(3))
    together = joint.given(condition, noise)
    alone = torch.cat([joint.given(condition[row : row + 1], noise[row : row + 1]) for row in range(4)])
    assert together.numpy() == pytest.approx(alone.numpy(), abs=1e-6)
    assert torch.isfinite(together).all()
