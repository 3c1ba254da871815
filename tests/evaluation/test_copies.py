"""Copies and mixtures of training stamps are found whatever is done to them; real stamps are not accused."""

import galsim
import numpy as np
import pytest
from scipy import ndimage

from galforge.evaluation.alignment import aligned_neighbours, angular_coefficients, centred_light
from galforge.evaluation.copies import copy_scores
from galforge.evaluation.gates import closed_gates
from galforge.evaluation.mixtures import mixture_residuals
from galforge.evaluation.resampling import Resamples
from galforge.evaluation.scores import beside_floor

COUNT, NOISE = 50, 1.5


def draw(count, seed):
    """Return stamps (N, 40, 40) of galaxies with clumps, of many sizes, shapes and brightnesses."""
    rng = np.random.default_rng(seed)
    stamps = []
    for _ in range(count):
        disc = galsim.Sersic(
            rng.uniform(0.7, 3), half_light_radius=rng.uniform(2, 6), flux=rng.uniform(1e3, 4e3)
        )
        disc = disc.shear(g1=rng.uniform(-0.4, 0.4), g2=rng.uniform(-0.4, 0.4))
        clumps = galsim.RandomKnots(8, profile=disc, rng=galsim.BaseDeviate(int(rng.integers(1, 2**30))))
        galaxy = galsim.Convolve(disc + clumps.withFlux(rng.uniform(0, 1e3)), galsim.Gaussian(sigma=1.2))
        stamp = galaxy.drawImage(nx=40, ny=40, scale=1.0).array
        # Correlated, as a rendered stamp's noise is.
        noise = ndimage.gaussian_filter(rng.standard_normal(stamp.shape), 0.7)
        stamps.append(stamp + NOISE * noise / noise.std())
    return np.stack(stamps)


@pytest.fixture(scope="module")
def stamps():
    """Return training stamps, and two halves of held-out ones."""
    drawn = draw(200 + 2 * COUNT, seed=1)
    return drawn[:200], drawn[200 : 200 + COUNT], drawn[200 + COUNT :]


def evidence(images, train):
    return np.concatenate(
        [aligned_neighbours(images, train).distance, mixture_residuals(images, train)], axis=1
    )


@pytest.fixture(scope="module")
def held_out(stamps):
    train, reference, floor = stamps
    return evidence(reference, train), evidence(floor, train)


def each(function):
    return lambda images, rng: np.stack([function(image) for image in images])


CHEATS = {
    "as they are": lambda images, rng: images,
    "shifted by 1 px": lambda images, rng: np.roll(images, (1, 1), (1, 2)),
    "shifted by 3 px": lambda images, rng: np.roll(images, (3, -3), (1, 2)),
    "rotated by 10 degrees": each(lambda image: ndimage.rotate(image, 10, reshape=False, mode="reflect")),
    "rotated by 20 degrees": each(lambda image: ndimage.rotate(image, 20, reshape=False, mode="reflect")),
    "rotated by 137 degrees": each(lambda image: ndimage.rotate(image, 137, reshape=False, mode="reflect")),
    "mirrored and brighter": lambda images, rng: 7 * images[:, :, ::-1] + 3,
    "with noise of their own level": lambda images, rng: images + NOISE * rng.standard_normal(images.shape),
    "to the power 0.9": lambda images, rng: np.maximum(images, 0) ** 0.9,
    "zoomed by a tenth": each(lambda image: ndimage.zoom(image, 1.1, order=1)[2:42, 2:42]),
    "zoomed by 15 %": each(lambda image: ndimage.zoom(image, 1.15, order=1)[3:43, 3:43]),
}


@pytest.mark.parametrize("cheat", CHEATS)
def test_a_copy_is_found_whatever_is_done_to_it(cheat, stamps, held_out):
    train, (reference, floor) = stamps[0], held_out
    disguised = CHEATS[cheat](train[:COUNT], np.random.default_rng(2))
    gates = judged(reference, floor, evidence(disguised, train))
    assert "copies" in gates
    fraction = copy_scores(reference, evidence(disguised, train), halves())["memorized_fraction"]
    assert fraction.value > 0.6
    assert fraction.value - 5 * fraction.error > 0.1


@pytest.mark.parametrize("share", [0.8, 0.5])
def test_a_sum_of_two_training_stamps_is_found(share, stamps, held_out):
    train, (reference, floor) = stamps[0], held_out
    mixed = share * train[:COUNT] + (1 - share) * train[COUNT : 2 * COUNT, :, ::-1][:, :, ::-1]
    assert "mixtures" in judged(reference, floor, evidence(mixed, train))
    assert "mixtures" in judged(reference, floor, evidence(np.rot90(mixed, axes=(1, 2)), train))


def test_held_out_stamps_are_not_accused(stamps, held_out):
    reference, floor = held_out
    assert judged(reference, floor, floor) == {}
    fresh = evidence(draw(COUNT, seed=9), stamps[0])
    assert judged(reference, floor, fresh) == {}
    assert copy_scores(reference, fresh, halves())["memorized_fraction"].value <= 0.1


def test_stamps_without_light_are_no_copies(held_out):
    reference, _ = held_out
    empty = np.full((COUNT, 4), np.nan)
    scores = copy_scores(reference, empty, halves())
    assert [score.value for score in scores.values()] == [0, 0]


def test_a_few_copies_in_a_sample_are_counted(stamps, held_out):
    reference, floor = held_out
    some = np.concatenate([evidence(stamps[0][:15], stamps[0]), floor[15:]])
    fraction = copy_scores(reference, some, halves())["memorized_fraction"].value
    assert fraction == pytest.approx(0.3, abs=0.05)
    assert "copies" in judged(reference, floor, some)


def halves():
    return Resamples.draw(COUNT, COUNT, 50, 1)


def judged(reference, floor, sample):
    """Return the gates that are closed for a sample."""
    real = copy_scores(reference, floor, halves())
    return closed_gates(
        {"raw": beside_floor(copy_scores(reference, sample, halves()), real), "noise_matched": {}}
    )


def test_a_rotation_is_a_shift_in_angle_and_a_copy_has_no_distance(stamps):
    images = stamps[0][:4]
    turned = np.rot90(images, axes=(1, 2))
    first, second = (angular_coefficients(centred_light(side)) for side in (images, turned))
    frequency = np.arange(first.shape[2])
    turns = [first * np.exp(sign * 0.5j * np.pi * frequency) for sign in (1, -1)]
    assert min(abs(second - turn).max() for turn in turns) < 0.02 * abs(first).max()
    rows, distances = aligned_neighbours(images, stamps[0])
    assert rows.tolist() == [0, 1, 2, 3]
    np.testing.assert_allclose(distances[:, 0], 0, atol=2e-3)
    assert (distances[:, 1] > 0.02).all()
    assert aligned_neighbours(images[:0], stamps[0]).distance.shape == (0, 2)


def test_residuals_are_those_of_the_best_pair(stamps):
    train = stamps[0][:30]
    single, pair = mixture_residuals(0.6 * train[:1] + 0.4 * train[1:2], train)[0]
    assert pair < 0.01 * single
    single, pair = mixture_residuals(train[4:5], train)[0]
    assert single < 1e-6  # itself
    # No pair is better than the best stamp where the second would have to be taken away.
    single, pair = mixture_residuals(1.5 * train[:1] - 0.5 * train[1:2], train[:2])[0]
    assert pair == pytest.approx(single)
