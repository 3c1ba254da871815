"""The networks that say something of stamps: layers and weights against counts by hand."""

import math

import pytest
import torch
from torch import nn

from galforge.networks import registry as networks
from galforge.networks.eth_cppn.network import places

CLASSIFIER = {"filters": [16, 32, 64, 128], "kernel": 4, "dense": 64}
SCORER = {"filters": [32, 64], "dense": 100, "start": "xavier"}


def parameters(network):
    return sum(p.numel() for p in network.parameters())


def built(name, settings, shape, outputs):
    torch.manual_seed(1)
    return networks.build(name, settings, shape, outputs)


def sides(network, shape):
    """Return the side of the maps after each layer of a kind, for one stamp."""
    found = []
    values = torch.zeros(2, *shape)
    with torch.no_grad():
        for layer in network.layers:
            values = layer(values)
            if isinstance(layer, nn.Conv2d | nn.MaxPool2d):
                found.append((type(layer).__name__, values.shape[-1]))
    return found


def test_goupil_classifier_halves_28_px_to_4_before_its_last_convolution():
    network = built("goupil_classifier", CLASSIFIER, (1, 28, 28), 10).eval()
    assert sides(network, (1, 28, 28)) == [
        ("Conv2d", 28), ("MaxPool2d", 14), ("Conv2d", 14), ("MaxPool2d", 7),
        ("Conv2d", 7), ("MaxPool2d", 4), ("Conv2d", 4), ("MaxPool2d", 2),
    ]  # fmt: skip
    kinds = [type(layer).__name__ for layer in network.layers]
    assert kinds.count("BatchNorm2d") == 3, "between the four convolutions"


def test_goupil_classifier_has_the_weights_of_its_layers():
    convolutions = [(1, 16), (16, 32), (32, 64), (64, 128)]
    expected = sum(4 * 4 * before * after + after for before, after in convolutions)
    expected += 2 * (16 + 32 + 64)  # batch normalization
    expected += (128 * 2 * 2 * 64 + 64) + (64 * 10 + 10)
    assert parameters(built("goupil_classifier", CLASSIFIER, (1, 28, 28), 10)) == expected == 206_234


def test_eth_scorer_has_the_weights_of_its_layers():
    network = built("eth_scorer", SCORER, (1, 140, 140), 1)
    expected = (25 * 1 * 32 + 32) + (25 * 32 * 64 + 64) + (64 * 35 * 35 * 100 + 100) + (100 + 1)
    assert parameters(network) == expected == 7_892_297
    assert sides(network, (1, 140, 140)) == [
        ("Conv2d", 140), ("MaxPool2d", 70), ("Conv2d", 70), ("MaxPool2d", 35),
    ]  # fmt: skip


def test_eth_scorer_starts_as_its_settings_say():
    def weights(start):
        return [
            layer
            for layer in built("eth_scorer", {**SCORER, "start": start}, (1, 140, 140), 1).layers
            if isinstance(layer, nn.Conv2d | nn.Linear)
        ]

    for layer in weights("normal"):
        assert float(layer.weight.detach().std()) == pytest.approx(0.01, rel=0.2)
        assert layer.bias.abs().max() > 0
    for layer in weights("xavier"):
        fan_in = layer.weight[0].numel()
        fan_out = layer.weight.shape[0] * math.prod(layer.weight.shape[2:])
        bound = math.sqrt(6 / (fan_in + fan_out))
        assert 0.8 * bound < float(layer.weight.detach().abs().max()) <= bound
        assert not layer.bias.any()


@pytest.mark.parametrize(("name", "settings"), [("goupil_classifier", CLASSIFIER), ("eth_scorer", SCORER)])
def test_any_stamp_gives_as_many_numbers_as_are_asked_for(name, settings):
    network = built(name, settings, (3, 37, 50), 7).eval()
    assert network(torch.rand(2, 3, 37, 50)).shape == (2, 7)


def test_the_pattern_is_a_function_of_the_place_alone():
    settings = {"hidden_size": 20, "latent_size": 6, "width": 8, "layers": 3}
    torch.manual_seed(1)
    encoder, decoder = networks.build("eth_cppn", settings, (1, 12, 12))
    latents = torch.randn(2, 6)
    with torch.no_grad():
        small, large = decoder(latents), decoder.drawn(latents, 36, 36)
        mean, log_variance = encoder(torch.rand(2, 1, 12, 12))
    assert small.shape == (2, 1, 12, 12) and large.shape == (2, 1, 36, 36)
    assert mean.shape == log_variance.shape == (2, 6)
    # The middle of each pixel is that of the middle one of the nine that it becomes.
    torch.testing.assert_close(large[:, :, 1::3, 1::3], small)
    counted = (6 * 8 + 8) + 3 * 8 + 2 * (8 * 8 + 8) + (8 + 1)
    assert parameters(decoder) == counted


def test_places_are_the_middles_of_pixels():
    found = places(2, 4)
    assert found.shape == (2, 4, 3)
    assert found[0, :, 0].tolist() == [-0.75, -0.25, 0.25, 0.75]
    assert found[:, 0, 1].tolist() == [-0.5, 0.5]
    assert float(found[1, 3, 2]) == pytest.approx(math.hypot(0.75, 0.5))
