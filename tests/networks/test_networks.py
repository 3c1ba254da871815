"""The other papers' networks: every row of their tables, and how their losses are weighed."""

import numpy as np
import pytest
import torch
from torch import nn

from galforge.models.batch import Batch
from galforge.models.building import build_model
from galforge.models.vae.losses import reconstruction_error
from galforge.models.vae.settings import Reconstruction
from galforge.networks import registry as networks

COLOUR = (3, 64, 64)
PIXELS = 3 * 64 * 64


def rows(network):
    """Return each layer that the papers' tables name, with what the table says of it."""
    found = []
    for layer in network.modules():
        if isinstance(layer, nn.Linear):
            found.append(("linear", layer.in_features, layer.out_features))
        elif isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            kind = "transpose" if isinstance(layer, nn.ConvTranspose2d) else "conv"
            found.append((kind, layer.in_channels, layer.out_channels, layer.kernel_size[0]))
        elif isinstance(layer, nn.ReLU):
            found.append("relu")
        elif isinstance(layer, nn.MaxPool2d):
            found.append(("pool", layer.kernel_size))
        elif isinstance(layer, nn.Upsample):
            found.append(("upsample", int(layer.scale_factor)))
        elif isinstance(layer, nn.Dropout):
            found.append(("dropout", layer.p))
    return found


@pytest.mark.parametrize(
    ("hidden", "latent", "dropout"), [([10, 5], 2, 0.0), ([40, 20], 10, 0.2)], ids=["Table I", "Table II"]
)
def test_laisney_perceptrons_are_tables_1_and_2(hidden, latent, dropout):
    first, second = hidden
    encoder, decoder = networks.build(
        "laisney_mlp", {"hidden_sizes": hidden, "latent_size": latent, "dropout": dropout}, COLOUR
    )
    assert rows(encoder) == [
        ("dropout", dropout),
        ("linear", PIXELS, first),
        "relu",
        ("linear", first, second),
        ("linear", second, latent),
        ("linear", second, latent),
    ]
    assert rows(decoder) == [
        ("linear", latent, second),
        ("linear", second, first),
        "relu",
        ("linear", first, PIXELS),
    ]


def test_laisney_cnn_is_table_3():
    encoder, decoder = networks.build("laisney_cnn", {"latent_size": 12, "dropout": 0.2}, COLOUR)
    flat = 32 * 13 * 13
    assert rows(encoder) == [
        ("dropout", 0.2), ("conv", 3, 16, 5), "relu", ("pool", 2), ("conv", 16, 32, 5), ("pool", 2), "relu",
        ("linear", flat, 12), ("linear", flat, 12),
    ]  # fmt: skip
    assert rows(decoder) == [
        ("linear", 12, flat), "relu", ("upsample", 2), ("transpose", 32, 16, 5), "relu", ("upsample", 2),
        ("transpose", 16, 3, 5),
    ]  # fmt: skip
    counts = [sum(p.numel() for p in part.parameters()) for part in (encoder, decoder)]
    convolutions = (3 * 16 * 25 + 16) + (16 * 32 * 25 + 32), (32 * 16 * 25 + 16) + (16 * 3 * 25 + 3)
    assert counts == [convolutions[0] + 2 * (flat * 12 + 12), convolutions[1] + 12 * flat + flat]


def test_laisney_first_cnn_has_three_unpooled_convolutions():
    encoder, decoder = networks.build("laisney_cnn_3conv", {"latent_size": 12, "dropout": 0.2}, COLOUR)
    flat = 32 * 52 * 52
    assert [r for r in rows(encoder) if r != "relu"] == [
        ("dropout", 0.2), ("conv", 3, 8, 5), ("conv", 8, 16, 5), ("conv", 16, 32, 5),
        ("linear", flat, 12), ("linear", flat, 12),
    ]  # fmt: skip
    assert [r for r in rows(decoder) if r != "relu"] == [
        ("linear", 12, flat), ("transpose", 32, 16, 5), ("transpose", 16, 8, 5), ("transpose", 8, 3, 5),
    ]  # fmt: skip


@pytest.mark.parametrize("size", [64, 128])
@pytest.mark.parametrize("layers", [3, 8])
def test_goupil_strides_lie_where_the_report_says(layers, size):
    encoder, decoder = networks.build(
        "goupil", {"layers": layers, "latent_size": 20, "filters": 32}, (3, size, size)
    )
    convolutions = [m for m in encoder.modules() if isinstance(m, nn.Conv2d)]
    assert len(convolutions) == layers
    strided = [n for n, c in enumerate(convolutions, 1) if c.stride == (2, 2)]
    assert strided == ([1, 4, 7] if layers == 8 else [1, 2, 3])
    mirrored = [m for m in decoder.modules() if isinstance(m, nn.ConvTranspose2d)]
    assert [(m.in_channels, m.out_channels, m.stride) for m in mirrored] == [
        (c.out_channels, c.in_channels, c.stride) for c in reversed(convolutions)
    ]
    heads = [
        sum(isinstance(m, nn.Linear) for m in head.modules()) for head in (encoder.mean, encoder.log_variance)
    ]
    assert heads == ([2, 2] if layers == 8 else [1, 1])
    assert not any(isinstance(m, nn.ReLU | nn.MaxPool2d) for m in encoder.modules())
    images = torch.zeros(2, 3, size, size)
    mean, _ = encoder(images)
    assert mean.shape == (2, 20)
    assert decoder(mean).shape == images.shape


def test_eth_network_has_a_thousand_units_a_layer():
    encoder, decoder = networks.build("eth_mlp", {"hidden_size": 1000, "latent_size": 64}, (1, 128, 128))
    assert [r for r in rows(encoder) if r != "relu"] == [
        ("linear", 16384, 1000), ("linear", 1000, 1000), ("linear", 1000, 64), ("linear", 1000, 64),
    ]  # fmt: skip
    assert [r for r in rows(decoder) if r != "relu"] == [
        ("linear", 64, 1000), ("linear", 1000, 1000), ("linear", 1000, 16384),
    ]  # fmt: skip


def vae(divergence, loss="bernoulli", pixel_range=1, output="sigmoid", shape=COLOUR, **further):
    torch.manual_seed(1)
    settings = {
        **further,
        "network": "laisney_mlp",
        "network_settings": {"hidden_sizes": [10, 5], "latent_size": 2, "dropout": 0.0},
        "reconstruction": {"loss": loss, "pixel_range": pixel_range, "output": output},
        "divergence": divergence | {"bound": None},
        "sampler": "prior",
    }
    return build_model("vae", settings, shape)


def error_of(values, images, loss, pixel_range, output, log_gamma=None):
    settings = Reconstruction(loss=loss, pixel_range=pixel_range, output=output)
    return reconstruction_error(values, images, settings, log_gamma).item()


def test_laisneys_alpha_is_a_beta_of_0_39_at_a_batch_of_32_colour_stamps():
    """Mean binary cross-entropy plus alpha times the divergence summed over the batch, by hand."""
    model = vae({"weight": 1e-6, "per": "batch"})
    images = torch.rand(32, *COLOUR)
    terms = model.training_losses(Batch(images), "model", torch.Generator().manual_seed(1))
    summed = 32 * terms["divergence"].item()
    assert terms["loss"].item() == pytest.approx(terms["reconstruction"].item() + 1e-6 * summed, rel=1e-6)
    # As a weight in the sum over pixels, per image: what Danilov calls beta.
    assert model.divergence_weight(32) * PIXELS == pytest.approx(0.393, abs=0.001)


def test_uniform_noise_is_never_below_the_posteriors_mean():
    """As in the published code of Laisney et al.: numbers between 0 and 1 instead of N(0, 1)."""
    model = vae({"weight": 1e-6, "per": "batch"}, posterior={"noise": "uniform"})
    seen = []
    model.decoder.register_forward_pre_hook(lambda module, given: seen.append(given[0]))
    images = Batch(torch.rand(64, *COLOUR))
    model.training_losses(images, "model", torch.Generator().manual_seed(1))
    mean, log_variance = model.posterior(images)
    noise = (seen[0] - mean) / torch.exp(log_variance / 2)
    assert noise.min() > -1e-4 and noise.max() < 1 + 1e-4
    assert noise.mean().item() == pytest.approx(0.5, abs=0.1)
    assert noise.std().item() == pytest.approx(12**-0.5, abs=0.05)


def test_goupils_loss_is_mse_of_8_bit_values_plus_the_divergence():
    model = vae({"weight": 1.0, "per": "image"}, loss="mse", pixel_range=255, output="linear")
    images = torch.rand(4, *COLOUR)
    terms = model.training_losses(Batch(images), "model", torch.Generator().manual_seed(1))
    mean, log_variance = model.posterior(Batch(images))
    noise = torch.randn(mean.shape, generator=torch.Generator().manual_seed(1))
    decoded = model.decoder(mean + noise * torch.exp(log_variance / 2))
    mse = ((255 * decoded - 255 * images) ** 2).mean().item()
    assert terms["reconstruction"].item() == pytest.approx(mse, rel=1e-5)
    assert terms["loss"].item() == pytest.approx(mse + terms["divergence"].item(), rel=1e-5)


def test_reconstruction_errors_against_their_definitions():
    logits, images = torch.randn(2, 1, 4, 4), torch.rand(2, 1, 4, 4)
    predicted, true = torch.sigmoid(logits).double().numpy(), images.double().numpy()
    expected = {
        "bernoulli": -(true * np.log(predicted) + (1 - true) * np.log(1 - predicted)).mean(),
        "l1": 10 * np.abs(predicted - true).mean(),
        "mse": 100 * ((predicted - true) ** 2).mean(),
    }
    for loss, value in expected.items():
        pixel_range = 1 if loss == "bernoulli" else 10
        error = error_of(logits, images, loss, pixel_range, "sigmoid")
        assert error == pytest.approx(value, rel=1e-5)
    linear = error_of(logits, images, "l1", 1, "linear")
    assert linear == pytest.approx(np.abs(logits.numpy() - images.numpy()).mean(), rel=1e-5)


def test_gaussian_likelihood_is_that_of_scipy_and_gamma_is_learned():
    from scipy.stats import norm

    logits, images = torch.randn(2, 1, 4, 4), torch.rand(2, 1, 4, 4)
    log_gamma = torch.tensor(-0.7)
    error = error_of(logits, images, "gaussian", 1, "sigmoid", log_gamma)
    difference = (torch.sigmoid(logits) - images).double().numpy()
    assert error == pytest.approx(-norm.logpdf(difference, scale=np.exp(-0.7)).mean(), rel=1e-5)
    model = vae({"weight": 1.0, "per": "pixel"}, loss="gaussian")
    assert model.log_gamma in set(model.parameters())


def test_samples_of_a_linear_output_are_divided_by_their_maximum():
    model = vae({"weight": 1.0, "per": "image"}, loss="mse", output="linear").eval()
    with torch.no_grad():
        latents = torch.randn(5, 2)
        light = model.decoder(latents).clamp(min=0)
        sample = model.decode_sample(latents)
        assert torch.allclose(sample, light / light.amax((1, 2, 3), keepdim=True))
        assert model.decode(latents).min() >= 0
        assert model.decode(latents).max() <= 1
