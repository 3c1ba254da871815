"""What the pipeline asks of a model, over every model of a configuration.

``pytest tests/models/test_contract.py --configuration yours.yaml`` asks it of the models of an overlay, too.
"""

from pathlib import Path

import pytest
import torch

from galforge.configuration.loading import read_yaml
from galforge.configuration.mappings import merged
from galforge.models import registry as models
from galforge.models.base import GenerativeModel
from galforge.models.batch import Batch
from galforge.models.building import build_model
from galforge.networks import registry as networks
from tests.helpers.configurations import default, quick_settings


def pytest_generate_tests(metafunc):
    if "model" in metafunc.fixturenames:
        overlay = metafunc.config.getoption("--configuration")
        config = merged(default(), read_yaml(Path(overlay))) if overlay else default()
        entries = sorted(config["models"].items())
        names = [name for name, _ in entries]
        metafunc.parametrize("model", [e for _, e in entries], ids=names, indirect=True, scope="module")


def image_shape(entry):
    statements = [models.settings_class(entry["family"])]
    if "network" in entry["settings"]:
        statements.append(networks.settings_class(entry["settings"]["network"]))
    size = next((each.stamp_sizes[0] for each in statements if each.stamp_sizes), 64)
    channels = next((each.stamp_channels[0] for each in statements if each.stamp_channels), 1)
    return channels, size, size


@pytest.fixture(scope="module")
def model(request):
    entry = request.param
    torch.manual_seed(1)
    built = build_model(entry["family"], quick_settings(entry), image_shape(entry))
    built.family = entry["family"]
    return built


@pytest.fixture(scope="module")
def images(model):
    return torch.rand(4, *model.image_shape, generator=torch.Generator().manual_seed(1))


def assert_in_range(images, model):
    """In [0, 1]; galaxies in flux have no upper bound, and are negative by a transform's error at most."""
    if model.in_flux:
        assert images.min() > -1e-4 * images.max()
    else:
        assert images.min() >= 0
        assert images.max() <= 1


def test_is_a_generative_model(model):
    assert isinstance(model, GenerativeModel)


def test_every_parameter_is_trained_in_some_phase(model):
    trained = {id(p) for parameters in model.phase_parameters().values() for p in parameters}
    assert trained == {id(p) for p in model.parameters()}


def test_its_settings_name_its_phases(model):
    assert set(models.settings_class(model.family).phases) >= set(model.phase_parameters())


def test_losses_are_finite_scalars_with_gradients_in_every_phase(model, images):
    reached = set()
    for step in (0, 9, 27, 36, 99):
        model.advance(step, 100)
        for phase in model.phases(step, 100):
            assert phase in model.phase_parameters()
            model.zero_grad()
            terms = model.training_losses(Batch(images), phase, torch.Generator().manual_seed(1))
            assert "loss" in terms
            for name, value in terms.items():
                assert value.shape == (), name
                assert torch.isfinite(value), name
            terms["loss"].backward()
            gradients = {id(p): p.grad for p in model.phase_parameters()[phase] if p.grad is not None}
            assert all(torch.isfinite(g).all() for g in gradients.values())
            assert any(g.abs().sum() > 0 for g in gradients.values())
            reached |= gradients.keys()
    # Of a network that grows, not every weight at every step.
    assert reached == {id(p) for p in model.parameters()}
    model.zero_grad()


def test_losses_are_functions_of_the_generator(model, images):
    phase = model.phases(0, 100)[0]

    def loss(seed):
        torch.manual_seed(0)
        return model.training_losses(Batch(images), phase, torch.Generator().manual_seed(seed))["loss"].item()

    assert loss(1) == loss(1)
    assert loss(1) != loss(2)


def test_validation_has_a_loss(model, images):
    model.eval()
    with torch.no_grad():
        assert "loss" in model.validation_losses(Batch(images), torch.Generator().manual_seed(1))
    model.train()


def test_samples_are_stamps_that_depend_on_the_seed_alone(model):
    model.eval()
    with torch.no_grad():
        first, again, other = (model.sample(3, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert first.shape == (3, *model.image_shape)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert_in_range(first, model)
    assert not torch.equal(first[0], first[1])
    model.train()


def test_latents_and_reconstructions_are_without_chance(model, images):
    model.eval()
    with torch.no_grad():
        if model.encodes:
            mean, log_variance = model.posterior(Batch(images))
            assert mean.shape == log_variance.shape == (len(images), model.latent_size)
            assert torch.equal(model.encode(Batch(images)), mean)
            first, again = model.reconstruct(Batch(images)), model.reconstruct(Batch(images))
            assert first.shape == images.shape
            assert torch.equal(first, again)
            assert torch.equal(first, model.decode(mean))
            assert_in_range(first, model)
        else:
            for method in (model.posterior, model.encode, model.reconstruct):
                with pytest.raises(TypeError, match="has no encoder"):
                    method(Batch(images))
    model.train()


def test_interpolation_is_the_straight_line_between_two_latents(model, images):
    if type(model).decode is GenerativeModel.decode:
        pytest.skip("the model does not decode latents")
    model.eval()
    with torch.no_grad():
        first, second = torch.randn(2, model.latent_size, generator=torch.Generator().manual_seed(3))
        path = model.interpolate(first, second, 5)
        by_hand = [model.decode((first + k / 4 * (second - first))[None])[0] for k in range(5)]
    assert path.shape == (5, *model.image_shape)
    # A batch of another size may take another order of sums.
    assert torch.allclose(path, torch.stack(by_hand), atol=1e-4)
    assert not torch.equal(path[0], path[-1])
    model.train()
