"""The GANs' networks: every row of Dia et al.'s Table 1, the DCGAN's layers, and the published 28 px ones."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from galforge.networks import registry as networks
from galforge.networks.progressive.network import EqualizedConv2d, PixelNorm, add_deviation

# Table 1 of Dia et al. (2019): filter and output dimensions (side, channels) of each row.
GENERATOR_TABLE = [
    (4, (4, 256)), (3, (4, 256)),
    (3, (8, 128)), (3, (8, 128)),
    (3, (16, 64)), (3, (16, 64)),
    (3, (32, 32)), (3, (32, 32)),
    (3, (64, 16)), (3, (64, 16)),
    (1, (64, 3)),
]  # fmt: skip
DISCRIMINATOR_TABLE = [
    (1, (64, 16)),
    (3, (64, 16)), (3, (64, 32)),
    (3, (32, 32)), (3, (32, 64)),
    (3, (16, 64)), (3, (16, 128)),
    (3, (8, 128)), (3, (8, 256)),
    (3, (4, 256)), (4, (1, 256)),
    (1, (1, 1)),
]  # fmt: skip


def progressive(shape, latent_size, channels, **further):
    settings = {"latent_size": latent_size, "channels": channels, **further}
    return networks.build("progressive", settings, shape)


def dcgan(shape, latent_size, filters):
    return networks.build("dcgan", {"latent_size": latent_size, "filters": filters}, shape)


def laisney_gan(shape, latent_size, filters, kernel_size):
    settings = {"latent_size": latent_size, "filters": filters, "kernel_size": kernel_size}
    return networks.build("laisney_gan", settings, shape)


def rows_of(network, *arguments):
    """Return filter and output dimensions of every convolution, in the order in which they are run."""
    rows, hooks = [], []
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):

            def note(layer, given, output):
                assert output.shape[2] == output.shape[3]
                rows.append((layer.kernel_size[0], (output.shape[2], output.shape[1])))

            hooks.append(layer.register_forward_hook(note))
    output = network(*arguments)
    for hook in hooks:
        hook.remove()
    return rows, output


def parameters(network):
    return sum(p.numel() for p in network.parameters())


def test_the_generator_is_the_left_half_of_table_1():
    generator, _ = progressive((3, 64, 64), 256, 256)
    rows, images = rows_of(generator, torch.randn(4, 256))
    assert rows == GENERATOR_TABLE
    assert images.shape == (4, 3, 64, 64)


def test_the_discriminator_is_the_right_half_of_table_1():
    _, discriminator = progressive((3, 64, 64), 256, 256)
    rows, scores = rows_of(discriminator, torch.rand(4, 3, 64, 64))
    assert rows == DISCRIMINATOR_TABLE
    assert scores.shape == (4,)


def test_parameter_counts_are_those_of_the_table():
    """Weights and a bias a filter in each row; beside them the pictures of the four lower levels."""

    def counted(rows, inputs):
        total = 0
        for kernel, (_, channels) in rows:
            total += kernel**2 * inputs * channels + channels
            inputs = channels
        return total

    generator, discriminator = progressive((3, 64, 64), 256, 256)
    lower = (256, 128, 64, 32)
    assert parameters(generator) == counted(GENERATOR_TABLE, 256) + sum(3 * c + 3 for c in lower)
    # The map of the standard deviation is one more input of the 3 x 3 convolution at 4 x 4.
    expected = counted(DISCRIMINATOR_TABLE, 3) + 9 * 256 + sum(3 * c + c for c in lower)
    assert parameters(discriminator) == expected


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("size", "levels"), [(32, 3), (64, 4), (128, 5)])
def test_every_level_makes_and_takes_pictures_of_its_size(size, levels, channels):
    generator, discriminator = progressive((channels, size, size), 16, 32)
    latents = torch.randn(4, 16)
    for level in range(levels + 1):
        images = generator(latents, level)
        assert images.shape == (4, channels, 4 * 2**level, 4 * 2**level)
        assert discriminator(images, level).shape == (4,)
    assert generator(latents).shape == (4, channels, size, size)


def test_convolutions_resample_where_they_are_asked_to():
    generator, discriminator = progressive((1, 32, 32), 16, 32, resampling="convolutions")
    latents = torch.randn(64, 16)
    for level in range(4):
        assert generator(latents, level).shape == (64, 1, 4 * 2**level, 4 * 2**level)
        assert discriminator(generator(latents, level), level).shape == (64,)
    learned = [m for m in generator.modules() if isinstance(m, torch.nn.ConvTranspose2d)]
    assert [(m.in_channels, m.kernel_size, m.stride) for m in learned] == [
        (channels, (4, 4), (2, 2)) for channels in (32, 16, 8)
    ]
    assert not any(isinstance(m, torch.nn.AvgPool2d) for m in discriminator.modules())
    # Scaled at run time, a transposed convolution, too, leaves the mean square to the ReLU.
    maps = torch.randn(64, 32, 16, 16)
    assert learned[0](maps)[:, :, 2:-2, 2:-2].square().mean().item() == pytest.approx(2, rel=0.25)


def test_fading_in_goes_from_the_level_below_to_the_level_in_both_networks():
    torch.manual_seed(1)
    generator, discriminator = progressive((1, 32, 32), 16, 32)
    latents = torch.randn(4, 16)
    below, whole = generator(latents, 1), generator(latents, 2)
    enlarged = below.repeat_interleave(2, 2).repeat_interleave(2, 3)
    for share in (0.0, 0.3, 1.0):
        faded = generator(latents, 2, torch.tensor(share))
        assert torch.allclose(faded, (1 - share) * enlarged + share * whole, atol=1e-6)
    images = torch.rand(4, 1, 16, 16)
    halved = images.reshape(4, 1, 8, 2, 8, 2).mean((3, 5))
    assert torch.allclose(discriminator(images, 2, torch.tensor(0.0)), discriminator(halved, 1), atol=1e-5)
    assert torch.allclose(discriminator(images, 2, torch.tensor(1.0)), discriminator(images, 2), atol=1e-5)


def test_scaled_weights_keep_the_variance_of_what_passes_a_relu():
    torch.manual_seed(1)
    layer = EqualizedConv2d(64, 64, 3, 1)
    assert layer.weight.std().item() == pytest.approx(1.0, abs=0.02)
    assert layer.scale == pytest.approx(math.sqrt(2 / (64 * 9)))
    maps = torch.randn(4, 64, 32, 32)
    expected = F.conv2d(maps, layer.weight * math.sqrt(2 / 576), layer.bias, padding=1)
    assert torch.allclose(layer(maps), expected)
    assert F.relu(layer(maps)).square().mean().item() == pytest.approx(1.0, abs=0.1)


def test_pixel_norm_gives_each_pixel_features_of_mean_square_1():
    maps = 7 * torch.randn(2, 16, 4, 4)
    values = maps.double().numpy()
    expected = values / np.sqrt((values**2).mean(1, keepdims=True) + 1e-8)
    assert np.allclose(PixelNorm()(maps).numpy(), expected, atol=1e-5)


def test_the_added_map_is_the_mean_deviation_over_each_group_of_four():
    maps = torch.randn(8, 3, 2, 2)
    added = add_deviation(maps)
    assert torch.equal(added[:, :3], maps)
    values = maps.double().numpy()
    for first in (0, 1):
        members = [first, first + 2, first + 4, first + 6]
        expected = np.sqrt(values[members].var(0) + 1e-8).mean()
        assert np.allclose(added[members, 3].numpy(), expected, atol=1e-6)
    # A batch that four does not divide is one group.
    odd = add_deviation(maps[:7])
    assert np.allclose(odd[:, 3].numpy(), np.sqrt(values[:7].var(0) + 1e-8).mean(), atol=1e-6)


@pytest.mark.parametrize(("size", "widest"), [(64, 512), (128, 1024)])
def test_the_dcgan_has_its_examples_layers(size, widest):
    generator, discriminator = dcgan((3, size, size), 100, 64)
    depths = [widest // 2**n for n in range(int(math.log2(widest // 64)) + 1)]
    rows, images = rows_of(discriminator, torch.rand(2, 3, size, size))
    halved = [size // 2 ** (n + 1) for n in range(len(depths))]
    assert rows == [(4, pair) for pair in zip(halved, depths[::-1], strict=True)] + [(4, (1, 1))]
    made = [m for m in generator.modules() if isinstance(m, nn.ConvTranspose2d)]
    assert [(m.in_channels, m.out_channels) for m in made] == list(
        zip([100, *depths], [*depths, 3], strict=True)
    )
    assert all(m.kernel_size == (4, 4) and m.bias is None for m in made)
    norms = [
        sum(isinstance(m, nn.BatchNorm2d) for m in part.modules()) for part in (generator, discriminator)
    ]
    assert norms == [len(depths), len(depths) - 1]
    assert generator(torch.randn(2, 100)).shape == (2, 3, size, size)
    weights = torch.cat([m.weight.flatten() for m in made])
    assert weights.std().item() == pytest.approx(0.02, rel=0.02)
    assert images.shape == (2,)


def test_the_dcgan_of_64_px_has_the_examples_parameters():
    generator, discriminator = dcgan((3, 64, 64), 100, 64)
    transposed = 16 * (100 * 512 + 512 * 256 + 256 * 128 + 128 * 64 + 64 * 3)
    convolved = 16 * (3 * 64 + 64 * 128 + 128 * 256 + 256 * 512 + 512)
    assert parameters(generator) == transposed + 2 * (512 + 256 + 128 + 64) == 3_576_704
    assert parameters(discriminator) == convolved + 2 * (128 + 256 + 512) == 2_765_568


def test_laisneys_networks_are_those_of_its_published_code():
    generator, discriminator = laisney_gan((3, 28, 28), 6272, 128, 1)
    dense = [m for m in generator.layers if isinstance(m, nn.Linear)]
    assert [(m.in_features, m.out_features) for m in dense] == [(6272, 6272)]
    rows, images = rows_of(generator, torch.randn(2, 6272))
    assert rows == [(1, (14, 128)), (1, (28, 128)), (1, (28, 128)), (1, (28, 128)), (1, (28, 3))]
    rows, scores = rows_of(discriminator, images)
    assert rows == [(5, (24, 32)), (5, (20, 64)), (5, (16, 128)), (5, (12, 256))]
    last = [m for m in discriminator if isinstance(m, nn.Linear)]
    assert [(m.in_features, m.out_features) for m in last] == [(36864, 1)]
    assert scores.shape == (2,)


def test_the_published_generator_can_make_nothing_but_squares_of_16_pixels():
    torch.manual_seed(1)
    for kernel, same in ((1, True), (3, False)):
        generator, _ = laisney_gan((1, 28, 28), 16, 16, kernel)
        squares = generator(torch.randn(2, 16)).reshape(2, 1, 7, 4, 7, 4)
        corner = squares[:, :, :, :1, :, :1].expand_as(squares)
        assert torch.allclose(squares, corner, atol=1e-6) == same


def test_the_mended_generator_frames_no_stamp():
    torch.manual_seed(1)
    generator, _ = laisney_gan((1, 28, 28), 16, 16, 3)
    even = torch.randn(2, 16, 1, 1).expand(-1, -1, 7, 7).flatten(1)  # the same everywhere in the first maps
    stamps = generator.layers[1:](even)
    assert torch.allclose(stamps, stamps[:, :, :1, :1].expand_as(stamps), atol=1e-6)
