"""The flow over latents: a density, against zuko and by autograd; what it learns; its draws, had again."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from galforge.models.flow_settings import LARGEST_SIZE, FlowSettings
from galforge.models.latent_flow import STANDARDISING_BATCHES, LatentFlow

KINDS = ["maf", "spline"]


def settings(kind="maf", layers=3, hidden=(32, 32), share=0.3):
    return FlowSettings(kind=kind, layers=layers, hidden=hidden, share=share)


def flow(size, features=0, seed=1, **rest):
    torch.manual_seed(seed)
    built = LatentFlow(size, features, settings(**rest))
    with torch.no_grad():  # so that it is far from the identity
        for weight in built.parameters():
            weight.mul_(1.5)
    return built


def generator(seed=1):
    return torch.Generator().manual_seed(seed)


def moved(built):
    """Return a flow with a location and spread other than 0 and 1."""
    size = built.size
    latents = torch.randn(500, size, generator=generator(9)) * torch.linspace(0.4, 1.5, size) + 0.7
    built.standardise(latents)
    return built


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("features", [0, 3])
def test_the_density_integrates_to_one(kind, features):
    built = moved(flow(2, features, kind=kind))
    line = torch.linspace(-14, 14, 401)
    grid = torch.cartesian_prod(line, line)
    given = torch.tensor([0.4, -1.0, 1.0]).expand(len(grid), -1) if features else None
    with torch.no_grad():
        density = built.log_probability(grid, given).double().exp()
    assert density.sum().item() * (28 / 400) ** 2 == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("kind", KINDS)
def test_the_density_is_zukos_and_that_of_the_change_of_variables(kind):
    built = moved(flow(4, 2, kind=kind)).double()
    # The function itself is in float32, whose Jacobian is not exact enough.
    latents, given = torch.randn(5, 4).double(), torch.randn(5, 2).double()
    standard = (latents - built.location) / built.spread
    expected = built.flow(given).log_prob(standard) - built.spread.log().sum()
    for stamp in range(5):

        def noise_of(latent, stamp=stamp):
            return built.flow.transform(given[stamp])((latent - built.location) / built.spread)

        jacobian = torch.autograd.functional.jacobian(noise_of, latents[stamp])
        noise = noise_of(latents[stamp])
        base = -0.5 * (noise.square() + np.log(2 * np.pi)).sum()
        by_hand = base + torch.linalg.slogdet(jacobian).logabsdet
        assert by_hand.item() == pytest.approx(expected[stamp].item(), abs=1e-8)
    single = built.float().log_probability(latents.float(), given.float())
    assert torch.allclose(single.double(), expected, atol=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_draws_are_those_of_the_noise_and_go_back_to_it(kind):
    built = moved(flow(6, 2, kind=kind))
    given = torch.randn(50, 2)
    with torch.no_grad():
        drawn = built.sample(50, given, generator(4))
        noise = built.flow.transform(given)((drawn - built.location) / built.spread)
    assert drawn.shape == (50, 6)
    assert torch.allclose(noise, torch.randn(50, 6, generator=generator(4)), atol=1e-3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [1, 6])
def test_all_chance_is_the_generators_and_the_weights_bring_the_orders_along(kind, size):
    built, other = (moved(flow(size, kind=kind, seed=seed)) for seed in (1, 2))
    with torch.no_grad():
        torch.manual_seed(5)
        first = built.sample(20, None, generator())
        torch.manual_seed(6)
        assert torch.equal(built.sample(20, None, generator()), first)
        assert not torch.equal(built.sample(20, None, generator(2)), first)
        assert not torch.equal(other.sample(20, None, generator()), first)
        other.load_state_dict(built.state_dict())
        assert torch.equal(other.sample(20, None, generator()), first)


def test_each_layer_has_an_order_of_its_own():
    orders = {tuple(layer.order.tolist()) for layer in flow(8, layers=8).flow.transform.transforms}
    assert len(orders) == 8
    assert all(sorted(order) == list(range(8)) for order in orders)


@pytest.mark.parametrize("features", [0, 3])
@pytest.mark.parametrize("count", [1, 5])
def test_a_draw_is_zukos_to_the_last_bit(features, count):
    built = moved(flow(4, features, layers=2))
    noise, given = torch.randn(count, 4), torch.randn(count, 3) if features else None
    with torch.no_grad():
        zukos = built.flow.transform(given).inv(noise) * built.spread + built.location
        assert torch.equal(built.latents_of(noise, given), zukos)


def test_the_loss_is_the_mean_over_latents_of_all_components_together():
    built = flow(5).eval()
    latents = torch.randn(40, 5)
    loss = built.losses(latents, None, generator())["loss"]
    assert loss.item() == pytest.approx(-built.log_probability(latents).mean().item())
    # Of a Gaussian, of which nothing is left to learn: its entropy, 5 components long.
    with torch.no_grad():
        for weight in built.parameters():
            weight.zero_()
    loss = built.losses(torch.randn(100_000, 5, generator=generator()), None, generator())["loss"]
    assert loss.item() == pytest.approx(2.5 * (1 + np.log(2 * np.pi)), abs=0.02)


def test_location_and_spread_are_those_of_the_first_batches_and_then_stay():
    built = flow(3)
    batches = 2 + torch.randn(STANDARDISING_BATCHES, 16, 3, generator=generator()) * torch.tensor([1, 5, 0.1])
    batches += torch.randn(STANDARDISING_BATCHES, 1, 3, generator=generator(2))  # means that differ
    built.eval()
    built.losses(batches[0], None, generator())
    assert torch.equal(built.location, torch.zeros(3))
    built.train()
    for number, batch in enumerate(batches, 1):
        built.losses(batch, None, generator())
        seen = batches[:number].reshape(-1, 3).double().numpy()
        assert built.location.numpy() == pytest.approx(seen.mean(0), rel=1e-4)
        assert built.spread.numpy() == pytest.approx(seen.std(0), rel=1e-4)
    location, spread = built.location.clone(), built.spread.clone()
    built.losses(batches[0] + 50, None, generator())
    assert torch.equal(built.location, location)
    assert torch.equal(built.spread, spread)


def test_standardising_at_once_is_for_good():
    built = flow(3)
    latents = 4 + 2 * torch.randn(1000, 3)
    built.standardise(latents)
    built.losses(torch.randn(16, 3), None, generator())
    assert built.location.numpy() == pytest.approx(latents.numpy().mean(0), rel=1e-5)
    assert built.spread.numpy() == pytest.approx(latents.numpy().std(0), rel=1e-5)


def test_a_component_that_does_not_vary_gives_no_infinity():
    built = flow(3)
    latents = torch.randn(64, 3)
    latents[:, 1] = 0.3
    for _ in range(2):
        assert torch.isfinite(built.losses(latents, None, generator())["loss"])
    drawn = built.sample(10, None, generator()).detach()
    assert drawn[:, 1].numpy() == pytest.approx([0.3] * 10, abs=1e-3)


def trained(built, latents, features=None, steps=300, rate=5e-3):
    optimizer = torch.optim.Adam(built.parameters(), rate)
    draw = generator(8)
    for _ in range(steps):
        rows = torch.randint(len(latents), (256,), generator=draw)
        optimizer.zero_grad()
        built.losses(latents[rows], None if features is None else features[rows], draw)["loss"].backward()
        optimizer.step()
    return built.eval()


def ring(count, seed):
    draw = generator(seed)
    angle = 2 * torch.pi * torch.rand(count, generator=draw)
    radius = 3 + 0.2 * torch.randn(count, generator=draw)
    return torch.stack([10 + radius * torch.cos(angle), radius * torch.sin(angle)], 1)


def energy_distance(first, second):
    """2 E|x - y| - E|x - x'| - E|y - y'|: 0 for equal distributions."""
    between = torch.cdist(first, second).mean()
    return (2 * between - torch.cdist(first, first).mean() - torch.cdist(second, second).mean()).item()


@pytest.mark.parametrize("kind", KINDS)
def test_a_ring_is_learnt_in_a_few_hundred_steps(kind):
    torch.manual_seed(4)  # of two components there are but two orders, and both are needed
    built = LatentFlow(2, 0, settings(kind, layers={"maf": 6, "spline": 2}[kind]))
    latents, fresh = ring(4000, 1), ring(2000, 2)
    built.standardise(latents)
    with torch.no_grad():
        untrained = energy_distance(built.sample(2000, None, generator()), fresh)
    trained(built, latents)
    with torch.no_grad():
        drawn = built.sample(2000, None, generator())
    floor = energy_distance(ring(2000, 3), fresh)
    learnt = energy_distance(drawn, fresh)
    assert floor < 0.01
    assert untrained > 0.1  # as of a Gaussian with the ring's moments
    assert learnt < 0.03
    # A Gaussian would put a third of its draws within this radius of the centre.
    inside = ((drawn - torch.tensor([10.0, 0])).norm(dim=1) < 2).float().mean()
    assert inside < 0.15


@pytest.mark.parametrize("kind", KINDS)
def test_the_mean_moves_with_the_feature_and_what_is_missing_is_filled_in(kind):
    """Features are a value and whether it is known; without it, all values are possible."""
    torch.manual_seed(3)
    draw = generator(1)
    value = torch.randn(4000, generator=draw)
    latents = torch.stack([2 * value, torch.zeros(4000)], 1) + 0.3 * torch.randn(4000, 2, generator=draw)
    known = (torch.rand(4000, generator=draw) < 0.7).float()
    built = LatentFlow(2, 2, settings(kind))
    trained(built, latents, torch.stack([value * known, known], 1))

    def draws(asked, is_known):
        with torch.no_grad():
            return built.sample(4000, torch.tensor([[asked, is_known]]).expand(4000, 2), generator(2)).numpy()

    for asked in (-1.0, 0.0, 1.0):
        drawn = draws(asked, 1.0)
        assert drawn.mean(0) == pytest.approx([2 * asked, 0], abs=0.2)
        assert drawn.std(0) == pytest.approx([0.3, 0.3], abs=0.15)
    assert draws(0.0, 0.0).std(0) == pytest.approx([np.hypot(2, 0.3), 0.3], rel=0.25)


def test_autocast_leaves_the_flow_in_float32():
    built = moved(flow(4, 2))
    latents, given = torch.randn(20, 4).bfloat16(), torch.randn(20, 2).bfloat16()
    expected = built.log_probability(latents.float(), given.float())
    with torch.autocast("cpu", torch.bfloat16):
        found = built.log_probability(latents, given)
        drawn = built.sample(20, given, generator())
    assert found.dtype == drawn.dtype == torch.float32
    assert torch.equal(found, expected)


def test_a_flow_can_be_described_without_memory():
    """As a record's model is, before memory is taken for its weights."""
    with torch.device("meta"):
        described = LatentFlow(6, 2, settings()).state_dict()
    real = flow(6, 2).state_dict()
    assert all(value.device.type == "meta" for value in described.values())
    assert {name: value.shape for name, value in described.items()} == {
        name: value.shape for name, value in real.items()
    }


def test_features_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="on 2 features, and is given 3"):
        flow(4, 2).sample(5, torch.randn(5, 3), generator())
    with pytest.raises(ValueError, match="on 2 features, and is given 0"):
        flow(4, 2).log_probability(torch.randn(5, 4))
    with pytest.raises(ValueError, match=f"at most {LARGEST_SIZE}"):
        LatentFlow(LARGEST_SIZE + 1, 0, settings())


@pytest.mark.parametrize(
    ("key", "value"),
    [("kind", "nsf"), ("layers", 0), ("layers", 8.0), ("hidden", []), ("hidden", [0]), ("share", 1)],
)
def test_settings_out_of_bounds_are_refused(key, value):
    values = {"kind": "maf", "layers": 8, "hidden": [256, 256], "share": 0.3}
    assert FlowSettings.model_validate(values).model_dump(mode="json") == values
    with pytest.raises(ValidationError) as refused:
        FlowSettings.model_validate(values | {key: value})
    assert refused.value.errors()[0]["loc"][0] == key
