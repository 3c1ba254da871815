"""Conditions that are withheld in training, and angles that turn with the stamp."""

import math

import pytest
import torch

from galforge.datasets.conditions import Condition
from galforge.models.batch import Batch
from galforge.training.augmentation import augment_batch
from galforge.training.augmentation_settings import Augmentation
from galforge.training.data import ResidentStamps
from galforge.training.forgetting import ForgetfulStamps
from galforge.training.known import Known

CONDITIONS = (
    Condition("mag_auto", "number", 22.0, 1.0, 20.0, 24.0, 0),
    Condition("position_angle", "cosine", 0.0, 1.0, 0.0, 3.0, 0),
    Condition("position_angle", "sine", 0.0, 1.0, 0.0, 3.0, 0),
)


def source(count=4000):
    generator = torch.Generator().manual_seed(1)
    known = Known(torch.randn(count, 3, generator=generator))
    return ResidentStamps(torch.arange(count).float()[:, None, None, None].expand(-1, 1, 8, 8), known)


def test_each_column_is_withheld_as_often_as_asked_and_on_its_own():
    stamps = ForgetfulStamps(source(), CONDITIONS, 0.25)
    withheld = torch.cat([batch.condition.isnan() for batch in stamps.shuffled(3, 100, 0)])
    # 4,000 draws of probability 0.25: three standard deviations are 0.02.
    assert withheld.float().mean(0).numpy() == pytest.approx([0.25] * 3, abs=0.021)
    assert torch.equal(withheld[:, 1], withheld[:, 2]), "cosine and sine are one column"
    both = (withheld[:, 0] & withheld[:, 1]).float().mean().item()
    assert both == pytest.approx(0.0625, abs=0.012)


def test_what_is_withheld_depends_on_epoch_and_batch_alone():
    stamps = ForgetfulStamps(source(500), CONDITIONS, 0.5)
    whole = [batch.condition for batch in stamps.shuffled(3, 50, 0)]
    resumed = [batch.condition for batch in stamps.shuffled(3, 50, 4)]
    assert all(torch.equal(a.nan_to_num(), b.nan_to_num()) for a, b in zip(whole[4:], resumed, strict=True))
    assert all(torch.equal(a.isnan(), b.isnan()) for a, b in zip(whole[4:], resumed, strict=True))
    assert not any(batch.condition.isnan().any() for batch in stamps.batches(100)), "not in validation"


def test_a_batch_has_the_conditions_of_its_own_stamps():
    stamps = source(500)
    for batch in [*stamps.shuffled(5, 32, 0), *stamps.batches(32)]:
        rows = batch.image[:, 0, 0, 0].long()
        assert torch.equal(batch.condition, stamps.known.condition[rows])


def bar(angle, side=65):
    y, x = torch.meshgrid(torch.arange(side) - side // 2, torch.arange(side) - side // 2, indexing="ij")
    along = x * math.cos(angle) + y * math.sin(angle)
    across = y * math.cos(angle) - x * math.sin(angle)
    return torch.exp(-((along / 5) ** 2) / 2 - (across / 2) ** 2 / 2)[None]


def angle_of(image):
    side = image.shape[-1]
    y, x = torch.meshgrid(torch.arange(side) - side // 2, torch.arange(side) - side // 2, indexing="ij")
    xx, yy, xy = ((image[0] * part).sum() for part in (x * x, y * y, x * y))
    return 0.5 * torch.atan2(2 * xy, xx - yy)


@pytest.mark.parametrize("rotation", ["none", "right_angles", "free"])
def test_psf_and_angle_turn_with_the_stamp(rotation):
    """The angle that the condition says is that of the second moments, of the galaxy and of its PSF."""
    angle, count = 0.4, 60
    condition = torch.tensor([[0.3, math.cos(2 * angle), math.sin(2 * angle)]]).expand(count, -1)
    psf = bar(angle) / bar(angle).sum()
    batch = Batch(bar(angle).expand(count, 1, -1, -1), condition, psf.expand(count, 1, -1, -1))
    settings = Augmentation(flips=True, rotation=rotation, translation=0.0)
    made = augment_batch(batch, settings, torch.Generator().manual_seed(1), angles=[(1, 2)])
    assert torch.equal(made.condition[:, 0], condition[:, 0])
    said = 0.5 * torch.atan2(made.condition[:, 2], made.condition[:, 1])
    for image, psf, expected in zip(made.image, made.psf, said, strict=True):
        for seen in (angle_of(image), angle_of(psf)):
            difference = (seen - expected + math.pi / 2) % math.pi - math.pi / 2
            assert abs(difference) < 0.03
        assert psf.sum().item() == pytest.approx(1.0, abs=1e-5)
    assert len({round(float(value), 2) for value in said}) > 1, "views differ"
