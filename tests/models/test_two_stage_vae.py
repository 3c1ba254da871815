"""The second stage of Dai & Wipf (2019): samples are like the data, where those of one stage are noise."""

import numpy as np
import pytest
import torch

from galforge.models.base import latents_at_rest
from galforge.models.batch import Batch
from galforge.models.building import build_model
from galforge.training.data import ResidentStamps
from galforge.training.loop import train
from galforge.training.recipe import Optimizer, Recipe
from galforge.training.state import StateStore


def blobs(count, seed):
    """Return round spots of two widths at random places, (count, 1, 16, 16): as easy as a dataset can be."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:16, :16]
    cx, cy = random.uniform(5, 10, (2, count, 1, 1))
    width = np.where(random.random((count, 1, 1)) < 0.5, 1.5, 3.0)
    image = np.exp(-0.5 * ((x - cx) ** 2 + (y - cy) ** 2) / width**2)
    return torch.from_numpy(image[:, None]).float()


def two_stage(**further):
    torch.manual_seed(4)
    settings = {
        **further,
        "network": "eth_mlp",
        "network_settings": {"hidden_size": 128, "latent_size": 8},
        "reconstruction": {"loss": "mse", "pixel_range": 10, "output": "sigmoid"},
        "divergence": {"weight": 1e-3, "per": "image", "bound": None},
        "second_latent_size": 8,
        "second_hidden_size": 128,
        "second_share": 0.6,
    }
    return build_model("two_stage_vae", settings, (1, 16, 16))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    model = two_stage()
    images = blobs(512, seed=1)
    recipe = Recipe(64, 250, Optimizer(1e-3))
    store = StateStore(tmp_path_factory.mktemp("two_stage"), "key")
    stamps = ResidentStamps(images), ResidentStamps(images[:64])
    outcome = train(model, *stamps, recipe, 1, store, "test", lambda since, took: False)
    assert outcome.status == "ok"
    return model.eval(), images, outcome.history


def spot_likeness(images):
    """Return how well each image is a single spot: correlation with a Gaussian of its own moments."""
    values = images[:, 0].double().numpy()
    y, x = np.mgrid[:16, :16]
    likeness = []
    for image in values:
        weight = np.clip(image - np.median(image), 0, None) ** 2 + 1e-12
        cx, cy = (weight * x).sum() / weight.sum(), (weight * y).sum() / weight.sum()
        spread = (weight * ((x - cx) ** 2 + (y - cy) ** 2)).sum() / weight.sum()
        spot = np.exp(-0.5 * ((x - cx) ** 2 + (y - cy) ** 2) / max(spread, 0.3))
        likeness.append(np.corrcoef(spot.ravel(), image.ravel())[0, 1])
    return np.array(likeness)


def test_samples_of_a_trained_model_are_not_noise(trained):
    model, images, _ = trained
    with torch.no_grad():
        sample = model.sample(256, torch.Generator().manual_seed(1))
        one_stage = model.first.sample(256, torch.Generator().manual_seed(1))
    assert np.median(spot_likeness(images)) > 0.9
    assert np.median(spot_likeness(sample)) > 0.85
    assert np.median(spot_likeness(torch.rand(64, 1, 16, 16))) < 0.3
    # The second stage is what makes it so: the first one's prior decodes worse.
    assert np.median(spot_likeness(sample)) > np.median(spot_likeness(one_stage))


def test_samples_vary_as_the_data_do(trained):
    model, images, _ = trained
    with torch.no_grad():
        sample = model.sample(256, torch.Generator().manual_seed(2))

    def mean_distance(stamps):
        return torch.pdist(stamps.flatten(1)).mean().item()

    assert mean_distance(sample) == pytest.approx(mean_distance(images[:256]), rel=0.35)


def test_second_stage_has_the_latents_moments(trained):
    model, images, _ = trained
    with torch.no_grad():
        latents = latents_at_rest(model.first, Batch(images), torch.Generator().manual_seed(3))
        drawn = model.second.sample(4096, torch.zeros(4096, 0), torch.Generator().manual_seed(3))
    assert drawn.mean(0).numpy() == pytest.approx(latents.mean(0).numpy(), abs=0.3)
    assert drawn.std(0).numpy() == pytest.approx(latents.std(0).numpy(), rel=0.3)


def test_stages_are_trained_one_after_the_other(trained):
    _, _, history = trained
    # 0.4 of 250 epochs for the first stage; an epoch's row has the terms of the stage it trained.
    first = [row["epoch"] for row in history if "train_first_loss" in row]
    second = [row["epoch"] for row in history if "train_second_loss" in row]
    assert max(first) == 100
    assert min(second) == 101


def test_on_means_the_second_stage_never_sees_the_posteriors_width():
    """The failure of Goupil's Fig. 7: what the first decoder was taught with is not among them."""
    images, seen = Batch(blobs(16, seed=2)), {}
    for source in ("draws", "means"):
        model = two_stage(second_input=source, second_layers=2)
        model.second.encoder.register_forward_pre_hook(
            lambda module, given, source=source: seen.update({source: given[0].clone()})
        )
        model.training_losses(images, "second", torch.Generator().manual_seed(1))
        mean = model.first.eval().posterior(images)[0]
        assert torch.equal(seen[source], mean) == (source == "means")
        assert len([part for part in model.second.encoder if isinstance(part, torch.nn.Linear)]) == 2


def test_the_second_stage_leaves_the_first_as_it_was():
    model = two_stage()
    images = blobs(32, seed=2)
    before = {name: value.clone() for name, value in model.first.state_dict().items()}
    model.zero_grad()
    model.training_losses(Batch(images), "second", torch.Generator().manual_seed(1))["loss"].backward()
    assert all(p.grad is None for p in model.first.parameters())
    after = model.first.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
