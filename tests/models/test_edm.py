"""The diffusion model: preconditioning, sampler, scaling and losses against formulas, and what it learns."""

import math

import numpy as np
import pandas as pd
import pytest
import torch

from galforge.core.errors import ConfigurationError
from galforge.datasets.stamp_file import Stamps, write_stamps
from galforge.models.batch import Batch
from galforge.models.building import build_model
from galforge.models.edm.model import spanning
from galforge.models.edm.preconditioning import edm_scales, flow_scales
from galforge.models.edm.sampling import heun, noise_levels
from galforge.models.edm.scaling import Scaling
from galforge.models.edm.weighting import LevelWeights
from galforge.training.data import ResidentStamps
from galforge.training.loop import train
from galforge.training.model_training import Training, prepare_training
from galforge.training.recipe import FilmSettings, Optimizer, Recipe, Schedule
from galforge.training.state import StateStore
from tests.helpers.tiny_training import Killed, killed_after, never, same, without_timing

NETWORK = {
    "fold": 4, "thin_channels": 4, "channels": [16, 16], "blocks": 1, "attention": [1], "dropout": 0.1
}  # fmt: skip
SETTINGS = {
    "network": "folded_unet",
    "network_settings": NETWORK,
    "objective": "edm",
    "noise": {"mean": -0.5, "deviation": 1.2},
    "stretch": 0.1,
    "whitening": 0.0,
    "learned_weights": False,
    "sampler": {"steps": 6, "sigma_min": 0.01, "sigma_max": 20.0, "rho": 7.0},
    "rescaled": True,
}
SIGMAS = np.array([0.002, 0.1, 0.5, 1.0, 7.0, 80.0])


def edm(seed=1, shape=(1, 32, 32), conditions=0, **settings):
    torch.manual_seed(seed)
    return build_model("edm", SETTINGS | settings, shape, conditions)


def stamps(count=40, shape=(1, 32, 32)):
    return torch.rand(count, *shape, generator=torch.Generator().manual_seed(1))


def seeded(seed=1):
    return torch.Generator().manual_seed(seed)


class GaussianDenoiser(torch.nn.Module):
    """What a network should give, for each pixel from N(0, 0.5**2): found from the best denoiser."""

    def __init__(self, model):
        super().__init__()
        self.scales = model.scales

    def forward(self, images, number, asked=None):
        sigma = torch.exp(4 * number)[:, None, None, None]
        scales = self.scales(sigma)
        noisy = images / scales.input
        best = 0.25 / (0.25 + sigma**2) * noisy
        return (best - scales.skip * noisy) / scales.out


def test_scalings_are_those_of_table_1():
    scales = edm_scales(torch.from_numpy(SIGMAS))
    data = 0.5
    assert scales.skip.numpy() == pytest.approx(data**2 / (SIGMAS**2 + data**2))
    assert scales.out.numpy() == pytest.approx(SIGMAS * data / np.sqrt(data**2 + SIGMAS**2))
    assert scales.input.numpy() == pytest.approx(1 / np.sqrt(SIGMAS**2 + data**2))
    assert scales.noise.numpy() == pytest.approx(np.log(SIGMAS) / 4)


@pytest.mark.parametrize("sigma", SIGMAS)
def test_flow_sees_a_point_on_the_straight_path_and_gives_the_velocity(sigma):
    rng = np.random.default_rng(1)
    clean, noise = rng.normal(size=(2, 1000))  # of variance 1
    stamp = 0.5 * clean
    time = 2 * sigma / (1 + 2 * sigma)
    on_path = (1 - time) * clean + time * noise
    skip, out, into, _ = (float(each) for each in flow_scales(torch.tensor(sigma, dtype=torch.float64)))
    noisy = stamp + sigma * noise
    assert into * noisy == pytest.approx(on_path, abs=1e-9)
    assert skip * noisy + out * (noise - clean) == pytest.approx(stamp, abs=1e-9)


def test_the_loss_is_that_of_eq_8_with_the_weights_of_table_1():
    model = edm().eval()
    clean, noise = 0.5 * torch.randn(2, 6, 1, 32, 32, generator=seeded())
    sigma = torch.from_numpy(SIGMAS).float()
    with torch.no_grad():
        errors = model.errors(clean, sigma, noise, None).numpy()
        denoised = model.denoised(clean + sigma[:, None, None, None] * noise, sigma)
    weight = (SIGMAS**2 + 0.25) / (SIGMAS * 0.5) ** 2
    by_hand = weight * (denoised - clean).square().mean((1, 2, 3)).numpy()
    assert errors == pytest.approx(by_hand, rel=2e-3)


@pytest.mark.parametrize("objective", ["edm", "flow"])
def test_of_a_gaussian_the_best_network_has_the_least_loss_and_gives_the_posterior_mean(objective):
    model = edm(objective=objective)
    model.network = GaussianDenoiser(model)
    clean, noise = torch.randn(2, 2000, 1, 4, 4, generator=seeded())
    clean *= 0.5
    for level in (0.05, 0.5, 3.0):
        sigma = torch.full((2000,), level)
        posterior = 0.25 / (0.25 + level**2) * (clean + level * noise)
        assert torch.allclose(model.denoised(clean + level * noise, sigma), posterior, atol=1e-5)
        # What the best guess misses: the posterior's variance, in units of the output's scale.
        missed = level**2 * 0.25 / (0.25 + level**2) / float(model.scales(sigma[:1]).out ** 2)
        assert model.errors(clean, sigma, noise, None).mean().item() == pytest.approx(missed, rel=0.02)
    if objective == "flow":
        # At t = 1/2 the velocity of a path between two standard normal ends has variance 2.
        assert missed_velocity_at_half(model, clean, noise) == pytest.approx(2.0, rel=0.02)


def missed_velocity_at_half(model, clean, noise):
    return model.errors(clean, torch.full((len(clean),), 0.5), noise, None).mean().item()


def test_noise_levels_are_eq_5_and_end_at_none():
    levels = noise_levels(18, 0.002, 80.0, 7.0)
    number = np.arange(18)
    expected = (80 ** (1 / 7) + number / 17 * (0.002 ** (1 / 7) - 80 ** (1 / 7))) ** 7
    assert levels[:-1] == pytest.approx(expected)
    assert levels[-1] == 0
    assert noise_levels(1, 0.002, 80.0, 7.0) == pytest.approx([80.0, 0.0])


MEAN, SPREAD = 0.3, 0.7


def known_denoiser(noisy, sigma):
    """Return the posterior mean for pixels from N(MEAN, SPREAD**2)."""
    return (SPREAD**2 * noisy + sigma**2 * MEAN) / (SPREAD**2 + sigma**2)


def exact(noisy, first, last):
    """Return the end of the path of known_denoiser, whose distance from the mean follows the total spread."""
    return MEAN + (noisy - MEAN) * math.sqrt((SPREAD**2 + last**2) / (SPREAD**2 + first**2))


def test_the_sampler_solves_the_equation_of_a_gaussian():
    noisy = 80 * torch.randn(3, 1, 4, 4, generator=seeded(), dtype=torch.float64)
    ended = heun(known_denoiser, noisy, noise_levels(200, 0.002, 80.0, 7.0))
    assert torch.allclose(ended, exact(noisy, 80.0, 0.0), rtol=1e-3, atol=1e-3)


def test_the_sampler_is_of_second_order():
    noisy = 10 * torch.randn(3, 1, 4, 4, generator=seeded(), dtype=torch.float64)

    def error(steps):
        levels = noise_levels(steps + 1, 0.1, 10.0, 7.0)[:-1]
        return (heun(known_denoiser, noisy, levels) - exact(noisy, 10.0, 0.1)).abs().max().item()

    orders = [math.log2(error(steps) / error(2 * steps)) for steps in (20, 40, 80)]
    assert orders == pytest.approx([2, 2, 2], abs=0.15)


@pytest.mark.parametrize("whitening", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("stretch", [None, 0.1])
def test_scaling_has_mean_0_and_deviation_a_half_and_goes_back(stretch, whitening):
    images = spanning(correlated(200))
    scaling = Scaling((1, 32, 32), stretch, whitening)
    scaling.fit(torch.split(images, 64))
    scaled = scaling(images)
    assert scaled.mean(0).abs().max().item() < 1e-4
    assert scaled.std(correction=0).item() == pytest.approx(0.5, rel=1e-3)
    assert torch.allclose(scaling.inverse(scaled), images, atol=2e-5)
    assert scaling.inverse(100 * scaled).isfinite().all()


def test_the_stretch_is_the_inverse_hyperbolic_sine_and_keeps_the_ends():
    scaling = Scaling((1, 1, 3), 0.2, 0.0)
    seen = scaling(torch.tensor([0.0, 0.2, 1.0]).reshape(1, 1, 1, 3)).flatten()
    assert seen.tolist() == pytest.approx([0.0, math.asinh(1) / math.asinh(5), 1.0], abs=1e-6)


def correlated(count):
    """Return a Gaussian random field with a steep power spectrum."""
    noise = torch.randn(count, 1, 32, 32, generator=seeded())
    frequency = torch.fft.fftfreq(32)[:, None] ** 2 + torch.fft.rfftfreq(32)[None] ** 2
    return torch.fft.irfft2(torch.fft.rfft2(noise) * torch.exp(-20 * frequency), s=(32, 32))


def test_whitened_modes_have_the_power_that_the_exponent_leaves_them():
    images = correlated(2000)
    before = torch.fft.rfft2(images - images.mean(0)).abs().square().mean(0).flatten().log()
    for whitening in (0.0, 0.5, 1.0):
        scaling = Scaling((1, 32, 32), None, whitening)
        scaling.fit([images])
        after = torch.fft.rfft2(scaling(images)).abs().square().mean(0).flatten().log()
        slope = np.polyfit(before.numpy(), after.numpy(), 1)[0]
        assert slope == pytest.approx(1 - whitening, abs=1e-3)


@pytest.mark.parametrize("shape", [(1, 32, 32), (3, 28, 28)])
def test_each_sample_spans_the_range_of_stamps(shape):
    for rescaled in (True, False):
        model = edm(shape=shape, rescaled=rescaled, stretch=None)
        model.network = GaussianDenoiser(model)
        model.prepare([Batch(0.45 + 0.1 * stamps(64, shape))])
        with torch.no_grad():
            sample = model.sample(3, seeded())
        if rescaled:
            assert torch.equal(sample.amin((1, 2, 3)), torch.zeros(3))
            assert torch.equal(sample.amax((1, 2, 3)), torch.ones(3))
        else:
            assert 0.2 < sample.min() < sample.max() < 0.8


def test_a_seed_gives_the_same_stamps_whatever_the_batch():
    model = edm().eval()
    model.prepare([Batch(stamps())])
    whole, parts = seeded(), seeded()
    with torch.no_grad():
        together = model.sample(5, whole)
        apart = torch.cat([model.sample(count, parts) for count in (2, 3)])
        assert torch.equal(model.draw_latents(4, whole), model.draw_latents(4, parts))
    assert torch.allclose(together, apart, atol=1e-4)


def test_latents_are_noise_that_a_gaussian_keeps_its_directions_of():
    """Where pixels are independent and differ in spread, the strongest directions are those pixels."""
    model = edm(shape=(1, 32, 32), sampler={**SETTINGS["sampler"], "steps": 18})
    spread = torch.full((32, 32), 0.1)
    spread[3, 4], spread[10, 20] = 2.0, 1.0
    model.denoised = lambda noisy, sigma, asked: (
        spread**2 / (spread**2 + sigma[:, None, None, None] ** 2) * noisy
    )
    directions = model.directions(2, seeded())
    assert directions.shape == (2, 1024)
    assert directions[0, 3 * 32 + 4].item() == pytest.approx(1, abs=0.03)
    assert directions[1, 10 * 32 + 20].item() == pytest.approx(1, abs=0.1)
    assert torch.allclose(directions.norm(dim=1), torch.ones(2))


def test_guidance_exaggerates_what_conditions_change():
    guidances = [{"withheld": 0.1, "factor": factor} for factor in (0.0, 1.0, 3.0)]
    models = [edm(conditions=2, guidance=guidance).eval() for guidance in guidances]
    for model in models:  # of a network that conditions change much
        model.network.embedding.asked.weight.data *= 100
    noisy, sigma = torch.randn(2, 1, 32, 32, generator=seeded()), torch.full((2,), 0.7)
    asked = models[0].asked(torch.tensor([[1.0, -1.0], [0.5, math.nan]]), 2)
    with torch.no_grad():
        free, bound, guided = (model._guided(noisy, sigma, asked) for model in models)
        assert torch.allclose(free, models[0].denoised(noisy, sigma, torch.zeros(2, 4)), atol=1e-6)
    assert not torch.allclose(free, bound, atol=1e-3)
    assert torch.allclose(guided, free + 3 * (bound - free), atol=1e-5)


def test_conditions_are_withheld_together_as_often_as_asked():
    seen = []
    model = edm(conditions=2, guidance={"withheld": 0.25, "factor": 1.0})
    model.network.register_forward_hook(lambda layer, given, output: seen.append(given[2]))
    condition = torch.randn(64, 2, generator=seeded())
    for seed in range(10):
        model.training_losses(Batch(stamps(64), condition), "model", seeded(seed))
    asked = torch.cat(seen)
    nothing = (asked == 0).all(1)
    assert nothing.float().mean().item() == pytest.approx(0.25, abs=0.06)
    assert torch.equal(asked[~nothing][:, 2:], torch.ones(int((~nothing).sum()), 2))
    seen.clear()
    model.validation_losses(Batch(stamps(64), condition), seeded())
    assert torch.equal(seen[0][:, :2], condition)


def test_noise_levels_of_a_batch_are_quantiles_of_their_distribution():
    model = edm(noise={"mean": -0.3, "deviation": 1.4})
    generator = seeded()
    logarithms = torch.stack([model.draw_levels(32, generator).log() for _ in range(200)])
    assert logarithms.mean().item() == pytest.approx(-0.3, abs=0.01)
    assert logarithms.std().item() == pytest.approx(1.4, rel=0.01)
    shares, _ = torch.special.ndtr((logarithms + 0.3) / 1.4).sort(1)
    assert torch.allclose(shares.diff(dim=1), torch.full((200, 31), 1 / 32), atol=1e-4)


def test_learned_weights_follow_the_logarithm_of_the_error():
    torch.manual_seed(1)
    weights = LevelWeights()
    sigma = torch.exp(torch.linspace(-3, 2, 64))
    error = 0.1 + sigma / (1 + sigma)
    assert torch.equal(weights.weighted(error, sigma), error), "at first they are all 1"
    optimizer = torch.optim.Adam(weights.parameters(), 0.05)
    for _ in range(400):
        optimizer.zero_grad()
        weights.weighted(error, sigma).mean().backward()
        optimizer.step()
    assert torch.allclose(weights(sigma), error.log(), atol=0.1)


def test_the_validation_loss_is_without_chance_and_without_learned_weights():
    model = edm(learned_weights=True).eval()
    torch.nn.init.constant_(model.level_weights.linear.bias, 3.0)
    with torch.no_grad():
        first, again = (model.validation_losses(Batch(stamps()), seeded())["loss"] for _ in range(2))
        terms = model.training_losses(Batch(stamps()), "model", seeded())
    assert torch.equal(first, again)
    assert torch.equal(first, terms["error"])
    assert terms["loss"].item() == pytest.approx(first.item() * math.exp(-3) + 3, rel=1e-4)


def test_a_killed_training_resumes_bit_for_bit(tmp_path):
    source = ResidentStamps(stamps(48))
    recipe = Recipe(8, 4, Optimizer(1e-3), ema=0.9, keep="best", film=FilmSettings(4, 2))

    def run(name, save_due=never):
        model = edm(learned_weights=True, whitening=0.5)
        model.prepare(source.batches(16))
        store, validation = StateStore(tmp_path / name, "key"), ResidentStamps(source.images[:10])
        return train(model, source, validation, recipe, 1, store, "test", save_due)

    whole = run("whole")
    assert whole.status == "ok"
    assert whole.history[whole.epoch - 1]["validation_loss"] == min(
        r["validation_loss"] for r in whole.history
    )
    for saved, killed in (({3}, 4), ({3}, 5), ({6}, 8)):
        with pytest.raises(Killed):
            run("killed", killed_after(saved, killed))
    resumed = run("killed")
    assert same(whole.weights, resumed.weights)
    assert without_timing(whole.history) == without_timing(resumed.history)
    assert all(torch.equal(a, b) for a, b in zip(whole.film, resumed.film, strict=True))


SIDE = 16  # px, of blobs
AXIS = torch.arange(float(SIDE))


def blob(place, width):
    """Return Gaussians (N, 16, 16) of places along x and widths, (N,) each."""
    squared = (AXIS - place[:, None, None]) ** 2 + (AXIS[:, None] - SIDE / 2) ** 2
    return torch.exp(-squared / (2 * width[:, None, None] ** 2))


def most_alike(images):
    """Return place and width of the blob that is most like each image, and the correlation, (N,) each."""
    parameters = torch.cartesian_prod(torch.linspace(4, 12, 65), torch.linspace(0.6, 2.6, 41))
    likeness = standard(images) @ standard(blob(*parameters.T)).T
    best, index = likeness.max(1)
    return *parameters[index].T, best


def standard(images):
    vectors = images.flatten(1) - images.flatten(1).mean(1, keepdim=True)
    return torch.nn.functional.normalize(vectors)


def test_a_tiny_model_learns_blobs_of_two_parameters(tmp_path):
    places, widths = torch.rand(2, 320, generator=seeded())
    model = edm(
        shape=(1, SIDE, SIDE),
        network_settings={**NETWORK, "fold": 2, "channels": [16], "attention": [], "dropout": 0.0},
        noise={"mean": 0.3, "deviation": 1.0},
        stretch=None,
        sampler={"steps": 10, "sigma_min": 0.2, "sigma_max": 20.0, "rho": 7.0},
    )
    source = ResidentStamps(spanning(blob(5 + 6 * places, 1 + widths)[:, None]))
    model.prepare(source.batches(256))
    recipe = Recipe(
        32, 24, Optimizer(5e-3), schedule=Schedule("exponential", factor=0.1, every=240), ema=0.95
    )
    outcome = train(model, source, source, recipe, 1, StateStore(tmp_path, "key"), "test")
    model.load_state_dict(outcome.weights)
    model.eval()
    with torch.no_grad():
        place, width, likeness = most_alike(model.sample(128, seeded()))
    assert likeness.median().item() > 0.93
    # The deviation of a uniform distribution is its length over the square root of 12.
    assert place.mean().item() == pytest.approx(8, abs=0.7)
    assert place.std().item() == pytest.approx(6 / math.sqrt(12), rel=0.3)
    assert width.mean().item() == pytest.approx(1.5, abs=0.15)
    assert width.std().item() == pytest.approx(1 / math.sqrt(12), rel=0.35)


def test_a_model_takes_networks_of_its_own_kind_alone():
    with pytest.raises(ConfigurationError, match=r"settings\.network is 'danilov': allowed: folded_unet"):
        edm(network="danilov", network_settings={"latent_size": 64})
    gan = {"output": "tanh", "fake": "generator", "smoothing": 0.0, "instance_noise": 0.0}
    settings = {"network": "folded_unet", "network_settings": NETWORK, "discriminator_steps": 1, **gan}
    with pytest.raises(ConfigurationError, match=r"settings\.network is 'folded_unet': allowed: danilov"):
        build_model("gan", settings, (1, 64, 64))


def test_noise_must_fall():
    with pytest.raises(ConfigurationError, match="more than sigma_min"):
        edm(sampler={"steps": 6, "sigma_min": 1.0, "sigma_max": 1.0, "rho": 7.0})


def test_it_knows_the_training_stamps_before_the_training(tmp_path):
    image = stamps(60).numpy()
    split = np.array(["train", "train", "test"] * 20)
    split[:6] = "validation"
    described = Stamps(image, np.zeros(60), np.ones(60), pd.DataFrame(index=range(60)), split)
    write_stamps(tmp_path / "dataset.h5", [described], {})
    recipe = {"batch_size": 8, "epochs": 1, "optimizer": {"learning_rate": 1e-3}}
    carried_out = {
        "device": "cpu",
        "threads": 1,
        "data": "resident",
        "precision": "float32",
        "compile": False,
    }
    settings = Training.model_validate(
        {"dataset": "some", "model": "edm", "family": "edm", "settings": SETTINGS, "seed": 1}
        | {"recipe": recipe, **carried_out}
    )
    prepared = prepare_training(settings, tmp_path / "dataset.h5")
    stretched = np.arcsinh(image[split == "train"] / 0.1) / np.arcsinh(10)
    assert prepared.model.scaling.centre.numpy() == pytest.approx(stretched.mean(0), abs=1e-5)
