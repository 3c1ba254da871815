"""Models whose galaxies are asked for with conditions: every family and network takes them alike."""

import pytest
import torch

from galforge.models import registry as models
from galforge.models.batch import Batch
from galforge.models.building import build_model
from galforge.networks import registry as networks
from tests.helpers.configurations import default, quick_settings

CONDITIONS = 3


def one_per_network():
    """Return a model of the configuration per family and network that takes conditions."""
    chosen = {}
    for name, entry in sorted(default()["models"].items()):
        if models.settings_class(entry["family"]).takes_conditions:
            chosen.setdefault((entry["family"], entry["settings"]["network"]), name)
    return sorted(chosen.values())


@pytest.fixture(scope="module", params=one_per_network())
def model(request):
    entry = default()["models"][request.param]
    statement = networks.settings_class(entry["settings"]["network"])
    size = (statement.stamp_sizes or (64,))[0]
    channels = (statement.stamp_channels or (1,))[0]
    torch.manual_seed(1)
    return build_model(entry["family"], quick_settings(entry), (channels, size, size), CONDITIONS)


@pytest.fixture(scope="module")
def batch(model):
    generator = torch.Generator().manual_seed(1)
    condition = torch.randn(4, CONDITIONS, generator=generator)
    condition[0, 1] = torch.nan
    return Batch(torch.rand(4, *model.image_shape, generator=generator), condition)


def test_losses_are_finite_in_every_phase_and_every_weight_is_reached(model, batch):
    reached = set()
    for step in (0, 9, 27, 36, 99):
        model.advance(step, 100)
        for phase in model.phases(step, 100):
            model.zero_grad()
            terms = model.training_losses(batch, phase, torch.Generator().manual_seed(1))
            assert all(torch.isfinite(value) for value in terms.values())
            terms["loss"].backward()
            reached |= {id(p) for p in model.phase_parameters()[phase] if p.grad is not None}
    assert reached == {id(p) for p in model.parameters()}
    model.zero_grad()


def test_a_sample_depends_on_what_is_asked_and_on_which_of_it_is_left_to_the_model(model):
    model.eval()
    asked = torch.zeros(2, CONDITIONS)
    another, left = asked.clone(), asked.clone()
    another[1, 0] = 2.0
    left[1, 2] = torch.nan
    with torch.no_grad():
        first, again, other, free, none = (
            model.sample(2, torch.Generator().manual_seed(1), condition)
            for condition in (asked, asked, another, left, None)
        )
    model.train()
    assert first.shape == (2, *model.image_shape)
    assert all(torch.isfinite(images).all() for images in (first, other, free, none))
    assert torch.equal(first, again)
    assert torch.allclose(first[0], other[0], atol=1e-5), "the galaxy that is asked for as before"
    assert not torch.allclose(first[1], other[1], atol=1e-6)
    assert not torch.allclose(first[1], free[1], atol=1e-6)
    assert not torch.allclose(first, none, atol=1e-6)


def test_the_discriminator_of_a_gan_sees_what_was_asked(model, batch):
    if not hasattr(model, "score"):
        pytest.skip("the model is no GAN")
    model.eval()
    other = Batch(batch.image, batch.condition + 1)
    with torch.no_grad():
        scores = model.score(batch), model.score(other)
    model.train()
    assert not torch.allclose(*scores)


def test_without_conditions_the_weights_are_those_of_the_model_as_it_was():
    """A network that is not conditional is built once, so torch's generator gives it the same weights."""
    entry = default()["models"]["goupil_vae_3conv"]
    weights = []
    for conditions in (0, 0, CONDITIONS):
        torch.manual_seed(1)
        built = build_model(entry["family"], entry["settings"], (1, 64, 64), conditions)
        weights.append(built.state_dict())
    assert weights[0].keys() == weights[1].keys() == weights[2].keys()
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    encoder = [name for name in weights[0] if name.startswith("encoder.")]
    assert all(torch.equal(weights[0][name], weights[2][name]) for name in encoder)
