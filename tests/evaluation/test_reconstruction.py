import numpy as np
import pytest
import torch

from galforge.evaluation.reconstruction import (
    binary_cross_entropy,
    mean_squared_error,
    residual_fraction,
)


@pytest.fixture
def pair():
    rng = np.random.default_rng(2)
    return rng.random((3, 2, 8, 8), dtype=np.float32), rng.random((3, 2, 8, 8), dtype=np.float32)


def test_errors_agree_with_torch(pair):
    image, reconstruction = map(torch.from_numpy, pair)
    squared = torch.nn.functional.mse_loss(reconstruction, image, reduction="none").mean(dim=(1, 2, 3))
    entropy = torch.nn.functional.binary_cross_entropy(reconstruction, image, reduction="none")
    np.testing.assert_allclose(mean_squared_error(*pair), squared, rtol=1e-5)
    np.testing.assert_allclose(binary_cross_entropy(*pair), entropy.mean(dim=(1, 2, 3)), rtol=1e-5)


def test_certain_and_wrong_pixels_cost_a_finite_amount():
    image = np.zeros((1, 1, 8, 8))
    wrong = image.copy()
    wrong[0, 0, 0, 0] = 1.0
    assert binary_cross_entropy(image, wrong) == pytest.approx(100 / 64)
    assert binary_cross_entropy(image, image) == pytest.approx(0)
    # Outside [0, 1] counts as the nearest end.
    assert binary_cross_entropy(image, 1.5 * wrong) == pytest.approx(100 / 64)


def test_residual_fraction_is_0_when_perfect_and_1_for_the_mean(pair):
    image = pair[0]
    mean = np.broadcast_to(image.mean(axis=(1, 2, 3), keepdims=True), image.shape)
    np.testing.assert_allclose(residual_fraction(image, image), 0)
    np.testing.assert_allclose(residual_fraction(image, mean), 1, rtol=1e-5)
    half = image + 0.5 * (mean - image)
    np.testing.assert_allclose(residual_fraction(image, half), 0.25, rtol=1e-5)
    assert np.isnan(residual_fraction(np.ones((1, 1, 8, 8)), np.zeros((1, 1, 8, 8)))).all()
