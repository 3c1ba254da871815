"""Each model of the configuration against its paper: parameters counted by hand, losses and recipes."""

import itertools

import pytest
import torch

from galforge.configuration.runs import run_pairs
from galforge.configuration.stages.training import training_settings
from galforge.models.base import describe
from galforge.models.batch import Batch
from galforge.models.building import build_model
from tests.helpers.configurations import default, overlaid

DEFAULT = default()
MODELS = DEFAULT["models"]
BOUNDS = (4, 8, 16, 32, 40, 48, 56, 64)  # lambda of Danilov (2020), Eq. 8
FLOWS = [f"danilov_flow_vae_{bound:02}" for bound in BOUNDS]
ADAM = [0.9, 0.999]  # torch's default, where a paper names none


def dense(inputs, outputs):
    return inputs * outputs + outputs


def filters(inputs, outputs, side):
    return inputs * outputs * side**2 + outputs


def danilov():
    """Tables 1 and 2: 4 x 4 filters without bias, batch normalization but on the outermost layers."""
    depths = [1, 64, 128, 256, 512]
    ladder = sum(16 * a * b for a, b in itertools.pairwise(depths))
    encoder = ladder + 16 * 512 * 4096 + 2 * (128 + 256 + 512) + 2 * dense(4096, 64)
    decoder = ladder + 16 * 64 * 512 + 2 * (512 + 256 + 128 + 64)
    return encoder + decoder


def laisney_perceptron(pixels, first, second, latent):
    encoder = dense(pixels, first) + dense(first, second) + 2 * dense(second, latent)
    return encoder + dense(latent, second) + dense(second, first) + dense(first, pixels)


def laisney_cnn(flat=32 * 13 * 13):
    encoder = filters(3, 16, 5) + filters(16, 32, 5) + 2 * dense(flat, 12)
    return encoder + dense(12, flat) + filters(32, 16, 5) + filters(16, 3, 5)


def laisney_cnn_3conv(flat=32 * 52 * 52):
    encoder = filters(3, 8, 5) + filters(8, 16, 5) + filters(16, 32, 5) + 2 * dense(flat, 12)
    decoder = dense(12, flat) + filters(32, 16, 5) + filters(16, 8, 5) + filters(8, 3, 5)
    return encoder + decoder


def goupil_3(size):
    """Three strides from 32 filters on, a dense layer an output; the decoder is the mirror."""
    flat = 128 * (size // 8) ** 2
    encoder = filters(3, 32, 4) + filters(32, 64, 4) + filters(64, 128, 4) + 2 * dense(flat, 20)
    return encoder + dense(20, flat) + filters(128, 64, 4) + filters(64, 32, 4) + filters(32, 3, 4)


def goupil_8(size):
    """Strides at layers 1, 4 and 7, two dense layers an output; the decoder is the mirror."""
    plan = [(3, 32, 4), (32, 32, 3), (32, 32, 3), (32, 64, 4), (64, 64, 3), (64, 64, 3), (64, 128, 4),
            (128, 128, 3)]  # fmt: skip
    flat = 128 * (size // 8) ** 2
    encoder = sum(filters(*layer) for layer in plan) + 2 * (dense(flat, 256) + dense(256, 20))
    decoder = dense(20, 256) + dense(256, flat) + sum(filters(b, a, side) for a, b, side in plan)
    return encoder + decoder


def second_stage(size, latent):
    """Three layers of 1,024 on either side, the input handed on to each side's last layer; gamma."""
    encoder = dense(size, 1024) + 2 * dense(1024, 1024) + 2 * dense(1024 + size, latent)
    decoder = dense(latent, 1024) + 2 * dense(1024, 1024) + dense(1024 + latent, size)
    return encoder + decoder + 1


def eth(pixels=128 * 128):
    encoder = dense(pixels, 1000) + dense(1000, 1000) + 2 * dense(1000, 64)
    return encoder + dense(64, 1000) + dense(1000, 1000) + dense(1000, pixels)


def eth_cppn(pixels=128 * 128):
    """The report's encoder; 32 units of the latent and of a place (no bias), three layers more, a value."""
    encoder = dense(pixels, 1000) + dense(1000, 1000) + 2 * dense(1000, 64)
    return encoder + dense(64, 32) + 3 * 32 + 3 * dense(32, 32) + dense(32, 1)


# Model, the shape of the paper's stamps, parameters.
COUNTS = [
    *((name, (1, 64, 64), danilov()) for name in ("danilov_vae", "danilov_beta_vae", *FLOWS)),
    ("laisney_mlp_vae_1", (3, 64, 64), laisney_perceptron(3 * 64 * 64, 10, 5, 2)),
    ("laisney_mlp_vae_2", (3, 64, 64), laisney_perceptron(3 * 64 * 64, 40, 20, 10)),
    ("laisney_cnn_vae", (3, 64, 64), laisney_cnn()),
    ("laisney_cnn_vae_3conv", (3, 64, 64), laisney_cnn_3conv()),
    ("goupil_vae_3conv", (3, 64, 64), goupil_3(64)),
    ("goupil_vae_8conv", (3, 128, 128), goupil_8(128)),
    ("goupil_two_stage_vae", (3, 128, 128), goupil_8(128) + second_stage(20, 20)),
    ("danilov_two_stage_vae", (1, 64, 64), danilov() + second_stage(64, 64)),
    ("eth_mlp_vae", (1, 128, 128), eth()),
    ("eth_cppn_vae", (1, 128, 128), eth_cppn()),
]


@pytest.mark.parametrize(("name", "shape", "count"), COUNTS, ids=[name for name, *_ in COUNTS])
def test_parameters_are_those_of_the_papers_table(name, shape, count):
    entry = MODELS[name]
    torch.manual_seed(1)
    model = build_model(entry["family"], entry["settings"], shape)
    assert describe(model)["parameters"] == count
    if name == "danilov_vae":
        assert describe(model)["parts"] == {"encoder": 36_834_176, "decoder": count - 36_834_176}
    with torch.no_grad():
        mean, log_variance = model.eval().posterior(Batch(torch.rand(2, *shape)))
        latent = entry["settings"]["network_settings"]["latent_size"]
        assert mean.shape == log_variance.shape == (2, latent)
        assert model.decode(mean).shape == (2, *shape)


def test_every_vae_is_counted():
    vaes = {name for name, entry in MODELS.items() if "network" in entry["settings"]}
    autoencoders = {name for name in vaes if "divergence" in MODELS[name]["settings"]}
    assert {name for name, *_ in COUNTS} == autoencoders


# Weight, what it is on, bound; batch, epochs, rate, decays, schedule; latents.
DANILOV = [0.5, 0.999]
PLATEAU = {"name": "plateau", "factor": 0.1}
CONSTANT = {"name": "constant"}
DECAY = {"name": "exponential", "factor": 0.97, "every": 200, "staircase": False}
PUBLISHED = {
    "danilov_vae": ((1.0, "pixel", None), (32, 300, 1e-6, DANILOV, PLATEAU | {"patience": 25}), 64),
    "danilov_beta_vae": ((1e-2, "pixel", None), (32, 150, 1e-7, DANILOV, CONSTANT), 64),
    **{
        name: ((1.0, "pixel", bound), (32, 120, 1e-6, DANILOV, PLATEAU | {"patience": 30}), 64)
        for name, bound in zip(FLOWS, BOUNDS, strict=True)
    },
    # Epochs of Laisney et al. are those of their published code; the captions of Figs. 6, 7 and 15 say 100.
    "laisney_mlp_vae_1": ((1e-6, "batch", None), (32, 100, 3e-4, ADAM, CONSTANT), 2),
    "laisney_mlp_vae_2": ((1e-6, "batch", None), (32, 20, 3e-4, ADAM, CONSTANT), 10),
    "laisney_cnn_vae": ((1e-6, "batch", None), (32, 10, 3e-4, ADAM, CONSTANT), 12),
    "laisney_cnn_vae_3conv": ((1e-6, "batch", None), (32, 10, 3e-4, ADAM, CONSTANT), 12),
    "goupil_vae_3conv": ((1.0, "image", None), (32, 20, 1e-3, ADAM, DECAY), 20),
    "goupil_vae_8conv": ((1.0, "image", None), (32, 20, 1e-3, ADAM, DECAY), 20),
    "eth_mlp_vae": ((1.0, "pixel", None), (64, 250, 1e-3, ADAM, CONSTANT), 64),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_losses_and_recipes_are_the_papers(name):
    settings, recipe = MODELS[name]["settings"], MODELS[name]["recipe"]
    divergence, (batch, epochs, rate, betas, schedule), latent = PUBLISHED[name]
    assert tuple(settings["divergence"][key] for key in ("weight", "per", "bound")) == divergence
    assert (recipe["batch_size"], recipe["epochs"]) == (batch, epochs)
    assert {"betas": ADAM} | recipe["optimizer"] == {"learning_rate": rate, "betas": betas}
    assert {"name": "constant"} | recipe.get("schedule", {}) == schedule
    assert settings["network_settings"]["latent_size"] == latent
    assert settings["sampler"] == "prior"


def test_the_bad_case_of_the_eth_report_is_a_matter_of_settings():
    settings = MODELS["eth_mlp_vae"]["settings"] | {
        "network_settings": {"hidden_size": 100, "latent_size": 35}
    }
    model = build_model(MODELS["eth_mlp_vae"]["family"], settings, (1, 128, 128))
    pixels = 128 * 128
    encoder = dense(pixels, 100) + dense(100, 100) + 2 * dense(100, 35)
    assert describe(model)["parameters"] == encoder + dense(35, 100) + dense(100, 100) + dense(100, pixels)


# Overlay, dataset, model, stamps to train on, steps.
BUDGETS = [
    ("paper", "cosmos", "danilov_vae", 15_520, 300 * 485),
    ("paper", "cosmos", "danilov_beta_vae", 15_520, 150 * 485),
    *(("paper", "cosmos", name, 15_520, 120 * 485) for name in FLOWS),
    *(("paper_galaxy_zoo", "gz_laisney", f"laisney_{name}", 6_000, epochs * 187)
      for name, epochs in (("mlp_vae_1", 100), ("mlp_vae_2", 20), ("cnn_vae", 10), ("cnn_vae_3conv", 10))),
    ("paper_galaxy_zoo", "gz_laisney_28", "laisney_gan", 6_000, 100 * 500),
    ("paper_galaxy_zoo", "gz_laisney_28", "laisney_gan_noise", 6_000, 10_000),
    ("paper_galaxy_zoo", "gz_progressive", "progressive_wgan", 6_157, 100 * 384),
    ("paper_galaxy_zoo", "simulated_cosmology", "eth_mlp_vae", 2_600, 10_000),
    ("paper_galaxy_zoo", "simulated_cosmology", "eth_dcgan", 2_600, 10_000),
]  # fmt: skip


def budget(overlay, dataset, model):
    config = overlaid(f"config/{overlay}.yaml")
    assert (dataset, model) in run_pairs(config)
    recipe = training_settings(config, dataset, model)["recipe"]
    return config["datasets"][dataset], recipe


@pytest.mark.parametrize(("overlay", "dataset", "model", "stamps", "steps"), BUDGETS)
def test_overlays_train_as_many_steps_as_the_papers(overlay, dataset, model, stamps, steps):
    entry, recipe = budget(overlay, dataset, model)
    assert entry["split"]["train"] == stamps
    assert stamps // recipe["batch_size"] * recipe["epochs"] == steps


@pytest.mark.parametrize(
    ("model", "size"), [("goupil_vae_3conv", 64), ("goupil_vae_8conv", 128), ("goupil_two_stage_vae", 128)]
)
def test_goupils_rate_falls_by_three_powers_of_ten_in_20_epochs(model, size):
    entry, recipe = budget("paper_galaxy_zoo", "gz_goupil" if size == 64 else "gz_goupil_128", model)
    assert entry["stamps"]["size"] == size
    assert "augmentation" not in entry, "the report has none"
    trained = 61_578 * (1 - entry["split"]["validation"] - entry["split"]["test"])
    steps = 20 * int(trained // recipe["batch_size"])
    assert recipe["schedule"]["factor"] ** (steps / recipe["schedule"]["every"]) == pytest.approx(
        1e-3, rel=0.1
    )


def test_the_papers_overlays_have_limits_data_and_precision_of_the_papers():
    cosmos, zoo = (overlaid(f"config/{name}.yaml") for name in ("paper", "paper_galaxy_zoo"))
    limits = cosmos["datasets"]["cosmos"]["selection"]["limits"]
    assert limits["width"]["minimum"] and limits["non_uniformity"]["minimum"], "sections 2.3 and 2.4"
    assert "corner_snr" in limits and "snr" not in limits, "with the border's noise the split does not fit"
    assert zoo["surveys"][zoo["datasets"]["gz_laisney"]["survey"]]["source"] == "galaxy_zoo_2"
    assert {config["training"]["precision"] for config in (cosmos, zoo)} == {"float32"}


def test_epochs_that_are_the_codes_alone_are_said_to_be():
    for name in ("laisney_mlp_vae_2", "laisney_cnn_vae", "laisney_cnn_vae_3conv"):
        assert "epochs" in MODELS[name]["description"] and "published code" in MODELS[name]["description"]
    assert "says 100" in MODELS["laisney_mlp_vae_2"]["description"]


def test_a_guard_of_ours_is_off_where_the_paper_has_divergences():
    config = overlaid("config/paper.yaml")
    for name in FLOWS:
        settings = training_settings(config, "cosmos", name)["settings"]
        assert settings["posterior"]["largest_log_variance"] is None
    assert "posterior" not in training_settings(config, "cosmos", "danilov_beta_vae")["settings"]
