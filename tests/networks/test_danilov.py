"""Danilov (2020): the tables' layers, initialisations and parameter counts, and Eqs. 3, 4, 7."""

import numpy as np
import pytest
import torch
from torch import nn

from galforge.models.batch import Batch
from galforge.models.building import build_model
from galforge.networks.danilov.network import Decoder, Encoder
from galforge.networks.danilov.settings import DanilovSettings

SIZES = DanilovSettings(latent_size=64)

# Layer, channels in, channels out, kernel, stride, padding, as printed in Tables 1 and 2.
TABLE_1 = [
    (1, 64, 4, 2, 1), (64, 128, 4, 2, 1), (128, 256, 4, 2, 1), (256, 512, 4, 2, 1), (512, 4096, 4, 2, 0),
]  # fmt: skip
TABLE_2 = [
    (64, 512, 4, 2, 0), (512, 256, 4, 2, 1), (256, 128, 4, 2, 1), (128, 64, 4, 2, 1), (64, 1, 4, 2, 1),
]  # fmt: skip


def convolutions(network):
    return [m for m in network.modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)]


def kinds(network):
    """Return the torch layer that each layer is."""
    torchs = (nn.Conv2d, nn.ConvTranspose2d)
    bases = (
        next((base for base in torchs if isinstance(layer, base)), type(layer)) for layer in network.layers
    )
    return [base.__name__ for base in bases]


@pytest.mark.parametrize(("network", "table"), [(Encoder(1, SIZES), TABLE_1), (Decoder(1, SIZES), TABLE_2)])
def test_convolutions_are_those_of_the_table(network, table):
    found = [
        (c.in_channels, c.out_channels, c.kernel_size[0], c.stride[0], c.padding[0])
        for c in convolutions(network)
    ]
    assert found == table
    assert all(c.bias is None for c in convolutions(network))


def test_order_of_layers_is_that_of_the_tables():
    conv = ["Conv2d", "BatchNorm2d", "LeakyReLU"]
    assert kinds(Encoder(1, SIZES)) == ["Conv2d", "LeakyReLU", *conv * 3, "Conv2d", "LeakyReLU", "Flatten"]
    transposed = ["ConvTranspose2d", "BatchNorm2d", "LeakyReLU"]
    assert kinds(Decoder(1, SIZES)) == [*transposed * 4, "ConvTranspose2d"]  # the sigmoid is the model's
    slopes = {m.negative_slope for m in Encoder(1, SIZES).modules() if isinstance(m, nn.LeakyReLU)}
    assert slopes == {0.2}


def test_shapes_layer_by_layer():
    images = torch.zeros(2, 1, 64, 64)
    sides = []
    for layer in Encoder(1, SIZES).layers:
        images = layer(images)
        if isinstance(layer, nn.Conv2d):
            sides.append(tuple(images.shape[1:]))
    assert sides == [(64, 32, 32), (128, 16, 16), (256, 8, 8), (512, 4, 4), (4096, 1, 1)]
    latents = torch.zeros(2, 64, 1, 1)
    sides = []
    for layer in Decoder(1, SIZES).layers:
        latents = layer(latents)
        if isinstance(layer, nn.ConvTranspose2d):
            sides.append(tuple(latents.shape[1:]))
    assert sides == [(512, 4, 4), (256, 8, 8), (128, 16, 16), (64, 32, 32), (1, 64, 64)]


def test_parameter_counts_are_those_of_the_paper():
    encoder = sum(i * o * 16 for i, o, *_ in TABLE_1) + 2 * (128 + 256 + 512) + 2 * (4096 * 64 + 64)
    decoder = sum(i * o * 16 for i, o, *_ in TABLE_2) + 2 * (512 + 256 + 128 + 64)
    assert sum(p.numel() for p in Encoder(1, SIZES).parameters()) == encoder == 36_834_176  # "36 million"
    assert sum(p.numel() for p in Decoder(1, SIZES).parameters()) == decoder == 3_279_744


def test_convolutions_start_he_normal_and_the_last_one_xavier_normal():
    torch.manual_seed(1)
    for convolution in [*convolutions(Encoder(1, SIZES)), *convolutions(Decoder(1, SIZES))[:-1]]:
        fan_in = convolution.weight.shape[1] * 16
        assert float(convolution.weight.detach().std()) == pytest.approx(np.sqrt(2 / fan_in), rel=0.05)
    last = convolutions(Decoder(1, SIZES))[-1].weight
    assert float(last.detach().std()) == pytest.approx(np.sqrt(2 / (64 * 16 + 1 * 16)), rel=0.1)


def beta_vae(beta, bound=None, **further):
    torch.manual_seed(2)
    settings = {
        **further,
        "network": "danilov",
        "network_settings": {"latent_size": 64},
        "reconstruction": {"loss": "bernoulli", "pixel_range": 1, "output": "sigmoid"},
        "divergence": {"weight": beta, "per": "pixel", "bound": bound},
        "sampler": "prior",
    }
    return build_model("vae", settings, (1, 64, 64))


@pytest.mark.parametrize("beta", [1.0, 1e-2])
def test_loss_is_eq_7_by_hand(beta):
    model = beta_vae(beta).eval()
    images = torch.rand(3, 1, 64, 64)
    terms = model.training_losses(Batch(images), "model", torch.Generator().manual_seed(5))
    mean, log_variance = model.posterior(Batch(images))
    noise = torch.randn(mean.shape, generator=torch.Generator().manual_seed(5))
    predicted = model.decode(mean + noise * torch.exp(log_variance / 2)).double()
    true = images.double()
    bce_loss = (true * predicted.log() + (1 - true) * (1 - predicted).log()).sum((1, 2, 3))  # Eq. 3
    kl_loss = 0.5 * (1 + log_variance - mean**2 - log_variance.exp()).sum(1)  # Eq. 4
    # Eq. 7 maximises the likelihood and so has its terms negative; what is minimised is its negative.
    expected = -(bce_loss + beta * kl_loss) / 64**2
    assert terms["loss"].item() == pytest.approx(float(expected.detach().mean()), rel=1e-5)
    assert terms["divergence"].item() == pytest.approx(float(-kl_loss.detach().mean()), rel=1e-5)
    assert terms["reconstruction"].item() == pytest.approx(float(-bce_loss.detach().mean()) / 64**2, rel=1e-5)


def test_divergence_of_the_prior_itself_is_zero():
    model = beta_vae(1.0)
    for head in (model.encoder.mean, model.encoder.log_variance):
        nn.init.zeros_(head.weight)
        nn.init.zeros_(head.bias)
    terms = model.training_losses(Batch(torch.rand(4, 1, 64, 64)), "model", torch.Generator().manual_seed(1))
    assert terms["divergence"].item() == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("sampler", ["prior", "gaussian"])
def test_latents_are_drawn_from_the_prior_or_from_a_gaussian_with_the_moments_of_the_latents(sampler):
    """With posteriors that are known: means on a line in two of the latents, variance 0.04."""
    model = beta_vae(1.0)
    model.sampler = sampler
    position = torch.randn(500, 1, 1, 1, generator=torch.Generator().manual_seed(1)).expand(-1, 1, 64, 64)

    def posterior(batch):
        images = batch.image
        mean = torch.zeros(len(images), 64)
        mean[:, 0] = 3 + 2 * images[:, 0, 0, 0]
        mean[:, 1] = -images[:, 0, 0, 0]
        return mean, torch.full_like(mean, np.log(0.04))

    model.posterior = posterior
    model.fit_sampler([Batch(position)])
    drawn = {}
    model.decode = lambda latents, condition: drawn.setdefault("latents", latents)
    model.sample(20_000, torch.Generator().manual_seed(2))
    latents = drawn["latents"].double().numpy()
    mean, covariance = latents.mean(0), np.cov(latents.T)
    expected_mean, expected = np.zeros(64), np.eye(64)
    if sampler == "gaussian":
        values = position[:, 0, 0, 0].double().numpy()
        direction = np.zeros(64)
        direction[:2] = 2, -1
        expected_mean[0] = 3
        expected_mean += direction * values.mean()
        expected = np.outer(direction, direction) * values.var(ddof=1) + 0.04 * np.eye(64)
    assert mean == pytest.approx(expected_mean, abs=0.08)
    assert covariance == pytest.approx(expected, abs=0.15)


@pytest.mark.parametrize("bound", [4, 64])
def test_bounded_divergence_is_eq_8_by_hand(bound):
    """max(-lambda, KL_loss) of the paper, whose KL_loss is negative, image by image."""
    model = beta_vae(1.0, bound).eval()
    images = torch.rand(3, 1, 64, 64)
    terms = model.training_losses(Batch(images), "model", torch.Generator().manual_seed(5))
    mean, log_variance = model.posterior(Batch(images))
    kl_loss = 0.5 * (1 + log_variance - mean**2 - log_variance.exp()).sum(1)
    penalty = torch.clamp(kl_loss, min=-bound).mean().item()
    assert terms["loss"].item() == pytest.approx(terms["reconstruction"].item() - penalty / 64**2, rel=1e-6)
    assert terms["divergence"].item() == pytest.approx(-kl_loss.mean().item(), rel=1e-5)


def test_a_posterior_that_blows_up_is_stopped_before_its_variance_overflows_and_can_come_back():
    model = beta_vae(1.0, bound=None)
    with torch.no_grad():
        model.encoder.log_variance.bias.fill_(1e3)
    terms = model.training_losses(Batch(torch.rand(2, 1, 64, 64)), "model", torch.Generator().manual_seed(1))
    assert all(torch.isfinite(value) for value in terms.values())
    means, log_variances = model.posterior(Batch(torch.rand(2, 1, 64, 64)))
    assert torch.all(log_variances == 6)
    of_the_variances = 0.5 * 64 * (np.exp(6) - 7)
    assert terms["divergence"].item() == pytest.approx(
        of_the_variances + 0.5 * 64 * float(means.detach().square().mean()), rel=0.01
    )
    terms["loss"].backward()
    # Of the divergence: (variance - 1) / 2 a latent and image, mean over images, by the pixels.
    gradient = model.encoder.log_variance.bias.grad
    assert torch.all(gradient > 0)
    assert gradient.mean().item() == pytest.approx(0.5 * (np.exp(6) - 1) / 64**2, rel=0.3)


def test_the_guard_leaves_a_posterior_in_its_range_as_it_is_to_the_bit():
    model = beta_vae(1.0)
    images = torch.rand(3, 1, 64, 64)
    assert torch.equal(model.posterior(Batch(images))[1], model.encoder(images)[1])


def test_without_the_guard_a_posterior_is_as_wide_as_the_encoder_says():
    model = beta_vae(1.0, posterior={"largest_log_variance": None})
    with torch.no_grad():
        model.encoder.log_variance.bias.fill_(40)
    assert model.posterior(Batch(torch.rand(2, 1, 64, 64)))[1].min() > 30


def test_without_batch_normalization_the_tables_convolutions_stay():
    plain = DanilovSettings(latent_size=64, batch_normalization=False)
    for network, table in ((Encoder(1, plain), TABLE_1), (Decoder(1, plain), TABLE_2)):
        assert [(m.in_channels, m.out_channels) for m in convolutions(network)] == [row[:2] for row in table]
        assert not any(isinstance(m, nn.BatchNorm2d) for m in network.modules())


def test_a_constant_start_makes_all_weights_one_value():
    constant = DanilovSettings(latent_size=64, initialization="constant")
    for network in (Encoder(1, constant), Decoder(1, constant)):
        assert all(m.weight.unique().numel() == 1 for m in convolutions(network))
