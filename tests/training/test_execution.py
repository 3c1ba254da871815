"""Precision and compilation: what is chosen, what is said of it, and what the numbers are."""

import shutil

import pytest
import torch
from torch import nn

from galforge.core.errors import ConfigurationError
from galforge.models.building import build_model
from galforge.training import execution
from galforge.training.execution import EAGER, Execution, choose_execution, operations
from tests.helpers.tiny_training import BATCH, RECIPE, TinyModel, new_model, run, same


class Dense(TinyModel):
    """One matrix product, whose operations can be counted by hand; supports everything."""

    supports_bfloat16 = supports_compile = True

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(64, 10, bias=False)
        self.seen = []

    def phases(self, step, total_steps):
        return ("model",)

    def phase_parameters(self):
        return {"model": [*self.layer.parameters()]}

    def training_losses(self, batch, phase, generator):
        output = self.layer(batch.image.flatten(1))
        self.seen.append(output.dtype)
        return {"loss": output.float().square().mean()}


class Refusing(Dense):
    supports_bfloat16 = supports_compile = False


def test_operations_are_those_of_the_matrix_products():
    """Forward 2 * N * 64 * 10, backward the same for the weights; images need no gradient."""
    assert operations(new_model(Dense), BATCH) == 2 * (2 * 40 * 64 * 10)


def test_counting_and_trying_leave_the_model_as_it_was():
    model = new_model()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    operations(model, BATCH)
    assert same(before, model.state_dict())
    assert all(parameter.grad is None for parameter in model.parameters())


def test_on_a_cpu_auto_is_single_precision_and_compiled_only_if_long_enough(monkeypatch, capsys):
    monkeypatch.setattr(execution.shutil, "which", lambda name: "/usr/bin/c++")
    monkeypatch.setattr(torch, "compile", lambda function, dynamic: function)
    pays = int(execution.COMPILING_PAYS / (2 * (2 * 40 * 64 * 10)))
    assert choose_execution("auto", "auto", new_model(Dense), BATCH, pays - 1) == Execution("float32", False)
    said = capsys.readouterr().err
    assert "training.precision auto: float32" in said
    assert "training.compile auto: no, 60 of 60 Tflop from which on it pays" in said
    assert choose_execution("auto", "auto", new_model(Dense), BATCH, pays).compiled
    assert "training.compile auto: yes" in capsys.readouterr().err
    assert not choose_execution("auto", "auto", new_model(Refusing), BATCH, pays).compiled
    assert "Refusing is not made for it" in capsys.readouterr().err
    monkeypatch.setattr(execution.shutil, "which", lambda name: None)
    assert not choose_execution("auto", "auto", new_model(Dense), BATCH, pays).compiled
    assert "no C++ compiler" in capsys.readouterr().err


def test_what_cannot_be_compiled_is_trained_without_and_a_line_says_why(monkeypatch, capsys):
    def broken(function, dynamic):
        def losses(images, phase, generator):
            raise RuntimeError("no such instruction\nand a long story")

        return losses

    monkeypatch.setattr(torch, "compile", broken)
    assert choose_execution("float32", True, new_model(Dense), BATCH, 1) == EAGER
    line = capsys.readouterr().err
    assert "trained without, compiling it failed (RuntimeError: no such instruction)" in line


def test_bfloat16_reaches_the_layers_of_models_that_support_it_and_no_others():
    chosen = choose_execution("bfloat16", False, new_model(Dense), BATCH, 1)
    model = new_model(Dense)
    loss = chosen.losses(model)(BATCH, "model", torch.Generator())["loss"]
    assert model.seen == [torch.bfloat16]
    assert loss.dtype == torch.float32
    assert model.layer.weight.dtype == torch.float32
    with pytest.raises(ConfigurationError, match=r"precision is 'bfloat16', which Refusing.*auto, float32"):
        choose_execution("bfloat16", False, new_model(Refusing), BATCH, 1)


def vae():
    torch.manual_seed(2)
    settings = {
        "network": "eth_mlp",
        "network_settings": {"hidden_size": 32, "latent_size": 4},
        "reconstruction": {"loss": "bernoulli", "pixel_range": 1, "output": "sigmoid"},
        "divergence": {"weight": 2e-6, "per": "batch", "bound": None},
        "sampler": "prior",
    }
    return build_model("vae", settings, (1, 8, 8))


def test_the_losses_of_a_vae_in_bfloat16_are_those_in_float32_to_two_digits():
    losses = {}
    for precision in ("float32", "bfloat16"):
        model = vae()
        terms = Execution(precision).losses(model)(BATCH, "model", torch.Generator().manual_seed(1))
        assert all(value.dtype == torch.float32 for value in terms.values())
        losses[precision] = {name: value.item() for name, value in terms.items()}
    assert losses["bfloat16"] == pytest.approx(losses["float32"], rel=2e-2)
    assert losses["bfloat16"] != losses["float32"]


@pytest.mark.skipif(not (shutil.which("g++") or shutil.which("clang++")), reason="no C++ compiler here")
def test_compiled_losses_and_gradients_are_the_eager_ones():
    gradients, losses = [], []
    for compiled in (False, True):
        model = vae()
        terms = Execution("float32", compiled).losses(model)(BATCH, "model", torch.Generator().manual_seed(1))
        terms["loss"].backward()
        losses.append(terms["loss"].item())
        gradients.append([p.grad for p in model.parameters()])
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    for eager, other in zip(*gradients, strict=True):
        torch.testing.assert_close(eager, other, rtol=1e-4, atol=1e-7)


def test_the_effective_beta_of_a_sum_over_the_batch_grows_with_it():
    """alpha * (sum of KL over the batch) beside a mean over pixels: beta = alpha * batch * pixels."""
    model = vae()
    assert model.effective_settings(32) == {"effective_beta": pytest.approx(2e-6 * 32 * 64)}
    batch, generator = BATCH.rows(slice(32)), torch.Generator()
    terms = {name: value.item() for name, value in model.training_losses(batch, "m", generator).items()}
    beta = model.effective_settings(32)["effective_beta"]
    assert terms["loss"] * 64 == pytest.approx(
        terms["reconstruction"] * 64 + beta * terms["divergence"], rel=1e-5
    )


def test_a_training_takes_the_losses_that_it_is_given(tmp_path):
    reduced = run(tmp_path, recipe=RECIPE, model=new_model(Dense), execution=Execution("bfloat16"))
    assert reduced.status == "ok"
