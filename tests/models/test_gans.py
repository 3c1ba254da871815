"""The GANs' losses by hand, their growth, and trainings that are killed on their way."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from galforge.models.adversarial import (
    frozen,
    mean_pairwise_distance,
)
from galforge.models.batch import Batch
from galforge.models.building import build_model
from galforge.models.latent_walks import interpolated_latents
from galforge.models.progressive_gan.model import growth
from galforge.training.data import ResidentStamps
from galforge.training.loop import train
from galforge.training.recipe import FilmSettings, Optimizer, Recipe
from galforge.training.state import StateStore
from tests.helpers.tiny_training import Killed, killed_after, never, same, without_timing

NOTHING_ASKED = torch.zeros(0, 0)


def progressive(seed=1, **settings):
    torch.manual_seed(seed)
    default = {
        "network": "progressive",
        "network_settings": {"latent_size": 16, "channels": 32},
        "growth_share": 0.5,
        "penalty": 10.0,
        "drift": 1e-3,
        "discriminator_steps": 1,
    }
    return build_model("progressive_gan", default | settings, (1, 32, 32))


def gan(seed=1, **settings):
    torch.manual_seed(seed)
    default = {
        "network": "dcgan",
        "network_settings": {"latent_size": 8, "filters": 4},
        "output": "tanh",
        "fake": "generator",
        "smoothing": 0.0,
        "instance_noise": 0.0,
        "discriminator_steps": 1,
    }
    return build_model("gan", default | settings, (1, 64, 64))


def stamps(count, size, seed=1):
    """Return round galaxies of different sizes and places in [0, 1], with noise."""
    random = torch.Generator().manual_seed(seed)
    y, x = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    cx, cy = (size * (0.4 + 0.2 * torch.rand(count, 1, 1, generator=random)) for _ in range(2))
    width = size * (0.05 + 0.1 * torch.rand(count, 1, 1, generator=random))
    light = torch.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * width**2))
    noise = 0.02 * torch.randn(light.shape, generator=random)
    return (light + noise)[:, None].clamp(0, 1)


class Linear(nn.Module):
    """A critic whose gradient is known: the same weights everywhere."""

    def __init__(self, weight):
        super().__init__()
        self.weight = nn.Parameter(weight)

    def forward(self, images, level=None, fade=None):
        return (images * self.weight).sum((1, 2, 3))


def test_the_critics_loss_is_gulrajanis_with_karras_drift():
    """Of a linear critic, whose gradient is its weights: distance, penalty and drift by hand."""
    model = progressive(penalty=7.0, drift=0.1)
    weight = torch.randn(1, 32, 32)
    model.discriminator = Linear(weight)
    real, fake = torch.rand(2, 6, 1, 32, 32)
    terms = model.discriminator_losses(real, fake, NOTHING_ASKED, torch.Generator().manual_seed(1))
    on_real, on_fake = ((images * weight).sum((1, 2, 3)) for images in (real, fake))
    distance = (on_real.mean() - on_fake.mean()).item()
    penalty = (weight.norm().item() - 1) ** 2
    assert terms["distance"].item() == pytest.approx(distance, rel=1e-4)
    assert terms["penalty"].item() == pytest.approx(penalty, rel=1e-4)
    drift = on_real.square().mean().item()
    assert terms["loss"].item() == pytest.approx(-distance + 7 * penalty + 0.1 * drift, rel=1e-4)
    # Its derivative reaches the weights: d/dw of 7 (|w| - 1)^2 is 14 (|w| - 1) w / |w|.
    (gradient,) = torch.autograd.grad(terms["penalty"], model.discriminator.weight)
    assert torch.allclose(gradient, 2 * (weight.norm() - 1) * weight / weight.norm(), rtol=1e-4)
    fell = model.generator_losses(fake, NOTHING_ASKED, torch.Generator())["loss"]
    assert fell.item() == pytest.approx(-on_fake.mean().item(), rel=1e-4)


def test_the_penalty_is_in_single_precision_whatever_the_rest_is_in():
    model = progressive()
    real, fake = torch.rand(2, 8, 1, 32, 32)
    whole = model.gradient_penalty(real, fake, NOTHING_ASKED, torch.Generator().manual_seed(1))
    with torch.autocast("cpu", torch.bfloat16):
        reduced = model.gradient_penalty(real, fake, NOTHING_ASKED, torch.Generator().manual_seed(1))
        terms = model.training_losses(Batch(stamps(8, 32)), "discriminator", torch.Generator().manual_seed(1))
    assert reduced.dtype == torch.float32
    assert torch.equal(whole, reduced)
    again = model.training_losses(Batch(stamps(8, 32)), "discriminator", torch.Generator().manual_seed(1))
    assert terms["loss"].item() == pytest.approx(again["loss"].item(), rel=0.05)


def test_growth_is_eight_equal_phases_and_then_rest_at_full_size():
    """4 levels above 4 px in half of 1,600 steps: 100 steps a phase, at rest and fading in by turns."""
    grown = [growth(step, 1600, 4, 0.5) for step in range(1600)]
    for level in range(4):
        assert grown[200 * level : 200 * level + 100] == [level] * 100
        fade = [level + (step + 0.5) / 100 for step in range(100)]
        assert grown[200 * level + 100 : 200 * level + 200] == pytest.approx(fade, abs=1e-9)
    assert grown[800:] == [4.0] * 800


def test_short_trainings_grow_too():
    assert growth(0, 1, 4, 0.4) == 4.0
    grown = [growth(step, 10, 4, 0.4) for step in range(10)]
    assert grown == sorted(grown)
    assert grown[4:] == [4.0] * 6


def test_real_stamps_are_faded_in_as_the_samples_are():
    model = progressive()
    images = torch.rand(2, 1, 32, 32)
    small = 2 * images.reshape(2, 1, 8, 4, 8, 4).mean((3, 5)) - 1
    coarse = small.reshape(2, 1, 4, 2, 4, 2).mean((3, 5)).repeat_interleave(2, 2).repeat_interleave(2, 3)
    for grown, expected in ((1.0, small), (0.25, 0.75 * coarse + 0.25 * small)):
        model._grown = grown
        model.growth.fill_(grown)
        assert torch.allclose(model.to_network(images), expected, atol=1e-6)
        sample = model.generate(torch.randn(2, 16))
        assert sample.shape == expected.shape
        assert model.from_network(sample).shape == images.shape


def test_a_trained_models_growth_is_read_from_its_weights():
    model, other = progressive().eval(), progressive(seed=2).eval()
    model.advance(20, 100)
    assert set(model.published_state()) == {
        "growth",
        *(name for name in model.state_dict() if name.startswith("generator.")),
    }
    other.load_state_dict(model.published_state(), strict=False)
    with torch.no_grad():
        first, second = (m.sample(4, torch.Generator().manual_seed(1)) for m in (model, other))
    assert torch.equal(first, second)
    assert torch.equal(first, F.interpolate(first[..., ::4, ::4], scale_factor=4))  # 8 px


@pytest.mark.parametrize("fake", ["generator", "noise"])
def test_the_discriminators_loss_is_the_mean_cross_entropy_of_smoothed_targets(fake):
    model = gan(output="sigmoid", fake=fake, smoothing=0.15).eval()
    real, made = torch.rand(2, 5, 1, 64, 64)
    generator = torch.Generator().manual_seed(4)
    terms = model.discriminator_losses(real, made, NOTHING_ASKED, generator)
    again = torch.Generator().manual_seed(4)
    shown = torch.rand(made.shape, generator=again) if fake == "noise" else made
    probabilities = torch.sigmoid(model.discriminator(real)), torch.sigmoid(model.discriminator(shown))
    targets = 1 - 0.15 * torch.rand(5, generator=again), 0.15 * torch.rand(5, generator=again)
    losses = [
        -(t * p.log() + (1 - t) * (1 - p).log()).mean() for t, p in zip(targets, probabilities, strict=True)
    ]
    assert terms["loss"].item() == pytest.approx(sum(losses).item() / 2, rel=1e-4)
    right = (probabilities[0] > 0.5).sum() + (probabilities[1] < 0.5).sum()
    assert terms["accuracy"].item() == pytest.approx(right.item() / 10)


def test_the_generators_loss_is_minus_the_log_of_the_discriminators_answer():
    model = gan().eval()
    made = torch.rand(5, 1, 64, 64)
    expected = -torch.sigmoid(model.discriminator(made)).log().mean()
    loss = model.generator_losses(made, NOTHING_ASKED, torch.Generator())["loss"]
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)


def test_instance_noise_falls_from_its_share_of_the_range_to_nothing():
    model = gan(instance_noise=0.1).eval()
    images = torch.zeros(64, 1, 64, 64)
    seen = []
    model.discriminator.register_forward_pre_hook(lambda layer, given: seen.append(given[0].std().item()))
    for step, expected in ((0, 0.2), (25, 0.15), (99, 0.002)):
        model.advance(step, 100)
        model._logits(images, NOTHING_ASKED, torch.Generator().manual_seed(1))
        assert seen.pop() == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize("build", [progressive, gan])
def test_each_phase_trains_its_own_network_alone(build):
    model = build()
    images = stamps(8, model.image_shape[1])
    for phase, other in (("discriminator", "generator"), ("generator", "discriminator")):
        model.zero_grad()
        model.training_losses(Batch(images), phase, torch.Generator().manual_seed(1))["loss"].backward()
        assert all(p.grad is None for p in model.phase_parameters()[other])
        assert any(p.grad is not None for p in model.phase_parameters()[phase])
        assert all(p.requires_grad for p in model.parameters())


def test_freezing_ends_with_an_error_too():
    network = nn.Linear(1, 1)
    with pytest.raises(ValueError, match="within"), frozen(network):
        assert not any(p.requires_grad for p in network.parameters())
        raise ValueError("within")
    assert all(p.requires_grad for p in network.parameters())


def test_the_discriminator_may_take_several_steps_for_each_of_the_generator():
    model = progressive(discriminator_steps=3)
    phases = [model.phases(step, 6) for step in range(6)]
    assert phases == [("discriminator",)] * 2 + [("discriminator", "generator")] + [
        ("discriminator",)
    ] * 2 + [("discriminator", "generator")]


def test_scores_are_probabilities_that_rise_with_training_on_what_is_real(tmp_path):
    """The ETH report's use of a discriminator: to score how similar pictures are to its training's."""
    model = gan()
    images = stamps(64, 64)
    recipe = Recipe(16, 8, Optimizer(1e-3, (0.5, 0.999)))
    source = ResidentStamps(images)
    outcome = train(model, source, source, recipe, 1, StateStore(tmp_path, "key"), "test", never)
    assert outcome.status == "ok"
    model.eval()
    with torch.no_grad():
        real, noise = model.score(Batch(images)), model.score(Batch(torch.rand(images.shape)))
    assert ((real >= 0) & (real <= 1)).all()
    assert real.median() > noise.median()


@pytest.mark.parametrize("size", [32, 64], ids=["progressive", "gan"])
def test_a_killed_training_of_two_networks_resumes_bit_for_bit(tmp_path, size):
    """24 steps, growing in the first 12: phases of 2, so that 3, 7 and 11 are within a fade."""
    source = ResidentStamps(stamps(48, size))
    recipe = Recipe(8, 4, Optimizer(1e-3, (0.0, 0.99)), ema=0.9, film=FilmSettings(5, 2))

    def run(name, save_due=never):
        store = StateStore(tmp_path / name, "key")
        validation = ResidentStamps(source.images[:10])
        return train(build(), source, validation, recipe, 1, store, "test", save_due)

    def build():  # the same weights each time
        return progressive() if size == 32 else gan(instance_noise=0.1, smoothing=0.1)

    whole = run("whole")
    assert whole.status == "ok"
    for saved, killed in (({3}, 4), ({3}, 5), ({6}, 8)):
        with pytest.raises(Killed):
            run("killed", killed_after(saved, killed))
    resumed = run("killed")
    assert same(whole.weights, resumed.weights)
    assert same(whole.remainder, resumed.remainder)
    assert without_timing(whole.history) == without_timing(resumed.history)
    assert all(torch.equal(a, b) for a, b in zip(whole.film, resumed.film, strict=True))
    assert all(name.startswith(("generator.", "growth")) for name in whole.weights)
    assert any(name.startswith("discriminator.") for name in whole.remainder)
    for row in whole.history:
        assert math.isfinite(row["monitor_diversity"])
        assert 0 <= row["train_discriminator_accuracy"] <= 1


def test_published_batch_statistics_are_those_of_the_samples():
    """After fit_sampler, evaluation normalizes by the mean and variance that samples really have."""
    model = gan().eval()
    for layer in model.generator.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_mean.fill_(5.0)
    with torch.no_grad():
        model.fit_sampler([])
        latents = torch.randn(4096, 8, generator=torch.Generator().manual_seed(9))
        before = model.generator.layers[0](latents[:, :, None, None])
    norm = model.generator.layers[1]
    assert torch.allclose(norm.running_mean, before.mean((0, 2, 3)), atol=0.05 * before.std().item())
    assert torch.allclose(norm.running_var, before.var((0, 2, 3)), rtol=0.15)
    assert not norm.training
    assert norm.momentum == 0.1


def history_of(column, values):
    return [{"epoch": float(n), column: value} for n, value in enumerate(values, 1)]


def test_collapse_is_reported_from_the_epoch_on_in_which_it_began():
    model = progressive()
    falls = history_of("monitor_diversity", [0.9, 0.8, 0.3, 0.2, 0.1])
    assert model.warnings(falls[:4]) == []
    (warning,) = model.warnings(falls)
    assert "since epoch 3" in warning.lower()
    assert "collapse" in warning
    assert model.warnings(history_of("monitor_diversity", [0.1, 0.1, 0.1, 0.6])) == []
    (warning,) = model.warnings(history_of("train_discriminator_accuracy", [1.0, 1.0, 1.0]))
    assert "discriminator" in warning
    assert model.warnings([]) == []


def test_diversity_is_1_of_real_stamps_and_0_of_a_picture_that_is_repeated():
    model = gan()
    images = stamps(32, 64)
    model.sample = lambda count, generator, condition: images[torch.randperm(count)]
    assert model.monitor(Batch(images), torch.Generator())["diversity"] == pytest.approx(1.0, rel=1e-4)
    model.sample = lambda count, generator, condition: images[:1].expand(count, -1, -1, -1)
    assert model.monitor(Batch(images), torch.Generator())["diversity"] == pytest.approx(0.0, abs=1e-6)


def test_mean_pairwise_distance_by_hand():
    images = torch.rand(5, 1, 3, 3)
    pairs = [(i, j) for i in range(5) for j in range(i)]
    expected = sum((images[i] - images[j]).square().sum().sqrt().item() for i, j in pairs) / len(pairs)
    assert mean_pairwise_distance(images) == pytest.approx(expected, rel=1e-5)


def test_interpolated_latents_keep_their_length_along_the_arc():
    first, second = torch.tensor([3.0, 0.0, 0.0]), torch.tensor([0.0, 3.0, 0.0])
    way = interpolated_latents(first, second, 5)
    angles = torch.tensor([0.0, 22.5, 45.0, 67.5, 90.0]).deg2rad()
    expected = 3 * torch.stack([angles.cos(), angles.sin(), torch.zeros(5)], 1)
    assert torch.allclose(way, expected, atol=1e-5)


def test_the_strongest_direction_is_that_which_the_first_layer_stretches_most():
    """Of a linear first layer with known singular vectors, the directions are those."""

    class Known(nn.Module):
        def __init__(self):
            super().__init__()
            left, _ = torch.linalg.qr(torch.randn(12, 4))
            right, _ = torch.linalg.qr(torch.randn(4, 4))
            self.right = right
            self.weight = nn.Parameter(left * torch.tensor([8.0, 4.0, 2.0, 1.0]) @ right.T)

        def features(self, latents):
            return latents @ self.weight.T

    torch.manual_seed(1)
    model = progressive()
    model.generator, model.latent_size = Known(), 4
    directions = model.directions(2, torch.Generator().manual_seed(1))
    cosines = (directions @ model.generator.right[:, :2]).abs()
    assert torch.allclose(cosines, torch.eye(2), atol=0.1)
    assert torch.allclose(directions.norm(dim=1), torch.ones(2))
