"""A VAE whose latents are drawn from a normalizing flow: a phase of its own, resumed like any other."""

import pytest
import torch

from galforge.models.batch import Batch
from galforge.models.building import build_model
from galforge.training.data import ResidentStamps
from galforge.training.loop import train
from galforge.training.recipe import Optimizer, Recipe
from galforge.training.state import StateStore
from tests.helpers.tiny_training import Killed, killed_after, never, same

SETTINGS = {
    "network": "eth_mlp",
    "network_settings": {"hidden_size": 32, "latent_size": 2},
    "reconstruction": {"loss": "mse", "pixel_range": 20, "output": "sigmoid"},
    "divergence": {"weight": 1e-3, "per": "pixel", "bound": None},
    "sampler": "flow",
    "flow": {"kind": "maf", "layers": 3, "hidden": [32], "share": 0.5},
}
RECIPE = Recipe(64, 60, Optimizer(3e-3), keep="best")


def two_kinds(count=512):
    """Stamps that are either faint or bright, each with a level of its own."""
    generator = torch.Generator().manual_seed(1)
    level = 0.2 + 0.6 * (torch.rand(count, generator=generator) < 0.5)
    level = level + 0.02 * torch.randn(count, generator=generator)
    return level[:, None, None, None].expand(-1, 1, 8, 8).contiguous()


def model_of(**changed):
    torch.manual_seed(2)
    return build_model("vae", SETTINGS | changed, (1, 8, 8))


def trained(folder, model, save_due=never):
    stamps = two_kinds()
    store = StateStore(folder, "key")
    with store.locked():
        sources = ResidentStamps(stamps[:448]), ResidentStamps(stamps[448:])
        return train(model, *sources, RECIPE, 7, store, "test", save_due)


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    model = model_of()
    result = trained(tmp_path_factory.mktemp("flow"), model)
    model.load_state_dict(result.weights)
    return model.eval(), result


def between(model):
    """Return the share of samples whose level is that of neither kind."""
    with torch.no_grad():
        level = model.sample(2000, torch.Generator().manual_seed(3)).mean((1, 2, 3))
    return ((level > 0.35) & (level < 0.65)).float().mean().item()


def test_samples_are_of_one_kind_or_the_other_which_a_gaussian_cannot_do(outcome, tmp_path):
    model, _ = outcome
    gaussian = model_of(sampler="gaussian", flow=None)
    gaussian.load_state_dict(
        {name: value for name, value in model.state_dict().items() if not name.startswith("flow.")}
    )
    with torch.no_grad():
        gaussian.eval().fit_sampler([Batch(two_kinds())])
    assert between(model) < 0.1
    assert between(gaussian) > 2 * between(model)


def test_the_network_rests_while_the_flow_is_trained(outcome):
    _, result = outcome
    phases = [("train_model_loss" in row, "train_flow_loss" in row) for row in result.history]
    assert phases == [(True, False)] * 30 + [(False, True)] * 30
    losses = [row["validation_network_loss"] for row in result.history[30:]]
    assert max(losses) == min(losses)
    flow = [row["validation_flow_loss"] for row in result.history]
    assert result.epoch == 1 + min(range(30, 60), key=flow.__getitem__), "the flow's best epoch is published"
    assert flow[result.epoch - 1] < flow[30] - 0.3


def test_a_killed_training_resumes_in_the_flows_phase_to_the_same_weights(outcome, tmp_path):
    _, whole = outcome
    with pytest.raises(Killed):
        trained(tmp_path, model_of(), killed_after({250}, 300))
    assert same(trained(tmp_path, model_of()).weights, whole.weights)
