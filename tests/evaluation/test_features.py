import numpy as np
import pandas as pd
import pytest
import torch
from scipy.linalg import sqrtm

from galforge.evaluation.feature_distances import (
    Pairs,
    cluster_error,
    frechet_distance,
    kernel_distance,
    manifold_scores,
)
from galforge.evaluation.feature_network import (
    FeatureNetwork,
    contrast_loss,
    draw_view,
    features_of,
    principal_components,
    project,
    train_feature_network,
)
from galforge.evaluation.feature_scores import neighbour_scores
from galforge.evaluation.neighbours import nearest, symmetries
from galforge.evaluation.resampling import Resamples


@pytest.fixture
def rng():
    return np.random.default_rng(1)


def test_frechet_distance_of_samples_with_known_moments(rng):
    # Whitened samples have exactly the moments that they are then given.
    first = rng.normal(size=(60, 4))
    first -= first.mean(axis=0)
    first = first @ np.linalg.inv(np.linalg.cholesky(np.cov(first, rowvar=False))).T
    second = 3 * first + np.array([1.0, 2.0, 0.0, 0.0])
    # |m|^2 + sum over dimensions of (1 - 3)^2
    assert frechet_distance(first, second) == pytest.approx(5 + 4 * 4)
    assert frechet_distance(first, first) == pytest.approx(0, abs=1e-9)
    third = rng.normal(size=(50, 4)) @ rng.normal(size=(4, 4))
    covariances = [np.cov(sample, rowvar=False) for sample in (first, third)]
    root = sqrtm(covariances[0] @ covariances[1]).real
    expected = ((first.mean(0) - third.mean(0)) ** 2).sum() + np.trace(sum(covariances) - 2 * root)
    assert frechet_distance(first, third) == pytest.approx(expected, rel=1e-6)


def test_kernel_distance_is_the_sum_over_pairs(rng):
    first, second = rng.normal(size=(7, 3)), rng.normal(1, size=(5, 3))

    def kernel(x, y):
        return (x @ y / 3 + 1) ** 3

    def mean_of_pairs(sample):
        return np.mean([kernel(x, y) for i, x in enumerate(sample) for j, y in enumerate(sample) if i != j])

    between = np.mean([kernel(x, y) for x in first for y in second])
    expected = mean_of_pairs(first) + mean_of_pairs(second) - 2 * between
    assert kernel_distance(first, second) == pytest.approx(expected)


def test_precision_recall_density_coverage_by_hand():
    # On a line, with spacing 1: a real ball reaches to the fifth neighbour in the real sample.
    real = np.arange(11.0)[:, None]  # radius 5 at the ends, 3 in the middle
    sample = np.array([5.1, 5.2, 5.3, 5.4, 5.5, 100.0])[:, None]
    scores = manifold_scores(Pairs.of(real, sample))
    assert scores["precision"] == pytest.approx(5 / 6)
    radius = np.sort(np.abs(real - real.T), axis=1)[:, 5]
    inside = np.abs(real - sample.T) < radius[:, None]
    assert scores["density"] == pytest.approx(inside.sum() / (5 * 6))
    assert scores["coverage"] == pytest.approx(inside.any(axis=1).mean())
    # The balls of the sample reach to 100, so every real stamp is in one.
    assert scores["recall"] == 1
    collapsed = manifold_scores(Pairs.of(real, np.full((6, 1), 5.0)))
    assert collapsed["precision"] == 1
    assert collapsed["recall"] == 0
    assert np.isnan(manifold_scores(Pairs.of(real[:5], sample))["density"])


def test_distances_of_some_stamps_are_those_among_all(rng):
    real, sample = rng.normal(size=(12, 3)), rng.normal(size=(9, 3))
    rows, others = rng.permutation(12)[:7], rng.permutation(9)[:6]
    for some, alone in zip(
        Pairs.of(real, sample).take(rows, others), Pairs.of(real[rows], sample[others]), strict=True
    ):
        np.testing.assert_array_equal(some, alone)


def test_cluster_error_is_between_the_same_and_disjoint_clusters():
    real, sample = np.repeat([0, 1, 3], [5, 3, 2]), np.repeat([0, 1, 2], [4, 4, 2])
    # In tenths of the stamps: (4 - 5)^2 / 9 + (4 - 3)^2 / 7 + 2 + 2, no other cluster is filled.
    assert cluster_error(real, sample) == pytest.approx((1 / 9 + 1 / 7 + 2 + 2) / 20)
    assert cluster_error(real, real) == 0
    assert cluster_error(real, real + 5) == pytest.approx(1)
    # For two samples of n from the same K clusters, 2 n times it is chi-squared with K - 1 degrees of
    # freedom.
    rng = np.random.default_rng(3)
    floor = [cluster_error(*rng.integers(0, 10, (2, 400))) for _ in range(300)]
    assert np.mean(floor) == pytest.approx(9 / (2 * 400), rel=0.1)


def test_a_cluster_with_one_real_stamp_does_not_outweigh_all_others():
    # As the demo's 28 px stamps fell: the reference, the floor, and one stamp repeated.
    real = np.repeat(np.arange(10), [13, 3, 11, 29, 32, 25, 13, 6, 27, 1])
    floor = np.repeat(np.arange(10), [13, 4, 12, 20, 35, 33, 21, 3, 12, 7])
    assert cluster_error(real, floor) < 0.1 < cluster_error(real, np.full(160, 4))


def test_nearest_neighbours_are_those_of_all_pairs(rng):
    train, sample = rng.normal(size=(400, 5)), rng.normal(size=(300, 5))
    sample[7] = train[33]
    found = nearest([sample], train)
    apart = np.linalg.norm(sample[:, None] - train, axis=2)
    np.testing.assert_array_equal(found.row, apart.argmin(axis=1))
    np.testing.assert_allclose(found.distance, apart.min(axis=1), atol=1e-9)
    assert found.distance[7] == 0


def test_a_turned_copy_is_at_no_distance(rng):
    train = rng.random((20, 1, 8, 8)).astype(np.float32)
    copies = np.rot90(train, 1, axes=(2, 3))[..., ::-1]
    assert len(symmetries(copies)) == 8
    found = nearest([turned.reshape(20, -1) for turned in symmetries(copies)], train.reshape(20, -1))
    np.testing.assert_array_equal(found.row, np.arange(20))
    assert (found.distance == 0).all()


def test_the_distance_to_training_stamps_is_told_beside_that_of_held_out_stamps():
    held_out, near = (pd.DataFrame({"neighbour_distance": [value] * 40}) for value in (2.0, 0.5))
    scores = neighbour_scores(held_out, near, Resamples.draw(40, 40, 50, 1))
    assert scores["neighbour_distance"].value == 0.25


def test_contrast_loss_is_the_cross_entropy_of_pairs():
    generator = torch.Generator().manual_seed(1)
    first, second = (torch.randn(3, 4, generator=generator) for _ in range(2))
    both = torch.nn.functional.normalize(torch.cat([first, second]), dim=1).double().numpy()
    similarity = np.exp(both @ both.T / 0.5)
    expected = [
        -np.log(similarity[i, (i + 3) % 6] / (similarity[i].sum() - similarity[i, i])) for i in range(6)
    ]
    assert float(contrast_loss(first, second)) == pytest.approx(np.mean(expected), rel=1e-5)


def test_views_keep_the_stamp_but_for_sky_brightness_noise_and_place():
    generator = torch.Generator().manual_seed(2)
    images = torch.zeros(50, 1, 32, 32)
    images[:, :, 14:18, 14:18] = 1.0
    view = draw_view(images, generator)
    assert view.shape == images.shape
    bright = (view > 0.5).sum(dim=(1, 2, 3))
    assert (bright == 16).all()
    levels = view.amax(dim=(1, 2, 3))
    assert levels.std() > 0.01


def test_network_learns_to_tell_galaxies_apart_and_is_the_same_again():
    generator = torch.Generator().manual_seed(3)
    y, x = torch.meshgrid(torch.arange(32.0) - 15.5, torch.arange(32.0) - 15.5, indexing="ij")
    widths = torch.linspace(1.5, 8, 48)
    images = torch.stack([torch.exp(-(x**2 + y**2) / (2 * width**2)) for width in widths])[:, None]
    images = images + 0.01 * torch.randn(images.shape, generator=generator)
    network, losses = train_feature_network(images, 8, 40, 24, seed=5)
    assert np.mean(losses[-5:]) < np.mean(losses[:5]) - 0.3
    features = features_of(network, images)
    assert features.shape == (48, 8)
    # Galaxies of nearly the same width lie nearer than those of any other.
    apart = torch.cdist(features, features)
    assert apart.diagonal(1).median() < 0.5 * apart.median()
    again, _ = train_feature_network(images, 8, 40, 24, seed=5)
    torch.testing.assert_close(features_of(again, images), features, rtol=1e-4, atol=1e-5)
    assert features_of(FeatureNetwork(3, 5).eval(), torch.zeros(0, 3, 32, 32)).shape == (0, 5)


def test_principal_components_are_those_of_the_full_decomposition(rng):
    mixing = rng.normal(size=(10, 64)) * np.geomspace(10, 0.1, 10)[:, None]
    images = torch.from_numpy((rng.normal(size=(80, 10)) @ mixing).reshape(80, 1, 8, 8)).float()
    parts = principal_components(images, 4, seed=1)
    projected = project(images, parts).numpy()
    flat = images.flatten(1).numpy()
    _, values, _ = np.linalg.svd(flat - flat.mean(axis=0))
    np.testing.assert_allclose(projected.var(axis=0), values[:4] ** 2 / 80, rtol=1e-3)
    np.testing.assert_allclose(projected.mean(axis=0), 0, atol=1e-3)
