"""The residual networks of Lanusse et al. (2020): stages, channels, the PSF, and that they learn."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from galforge.core.errors import ConfigurationError
from galforge.networks import registry as networks
from galforge.networks.lanusse.network import ChannelNorm
from galforge.networks.lanusse.settings import LanusseSettings

PAPER = {
    "latent_size": 16,
    "channels": 16,
    "maximum_channels": 512,
    "residual_layers": 2,
    "dropout": 0.1,
    "uses_psf": True,
}
SMALL = PAPER | {"channels": 4, "maximum_channels": 16, "latent_size": 5}


def pair(shape, **settings):
    torch.manual_seed(1)
    return networks.build("lanusse", SMALL | settings, shape)


def outputs(network, kinds, *arguments):
    """Return channels and side of what each layer of some kinds puts out, in the order they are run."""
    found = []

    def note(layer, given, output):
        found.append((output.shape[1], output.shape[2]))

    chosen = [layer for layer in network.modules() if isinstance(layer, kinds)]
    hooks = [layer.register_forward_hook(note) for layer in chosen]
    network(*arguments)
    for hook in hooks:
        hook.remove()
    return found


@pytest.mark.parametrize(
    ("size", "stages"),
    [
        (64, [(32, 32), (64, 16), (128, 8), (256, 4), (512, 2), (512, 1)]),
        (128, [(32, 64), (64, 32), (128, 16), (256, 8), (512, 4), (512, 2), (512, 1)]),
    ],
)
def test_stages_of_the_encoder_and_its_mirror_are_those_of_the_released_configuration(size, stages):
    encoder, decoder = networks.build("lanusse", PAPER, (1, size, size))
    images, psf = torch.rand(1, 1, size, size), torch.rand(1, 1, 21, 21)
    # What is normalized: the embedding, then each stage.
    assert outputs(encoder, ChannelNorm, images, psf) == [(16, size), *stages]
    mirrored = [(channels, side) for channels, side in [(16, size), *stages][-2::-1]]
    assert outputs(decoder, ChannelNorm, torch.randn(1, 16)) == mirrored


def test_residual_convolutions_are_separable_and_the_first_has_twice_the_channels():
    encoder, _ = networks.build("lanusse", PAPER, (1, 64, 64))
    small = [layer for layer in encoder.stages[2].modules() if isinstance(layer, nn.Conv2d)]
    assert [(c.in_channels, c.out_channels, c.kernel_size[0], c.groups) for c in small] == [
        (32, 32, 3, 32), (32, 64, 1, 1), (64, 64, 3, 64), (64, 32, 1, 1),
    ]  # fmt: skip
    strided = [c for c in encoder.modules() if isinstance(c, nn.Conv2d) and c.stride == (2, 2)]
    assert {c.kernel_size for c in strided} == {(4, 4)}
    assert {layer.p for layer in encoder.modules() if isinstance(layer, nn.Dropout)} == {0.1}


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", LanusseSettings.stamp_sizes)
def test_shapes_at_every_size_with_gradients_for_every_weight(size, channels):
    encoder, decoder = pair((channels, size, size))
    images, psf = torch.rand(2, channels, size, size), torch.rand(2, 1, 41, 41)
    mean, log_variance = encoder(images, psf)
    assert mean.shape == log_variance.shape == (2, 5)
    decoded = decoder(mean + log_variance)
    assert decoded.shape == images.shape
    decoded.square().mean().backward()
    for weight in [*encoder.parameters(), *decoder.parameters()]:
        assert torch.isfinite(weight.grad).all()
        assert weight.grad.abs().sum() > 0


def test_the_matrices_between_2_px_and_1_are_the_4_x_4_convolutions():
    torch.manual_seed(2)
    encoder, decoder = pair((1, 32, 32))
    matrix = next(layer for layer in encoder.stages if isinstance(layer, nn.Linear))
    maps = torch.randn(3, matrix.in_features // 4, 2, 2)
    filters = F.pad(matrix.weight.unflatten(1, (-1, 2, 2)), (1, 1, 1, 1), value=7.0)
    expected = F.conv2d(maps, filters, matrix.bias, stride=2, padding=1)
    assert torch.allclose(matrix(maps.flatten(1)), expected.flatten(1), atol=1e-5)
    matrix = next(layer for layer in decoder.stages if isinstance(layer, nn.Linear))
    vectors = torch.randn(3, matrix.in_features, 1, 1)
    filters = F.pad(matrix.weight.T.unflatten(1, (-1, 2, 2)), (1, 1, 1, 1), value=7.0)
    with torch.no_grad():
        matrix.bias.zero_()
    expected = F.conv_transpose2d(vectors, filters, stride=2, padding=1)
    assert torch.allclose(matrix(vectors.flatten(1)), expected.flatten(1), atol=1e-5)


def test_normalization_is_over_the_channels_of_each_pixel():
    maps = 5 + 3 * torch.randn(2, 8, 3, 3)
    normalized = ChannelNorm(8)(maps)
    assert normalized.mean(1).abs().max() < 1e-5
    assert torch.allclose(normalized.var(1, correction=0), torch.ones(2, 3, 3), atol=1e-4)


def test_the_psf_is_seen_centred_whatever_its_size_and_scale():
    encoder, _ = pair((1, 32, 32))
    encoder.eval()
    images, core = torch.rand(2, 1, 32, 32), torch.rand(2, 1, 9, 9)
    seen = encoder(images, core)[0]
    # Zeros about it, a factor, more zeros than the stamp is large: all the same.
    for padding in (1, 5, 20):
        assert torch.allclose(encoder(images, 3 * F.pad(core, [padding] * 4))[0], seen, atol=1e-6)
    assert not torch.allclose(encoder(images, core.flip(0))[0], seen, atol=1e-4)
    assert not torch.allclose(encoder(images, core.roll(1, 3))[0], seen, atol=1e-4)


def test_without_the_psf_none_is_needed_and_with_it_one_is():
    encoder, _ = pair((1, 32, 32), uses_psf=False)
    encoder.eval()
    images = torch.rand(2, 1, 32, 32)
    assert torch.equal(encoder(images)[0], encoder(images, torch.rand(2, 1, 9, 9))[0])
    encoder, _ = pair((1, 32, 32))
    with pytest.raises(ValueError, match="uses_psf"):
        encoder(images)


@pytest.mark.parametrize("shape", [(1, 48, 48), (1, 64, 32)])
def test_a_stamp_that_does_not_halve_down_to_a_pixel_is_refused(shape):
    with pytest.raises(ValueError, match="does not halve"):
        pair(shape)


@pytest.mark.parametrize(
    ("key", "value"), [("dropout", 1), ("channels", 5000), ("uses_psf", 1), ("residual", 2)]
)
def test_settings_out_of_bounds_are_refused_by_name(key, value):
    with pytest.raises(ConfigurationError, match=f"settings.{key}"):
        networks.build("lanusse", SMALL | {key: value}, (1, 32, 32))


def test_only_training_draws_and_the_memory_layout_changes_nothing():
    encoder, decoder = pair((1, 32, 32), dropout=0.5)
    images, psf = torch.rand(2, 1, 32, 32), torch.rand(2, 1, 9, 9)
    assert not torch.equal(encoder(images, psf)[0], encoder(images, psf)[0])
    encoder.eval(), decoder.eval()
    mean = encoder(images, psf)[0]
    assert torch.equal(mean, encoder(images, psf)[0])
    decoded = decoder(mean)
    for network in (encoder, decoder):
        network.to(memory_format=torch.channels_last)
    last = images.contiguous(memory_format=torch.channels_last)
    assert torch.allclose(encoder(last, psf)[0], mean, atol=1e-5)
    assert torch.allclose(decoder(mean), decoded, atol=1e-5)


def test_an_autoencoder_of_spots_learns_in_a_few_steps():
    encoder, decoder = pair((1, 32, 32), uses_psf=False, dropout=0.0)
    place = torch.arange(32.0) - 15.5
    width = torch.linspace(2, 6, 16)[:, None, None, None]
    images = torch.exp(-0.5 * (place[:, None] ** 2 + place**2) / width**2)
    optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], 3e-3)
    for _ in range(160):
        optimizer.zero_grad()
        loss = (F.softplus(decoder(encoder(images)[0])) - images).square().mean()
        loss.backward()
        optimizer.step()
    # What the mean stamp, the best without a look at the stamps, leaves.
    assert loss < 0.5 * (images - images.mean(0)).square().mean()
