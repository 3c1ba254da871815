"""The VAE of galaxies without PSF and noise: its losses by hand, and galaxies that it deconvolves."""

import numpy as np
import pytest
import torch

from galforge.models.batch import Batch
from galforge.models.building import build_model
from galforge.models.deconvolving_vae.settings import DeconvolvingVAESettings
from galforge.training.data import ResidentStamps
from galforge.training.known import Known
from galforge.training.loop import train
from galforge.training.recipe import Optimizer, Recipe
from galforge.training.state import StateStore
from tests.helpers.published_model import IN_FLUX

SIZE = 16
SETTINGS = IN_FLUX | {"network_settings": {"hidden_size": 64, "latent_size": 4}}


def model_of(conditions=0, **changed):
    torch.manual_seed(1)
    return build_model("deconvolving_vae", SETTINGS | changed, (1, SIZE, SIZE), conditions)


def gaussians(sigma, flux, size=SIZE):
    """Round Gaussians in the middle of a stamp, (N, 1, size, size), of these sigmas (px) and fluxes."""
    line = torch.arange(size) - (size - 1) / 2
    square = line[:, None] ** 2 + line**2
    light = torch.exp(-square / (2 * sigma[:, None, None] ** 2))
    return (flux[:, None, None] * light / light.sum((1, 2), keepdim=True))[:, None]


def psfs(count, sigma=1.5, size=9):
    return gaussians(torch.full((count,), sigma), torch.ones(count), size)


def seeded(seed=1):
    return torch.Generator().manual_seed(seed)


def batch_of(count=6):
    image = gaussians(torch.linspace(1, 2, count), torch.full((count,), 200.0))
    image = image + torch.randn(image.shape, generator=seeded())
    return Batch(image, None, psfs(count), torch.linspace(0.8, 1.2, count))


@pytest.mark.parametrize("relative", [0.0, 0.1])
def test_the_likelihood_in_pixels_is_the_normal_distributions(relative):
    model, batch = model_of(relative_error=relative), batch_of()
    expected = model.observed(model.light(torch.zeros(6, 4)), batch.psf).detach()
    deviation = torch.sqrt(batch.noise[:, None, None, None] ** 2 + (relative * expected) ** 2)
    by_hand = -torch.distributions.Normal(expected, deviation).log_prob(batch.image).mean()
    assert model._likelihood(batch, expected).item() == pytest.approx(by_hand.item(), rel=1e-5)


def test_white_noise_has_the_same_likelihood_in_fourier_space():
    batch = batch_of()
    pixel, fourier = (model_of(likelihood=name, apodisation=0) for name in ("pixel", "fourier"))
    expected = torch.zeros_like(batch.image)
    batch = Batch(batch.image, None, batch.psf, torch.ones(6))
    assert fourier._likelihood(batch, expected).item() == pytest.approx(
        pixel._likelihood(batch, expected).item(), rel=1e-4
    )


def test_the_divergence_costs_nothing_below_the_free_bits_and_its_weight_rises():
    losses = {}
    for free in (0.5, 1e6):
        for step in (0, 9):
            model = model_of(free_bits=free).eval()
            model.encoder.log_variance.bias.data.fill_(-6)  # some nats in each latent
            model.advance(step, 100)
            terms = model.training_losses(batch_of(), "model", seeded())
            losses[free, step] = terms["loss"].item()
            excess = max(terms["divergence"].item() - free * 4, 0) / SIZE**2
            rest = terms["reconstruction"] + 1e-3 * terms["variation"] + terms["border"]
            weight = (step + 1) / 10
            assert terms["loss"].item() == pytest.approx(rest.item() + weight * excess, rel=1e-5)
    assert losses[0.5, 9] > losses[0.5, 0]
    assert losses[1e6, 9] == losses[1e6, 0]


def test_light_is_positive_and_the_psf_keeps_its_flux():
    model = model_of()
    light = model.light(torch.randn(5, 4, generator=seeded()))
    assert light.min() > 0
    middle = gaussians(torch.full((3,), 1.5), torch.tensor([1.0, 10.0, 100.0]))
    seen = model.observed(middle, psfs(3, 1.0))
    assert seen.sum((1, 2, 3)).tolist() == pytest.approx([1.0, 10.0, 100.0], rel=1e-3)


def test_what_the_dataset_was_observed_with_goes_with_the_weights():
    model = model_of(likelihood="fourier")
    correlation = torch.tensor([[0.1, 0.3, 0.1], [0.3, 1.0, 0.3], [0.1, 0.3, 0.1]])
    model.observe(correlation, torch.cat([psfs(1, 1.0), psfs(1, 2.0)]))
    other = model_of(likelihood="fourier")
    other.load_state_dict(model.published_state())
    assert torch.equal(model.mean_psf, other.mean_psf)
    assert torch.equal(model.power, other.power)
    assert model.mean_psf.sum().item() == pytest.approx(1.0, rel=1e-5)
    kernel = np.zeros((SIZE, SIZE))
    kernel[:3, :3] = correlation
    spectrum = np.fft.rfft2(np.roll(kernel, (-1, -1), (0, 1))).real
    assert model.power.numpy() == pytest.approx(np.clip(spectrum, spectrum.max() * 1e-3, None), rel=0.05)


def test_relative_errors_are_of_pixels():
    with pytest.raises(ValueError, match="0 with the likelihood fourier"):
        DeconvolvingVAESettings.model_validate(SETTINGS | {"likelihood": "fourier", "relative_error": 0.1})


def test_galaxies_come_out_without_their_psf_in_their_own_size_and_flux(tmp_path):
    """Gaussians of sigma 1.2 to 2.5 px through a PSF of 1.5 px: what is learnt has the sigma before it."""
    generator = seeded(5)
    count = 768
    sigma = 1.2 + 1.3 * torch.rand(count, generator=generator)
    flux = 400 * 3 ** torch.rand(count, generator=generator)
    psf = psfs(count)
    model = model_of(conditions=2, warmup_steps=50, border_penalty=0.0, relative_error=0.03)
    truth = gaussians(sigma, flux)
    image = model.observed(truth, psf) + torch.randn(truth.shape, generator=generator)
    asked = torch.stack(
        [(sigma - sigma.mean()) / sigma.std(), (flux.log() - flux.log().mean()) / flux.log().std()], 1
    )
    known = Known(asked, torch.ones(count), torch.zeros(count, dtype=torch.long), psf[:1])
    model.observe(torch.ones(1, 1), psf[:1])
    stamps = ResidentStamps(image, known)
    held_out = ResidentStamps(image[:64], Known(asked[:64], known.noise[:64], known.psf_index[:64], psf[:1]))
    store = StateStore(tmp_path, "key")
    with store.locked():
        outcome = train(model, stamps, held_out, Recipe(64, 120, Optimizer(3e-3)), 7, store, "test")
    assert outcome.status == "ok"
    model.eval()
    with torch.no_grad():
        light = model.light(model.encode(next(stamps.batches(256))))
        drawn = model.galaxies(256, seeded(), asked[:256])
    line = torch.arange(SIZE) - (SIZE - 1) / 2

    def size(images):
        profile = images.sum((1, 2))
        return ((profile * line**2).sum(1) / profile.sum(1)).sqrt()

    for images in (light, drawn):
        assert (images.sum((1, 2, 3)) / flux[:256]).median().item() == pytest.approx(1.0, abs=0.05)
        assert (size(images) / size(truth[:256])).median().item() == pytest.approx(1.0, abs=0.08)
        assert np.corrcoef(size(images), sigma[:256])[0, 1] > 0.8
    through = size(model.observed(truth[:256], psf[:256])) / size(truth[:256])
    assert through.median().item() > 1.2, "the stamps themselves are wider than that"
