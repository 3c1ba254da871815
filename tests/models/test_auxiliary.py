"""The discriminator that also reads the conditions from a stamp (AC-GAN)."""

import pytest
import torch

from galforge.models.batch import Batch
from galforge.models.building import build_model
from tests.helpers.configurations import default

CONDITIONS = 2
NAMES = ["eth_dcgan", "laisney_gan", "progressive_wgan"]


def model_of(name, **changed):
    entry = default()["models"][name]
    side = 28 if name == "laisney_gan" else 64
    small = {"filters": 8} if name != "progressive_wgan" else {"channels": 16, "latent_size": 8}
    network = entry["settings"]["network_settings"] | small
    torch.manual_seed(1)
    settings = entry["settings"] | {"network_settings": network} | changed
    return build_model(entry["family"], settings, (1, side, side), CONDITIONS)


def batch_of(model):
    generator = torch.Generator().manual_seed(1)
    condition = torch.randn(4, CONDITIONS, generator=generator)
    condition[0, 1] = torch.nan
    return Batch(torch.rand(4, *model.image_shape, generator=generator), condition)


@pytest.mark.parametrize("name", NAMES)
def test_the_error_of_what_is_read_is_added_to_the_loss_of_either_network(name):
    model = model_of(name, auxiliary=0.5).eval()
    model.advance(99, 100)
    batch = batch_of(model)
    for phase in ("discriminator", "generator"):
        terms = model.training_losses(batch, phase, torch.Generator().manual_seed(2))
        reader, model.reader = model.reader, None
        without = model.training_losses(batch, phase, torch.Generator().manual_seed(2))
        model.reader = reader
        assert terms["reading"] > 0
        expected = without["loss"] + 0.5 * terms["reading"]
        assert terms["loss"].item() == pytest.approx(expected.item(), rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_conditions_are_read_from_the_stamp_alone_and_missing_ones_do_not_count(name):
    model = model_of(name, auxiliary=1.0).eval()
    model.advance(99, 100)
    batch = batch_of(model)
    images = model.to_network(batch.image)
    blank = model.shown(images, torch.zeros(4, 2 * CONDITIONS))
    with torch.no_grad():
        read = model.reader(model.features(blank).flatten(1))
        error = model._with_reading({"loss": torch.zeros(())}, images, batch.condition)["reading"]
    known = batch.condition.isfinite()
    by_hand = (read - batch.condition)[known].square().mean()
    assert error.item() == pytest.approx(by_hand.item(), rel=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_every_weight_is_reached_and_the_generator_alone_is_published(name):
    model = model_of(name, auxiliary=0.5)
    batch, reached = batch_of(model), set()
    for step in (0, 30, 99):
        model.advance(step, 100)
        for phase in ("discriminator", "generator"):
            model.zero_grad()
            model.training_losses(batch, phase, torch.Generator().manual_seed(2))["loss"].backward()
            reached |= {id(p) for p in model.phase_parameters()[phase] if p.grad is not None}
    assert {id(p) for p in model.reader.parameters()} <= reached
    assert not any(key.startswith("reader") for key in model.published_state())


def test_without_conditions_or_factor_nothing_is_read():
    assert model_of("laisney_gan").reader is None
    entry = default()["models"]["laisney_gan"]
    assert build_model(entry["family"], entry["settings"] | {"auxiliary": 1.0}, (1, 28, 28)).reader is None


def test_a_reader_learns_what_the_stamps_show():
    """Stamps whose level is the condition: the error falls far below its start in some dozen steps."""
    model = model_of("laisney_gan", auxiliary=1.0)
    optimizer = torch.optim.Adam(model.phase_parameters()["discriminator"], 1e-3)
    generator = torch.Generator().manual_seed(3)
    errors = []
    for _ in range(60):
        condition = torch.randn(32, CONDITIONS, generator=generator)
        images = torch.sigmoid(condition[:, :1, None, None]).expand(-1, 1, 28, 28)
        condition[:, 1] = torch.nan
        optimizer.zero_grad()
        terms = model.training_losses(Batch(images, condition), "discriminator", generator)
        terms["loss"].backward()
        optimizer.step()
        errors.append(terms["reading"].item())
    assert sum(errors[-10:]) < 0.3 * sum(errors[:10])
