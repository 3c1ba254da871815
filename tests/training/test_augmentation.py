"""Views of stamps, against numpy's own flips and turns, and closed forms."""

import numpy as np
import pytest
import torch

from galforge.training.augmentation import augment
from galforge.training.augmentation_settings import Augmentation
from galforge.training.augmented_stamps import AugmentedStamps
from galforge.training.data import ResidentStamps

STILL = Augmentation(flips=False, rotation="none", translation=0.0)


def seeded(seed=1):
    return torch.Generator().manual_seed(seed)


def stamps(count=4, channels=3, side=16):
    return torch.rand(count, channels, side, side, generator=seeded(99))


def eight_views(stamp):
    """The symmetries of the square, by numpy."""
    turned = [np.rot90(stamp, turns, axes=(1, 2)) for turns in range(4)]
    return turned + [np.flip(view, axis=2) for view in turned]


def test_nothing_asked_nothing_done():
    images = stamps()
    assert torch.equal(augment(images, STILL, seeded()), images)


def test_right_angles_and_flips_are_the_eight_symmetries_exactly_and_all_of_them():
    image = stamps(1)
    many = augment(
        image.repeat(400, 1, 1, 1), Augmentation(flips=True, rotation="right_angles", translation=0), seeded()
    ).numpy()
    views = eight_views(image[0].numpy())
    found = [[np.array_equal(view, made) for view in views].index(True) for made in many]
    counts = np.bincount(found, minlength=8)
    # Each of eight is expected 50 times; 4.5 standard deviations either way.
    assert (np.abs(counts - 50) < 4.5 * np.sqrt(50 * 7 / 8)).all(), counts


def test_flips_alone_never_turn():
    image = stamps(1)
    many = augment(
        image.repeat(60, 1, 1, 1), Augmentation(flips=True, rotation="none", translation=0), seeded()
    )
    allowed = [image[0], image[0].flip(1), image[0].flip(2), image[0].flip(1, 2)]
    assert all(any(torch.equal(made, view) for view in allowed) for made in many)


def test_translation_moves_by_whole_pixels_within_its_range_and_reflects_at_the_edge():
    image = stamps(1, side=20)
    many = augment(
        image.repeat(1500, 1, 1, 1), Augmentation(flips=False, rotation="none", translation=0.1), seeded()
    )
    padded = np.pad(image[0].numpy(), ((0, 0), (2, 2), (2, 2)), mode="symmetric")
    shifts = set()
    for made in many.numpy():
        matches = [
            (y, x) for y in range(5) for x in range(5)
            if np.array_equal(padded[:, y : y + 20, x : x + 20], made)
        ]  # fmt: skip
        assert len(matches) == 1
        shifts.add(matches[0])
    assert len(shifts) == 25, "every shift of up to two pixels"


def test_free_rotation_keeps_a_round_galaxy_and_turns_a_long_one():
    y, x = np.mgrid[:65, :65] - 32.0  # so large that nothing of the galaxy is reflected
    disc = np.exp(-(x**2 + y**2) / (2 * 4.0**2))
    bar = np.exp(-(x**2 / (2 * 6.0**2) + y**2 / (2 * 2.0**2)))
    images = torch.tensor(np.stack([disc, bar, bar]), dtype=torch.float32)[:, None].repeat(50, 1, 1, 1)
    made = augment(images, Augmentation(flips=True, rotation="free", translation=0), seeded())[:, 0].numpy()
    assert made[::3] == pytest.approx(np.repeat(disc[None], 50, 0), abs=0.015)
    # A Gaussian of sigmas 6 and 2 turned by theta, its angle taken from its own second moments.
    angles = []
    for picture in np.concatenate([made[1::3], made[2::3]]):
        xx, yy, xy = ((picture * term).sum() / picture.sum() for term in (x * x, y * y, x * y))
        theta = 0.5 * np.arctan2(2 * xy, xx - yy)
        u, v = x * np.cos(theta) + y * np.sin(theta), y * np.cos(theta) - x * np.sin(theta)
        expected = np.exp(-(u**2 / (2 * 6.0**2) + v**2 / (2 * 2.0**2)))
        assert picture == pytest.approx(expected, abs=0.02)
        angles.append(theta)
    counts, _ = np.histogram(angles, bins=4, range=(-np.pi / 2, np.pi / 2))
    assert counts.min() >= 10, "all angles"


def test_no_artificial_edges():
    """On a flat sky with noise, what comes in at the corners has the mean and the scatter of the sky."""
    sky = 0.3 + 0.02 * torch.randn(64, 1, 32, 32, generator=seeded(3))
    made = augment(sky, Augmentation(flips=True, rotation="free", translation=0.05), seeded())
    corners = torch.stack([made[..., :4, :4], made[..., :4, -4:], made[..., -4:, :4], made[..., -4:, -4:]])
    assert float(corners.mean()) == pytest.approx(0.3, abs=0.003)
    # Bicubic interpolation at random places leaves most of the deviation of white noise (0.8 on average).
    assert 0.6 < float(corners.std()) / 0.02 < 1.05
    constant = augment(
        torch.full((8, 3, 16, 16), 0.4), Augmentation(flips=True, rotation="free", translation=0.1), seeded()
    )
    assert constant.numpy() == pytest.approx(0.4, abs=1e-6)


def test_channels_of_a_stamp_move_together_so_colours_stay():
    grey = 0.25 + 0.5 * stamps(8, 1)  # overshoots of the interpolation stay within [0, 1]
    weights = torch.tensor([1.0, 0.5, 0.25])[None, :, None, None]
    for rotation in ("right_angles", "free"):
        made = augment(grey * weights, Augmentation(flips=True, rotation=rotation, translation=0.1), seeded())
        assert made[:, 1].numpy() == pytest.approx((made[:, 0] * 0.5).numpy(), abs=1e-5)


def test_the_seed_decides_and_values_stay_in_range():
    settings = Augmentation(flips=True, rotation="free", translation=0.1)
    images = stamps(16)
    one, same, other = (augment(images, settings, seeded(seed)) for seed in (5, 5, 6))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert one.min() >= 0
    assert one.max() <= 1


def test_memory_format_and_type_are_kept():
    images = stamps(4).to(memory_format=torch.channels_last)
    made = augment(images, Augmentation(flips=True, rotation="free", translation=0.1), seeded())
    assert made.is_contiguous(memory_format=torch.channels_last)
    assert augment(images.bfloat16(), STILL, seeded()).dtype == torch.bfloat16


def test_stamps_that_are_not_square_are_not_rotated():
    with pytest.raises(ValueError, match="16 x 20 px"):
        augment(torch.rand(1, 1, 16, 20), Augmentation(flips=False, rotation="free", translation=0), seeded())


def test_a_resumed_epoch_sees_the_views_that_it_would_have_seen():
    images = stamps(20)
    source = AugmentedStamps(
        ResidentStamps(images), Augmentation(flips=True, rotation="free", translation=0.1)
    )
    whole = list(source.shuffled(seed=7, batch_size=4, first=0))
    assert len(whole) == 5
    for rest, same in zip(source.shuffled(seed=7, batch_size=4, first=3), whole[3:], strict=True):
        assert torch.equal(rest.image, same.image)
    plain = list(ResidentStamps(images).shuffled(seed=7, batch_size=4, first=0))
    assert not any(torch.equal(view.image, image.image) for view, image in zip(whole, plain, strict=True))
    other = next(iter(source.shuffled(seed=8, batch_size=4, first=0)))
    assert not torch.equal(other.image, whole[0].image)
    assert torch.equal(next(source.batches(20)).image, images), "what the sampler is fitted to stays as it is"
