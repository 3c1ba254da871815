"""The U-Net on folded stamps: shapes, what it sees, and which stamps it refuses."""

import copy

import pytest
import torch

from galforge.configuration.validation import validate_configuration
from galforge.core.errors import ConfigurationError
from galforge.networks import registry as networks
from tests.helpers.configurations import default

SETTINGS = {
    "fold": 4, "thin_channels": 4, "channels": [8, 12, 16], "blocks": 2, "attention": [1], "dropout": 0.0
}  # fmt: skip


def built(shape, asked=0, **settings):
    torch.manual_seed(1)
    return networks.build("folded_unet", SETTINGS | settings, shape, asked).eval()


SIZES = [(1, 28), (3, 32), (1, 64), (3, 128)]  # channels, side


# Without a fold, attention on a large stamp takes long and shows nothing more.
@pytest.mark.parametrize(
    ("channels", "size", "fold"),
    [(*shape, fold) for shape in SIZES for fold in (1, 2, 4) if fold > 1 or shape[1] <= 32],
)
@pytest.mark.parametrize("thin_channels", [0, 4])
def test_it_gives_stamps_of_the_shape_of_those_it_is_given(channels, size, fold, thin_channels):
    network = built((channels, size, size), fold=fold, thin_channels=thin_channels)
    images = torch.randn(2, channels, size, size)
    with torch.no_grad():
        assert network(images, torch.zeros(2)).shape == images.shape


def test_levels_have_their_channels_and_half_of_the_side_each():
    network = built((1, 64, 64))
    seen = []
    for layer in network.modules():
        if type(layer).__name__ == "Block":
            layer.register_forward_hook(lambda layer, given, maps: seen.append(tuple(maps.shape[1:])))
    with torch.no_grad():
        network(torch.randn(1, 1, 64, 64), torch.zeros(1))
    down = [(8, 16, 16)] * 2 + [(12, 8, 8)] * 2 + [(16, 4, 4)] * 2
    up = [(16, 4, 4)] * 3 + [(12, 8, 8)] * 3 + [(8, 16, 16)] * 3
    assert seen == [*down, (16, 4, 4), *up]
    attending = [type(m).__name__ for m in network.modules()].count("Attention")
    assert attending == 2 + 1 + 3, "at the second level, down, up, and in the middle"


def test_it_depends_on_noise_level_and_what_is_asked_from_the_start():
    network = built((1, 64, 64), asked=4)
    images, number, asked = torch.randn(1, 1, 64, 64), torch.zeros(1), torch.zeros(1, 4)
    with torch.no_grad():
        plain = network(images, number, asked)
        assert not torch.allclose(network(images, number + 0.5, asked), plain, atol=1e-5)
        assert not torch.allclose(network(images, number, asked + 1), plain, atol=1e-5)


def seen_rows(output, images):
    """Return which rows of pixels an output depends on."""
    (gradient,) = torch.autograd.grad(output, images)
    return gradient[0, 0].abs().sum(1).nonzero().flatten().tolist()


def test_thin_convolutions_see_over_the_edges_of_the_blocks():
    images = torch.randn(1, 1, 32, 32, requires_grad=True)
    network = built((1, 32, 32))
    thin = torch.nn.functional.pixel_unshuffle(network.thin_input(images), 4)
    assert seen_rows(thin[0, :, 4, 4].sum(), images) == list(range(15, 21)), "the block is rows 16 to 19"
    # Without what comes through the fold, an output pixel at a block's edge still sees its neighbours.
    torch.nn.init.zeros_(network.output.weight)
    output = network(images, torch.zeros(1))
    assert seen_rows(output[0, 0, 15, 15], images) == list(range(13, 18))


@pytest.mark.parametrize(("side", "settings"), [(28, {"fold": 8}), (28, {"fold": 3}), (32, {"fold": 16})])
def test_stamps_that_the_fold_does_not_divide_are_refused(side, settings):
    with pytest.raises(ValueError, match=rf"stamps of {side} x {side} px; allowed: sides that"):
        built((1, side, side), **settings)


def test_the_configuration_refuses_them_in_one_sentence():
    config = copy.deepcopy(default())
    config["runs"] = [
        {"dataset": "simulated_cosmos_28", "models": ["edm"], "settings": {"network_settings": {"fold": 8}}}
    ]
    with pytest.raises(ConfigurationError) as refused:
        validate_configuration(config)
    assert str(refused.value) == (
        "runs: model 'edm' cannot be trained on dataset 'simulated_cosmos_28', whose stamps are 1 x 28 x 28 "
        "(channels, height, width); allowed: sides that network_settings.fold (8) divides, of 32 px or more"
    )
    config["runs"][0]["settings"]["network_settings"]["fold"] = 4
    validate_configuration(config)
