"""What a classifier sees of pixels: the answers of filters that are learned from the stamps."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans

from galforge.evaluation import pixel_features as module
from galforge.evaluation.classifier import area_error, classifier_score
from galforge.evaluation.pixel_features import FILTERS, RINGS, pixel_features
from tests.evaluation.test_copies import NOISE, draw


def test_a_stamp_has_a_number_per_filter_and_ring_and_a_seed_repeats_them():
    images = draw(6, seed=1)
    shown = pixel_features(images, 1)
    assert shown.shape == (6, RINGS * FILTERS) and np.isfinite(shown).all() and (shown >= 0).all()
    assert np.array_equal(shown, pixel_features(images, 1))
    assert not np.array_equal(shown, pixel_features(images, 2))


def test_the_activation_is_the_triangle_of_coates_et_al():
    """Their Eq. 4, written with distances between all pairs."""
    rng = np.random.default_rng(1)
    patches, centres = rng.normal(size=(50, 9)), rng.normal(size=(4, 9))
    distances = cdist(patches, centres)
    expected = np.maximum(0, distances.mean(axis=1)[:, None] - distances)
    assert module._activation(patches, centres) == pytest.approx(expected)


def test_whitened_patches_vary_alike_in_all_directions_that_have_a_signal():
    rng = np.random.default_rng(2)
    patches = rng.normal(size=(20_000, 5)) * [10, 20, 30, 40, 50] @ np.linalg.qr(rng.normal(size=(5, 5)))[0]
    mean, whitening = module._whitening(patches + 7)
    assert np.cov((patches + 7 - mean) @ whitening, rowvar=False) == pytest.approx(np.eye(5), abs=0.01)


def test_every_patch_is_in_one_ring():
    rings = module._rings(21, 21)
    assert rings.sum(axis=1) == pytest.approx(np.ones(RINGS))
    assert ((rings > 0).sum(axis=0) == 1).all()


def test_an_empty_stamp_has_numbers_too():
    images = draw(6, seed=3)
    images[2] = 0
    assert np.isfinite(pixel_features(images, 1)).all()


def test_a_stamp_that_is_not_finite_costs_its_own_numbers_alone():
    images = draw(6, seed=3)
    known = pixel_features(images[1:], 1)
    images[0, 5, 5] = np.nan
    shown = pixel_features(images, 1)
    assert np.isnan(shown[0]).all()
    np.testing.assert_array_equal(shown[1:], known)
    assert np.isnan(pixel_features(np.full((3, 40, 40), np.nan), 1)).all()


def test_the_filters_are_learned_from_all_stamps(monkeypatch):
    seen = []
    fit = KMeans.fit
    monkeypatch.setattr(
        KMeans, "fit", lambda self, patches: (seen.append(len(patches)), fit(self, patches))[1]
    )
    pixel_features(draw(6, seed=1), 1)
    assert seen == [6 * -(-module._PATCHES // 6)]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("change", ["none", "smoothed", "checkerboard"])
def test_pixels_tell_textures_apart_and_not_two_halves_of_one_sample(change, seed):
    real, other = np.split(draw(160, seed=10 + seed), 2)
    if change == "smoothed":
        other = (other + np.roll(other, 1, axis=1)) / 2
    elif change == "checkerboard":
        y, x = np.indices(other.shape[1:])
        other = other + 0.5 * NOISE * (-1.0) ** (x + y)
    shown = np.split(pixel_features(np.concatenate([real, other]), 1), 2)
    score, error = classifier_score(*shown, 1), area_error(0.5, 80, 80)
    if change == "none":
        assert abs(score.value - 0.5) < 3 * error
    else:
        assert score.value > 0.9
