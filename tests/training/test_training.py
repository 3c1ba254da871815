"""The loop and its state: resumed runs, damaged states, divergence, schedules."""

import itertools
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from galforge.core.device import choose_device
from galforge.core.errors import ConfigurationError, GalforgeError
from galforge.models.building import build_model
from galforge.training import saving
from galforge.training.optimizers import Plateau
from galforge.training.recipe import Optimizer, Recipe, Schedule
from galforge.training.state import StateStore
from tests.helpers.published_model import SETTINGS
from tests.helpers.tiny_training import Killed, TinyModel, killed_after, new_model, run, same, without_timing


@pytest.mark.parametrize(
    ("saves_at", "killed_at"),
    [({1}, 2), ({4}, 5), ({5}, 6), ({5}, 9), ({9}, 11), ({10}, 11), ({12}, 14), ({3, 7, 19}, 20), (set(), 7)],
)
def test_a_resumed_run_ends_with_the_same_weights_bit_for_bit(tmp_path, saves_at, killed_at):
    whole = run(tmp_path / "whole")
    with pytest.raises(Killed):
        run(tmp_path / "killed", killed_after(saves_at, killed_at))
    resumed = run(tmp_path / "killed")
    assert resumed.status == "ok"
    assert same(whole.weights, resumed.weights)
    assert without_timing(whole.history) == without_timing(resumed.history)


def test_a_run_killed_twice_resumes_twice(tmp_path):
    whole = run(tmp_path / "whole")
    for saves_at, killed_at in (({3}, 4), ({6}, 8)):
        with pytest.raises(Killed):
            run(tmp_path / "killed", killed_after(saves_at, killed_at))
    resumed = run(tmp_path / "killed")
    assert same(whole.weights, resumed.weights)


def test_a_damaged_newest_state_falls_back_to_the_one_before(tmp_path, capsys):
    whole = run(tmp_path / "whole")
    with pytest.raises(Killed):
        run(tmp_path / "killed", killed_after({4, 9}, 11))
    newest = max((tmp_path / "killed").glob("*.safetensors"), key=lambda path: path.stat().st_mtime_ns)
    content = bytearray(newest.read_bytes())
    content[len(content) // 2] ^= 1
    newest.write_bytes(content)
    resumed = run(tmp_path / "killed")
    assert "damaged" in capsys.readouterr().err
    assert same(whole.weights, resumed.weights)


def test_a_state_of_other_settings_is_discarded_and_said_to_be(tmp_path, capsys):
    with pytest.raises(Killed):
        run(tmp_path / "state", killed_after({4}, 6))
    outcome = run(tmp_path / "state", key="another key")
    assert "discarded" in capsys.readouterr().err
    whole = run(tmp_path / "whole")
    assert same(whole.weights, outcome.weights)


def test_a_second_trainer_is_refused_and_learns_who_is_first(tmp_path):
    store = StateStore(tmp_path, "key")
    with store.locked():
        import os

        with pytest.raises(GalforgeError, match=f"process {os.getpid()} on .* is training this model"):
            StateStore(tmp_path, "key").locked()
    StateStore(tmp_path, "key").locked().close()


def test_no_state_is_a_pickle(tmp_path):
    with pytest.raises(Killed):
        run(tmp_path / "state", killed_after({4}, 6))
    saved = next((tmp_path / "state").glob("*.safetensors")).read_bytes()
    header = json.loads(saved[8 : 8 + int.from_bytes(saved[:8], "little")])
    assert header["__metadata__"]["key"] == "key"


@pytest.mark.parametrize(("poison_at", "step"), [(1, 1), (7, 6)])
def test_divergence_is_an_outcome_that_names_term_and_step(tmp_path, poison_at, step):
    # The validation at the end of epoch 1 is call 6, so call 7 is the loss of step 6.
    outcome = run(tmp_path / "state", save_due=lambda since, took: True, model=new_model(poison_at=poison_at))
    assert outcome.status == "failed"
    assert outcome.reason == f"training term 'first_loss' is nan at step {step}"
    assert all(torch.isfinite(weight).all() for weight in outcome.weights.values())
    assert bool(outcome.weights) == (step > 1)


def test_states_are_saved_at_ends_of_epochs_from_half_of_the_interval_on(tmp_path, monkeypatch):
    ticks = itertools.count()
    monkeypatch.setattr(saving, "time", SimpleNamespace(monotonic=lambda: float(next(ticks))))
    asked = []
    run(tmp_path, save_due=lambda since_last_s, took_s: asked.append(since_last_s) or False)
    # Nothing is saved, so the time since the last save rises; at ends of epochs it counts twice.
    falls = [step + 1 for step in range(len(asked) - 1) if asked[step + 1] < asked[step]]
    assert falls == [5, 10, 15]


def test_history_averages_the_terms_of_an_epoch(tmp_path):
    outcome = run(tmp_path / "state")
    assert [row["epoch"] for row in outcome.history] == [1, 2, 3, 4]
    assert [row["step"] for row in outcome.history] == [5, 10, 15, 20]
    for row in outcome.history:
        assert row["train_first_other"] == pytest.approx(2 * row["train_first_loss"], rel=1e-6)
        assert row["first_gradient_norm"] > 0


def test_learning_learns(tmp_path):
    recipe = Recipe(batch_size=8, epochs=30, optimizer=Optimizer(1e-2))
    history = run(tmp_path / "state", recipe=recipe).history
    assert history[-1]["validation_loss"] < 0.5 * history[0]["validation_loss"]


def test_plateau_is_that_of_torch():
    losses = (1 / torch.arange(1, 9)).tolist() + [0.125, 0.1249999, 0.13, 0.2, 0.12] + [0.12] * 20
    optimizer = torch.optim.Adam([torch.nn.Parameter(torch.zeros(1))], lr=1e-6)
    reference = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, "min", 0.1, 2, min_lr=1e-8)
    plateau = Plateau(Schedule("plateau", factor=0.1, patience=2, minimum=1e-8), 1e-6)
    scales = set()
    for loss in losses:
        reference.step(loss)
        plateau.see(loss)
        assert 1e-6 * plateau.scale == pytest.approx(optimizer.param_groups[0]["lr"])
        scales.add(round(plateau.scale, 6))
    assert scales == {1.0, 0.1, 0.01}


def test_exponential_decay_is_the_reports_formula_and_covers_its_three_decades():
    """X = X0 R**(s / Ns) of Goupil (2020), with X0 = 1e-3, R = 0.97, Ns = 200."""
    recipe = Recipe(32, 20, Optimizer(1e-3), schedule=Schedule("exponential", factor=0.97, every=200))
    assert recipe.learning_rate("model", 0, 10) == 1e-3
    assert recipe.learning_rate("model", 200, 10) == pytest.approx(0.97e-3)
    assert recipe.learning_rate("model", 100, 10) == pytest.approx(1e-3 * 0.97**0.5)
    stairs = Schedule("exponential", factor=0.97, every=200, staircase=True)
    assert [stairs.scale(step, 10) for step in (0, 199, 200, 399)] == pytest.approx([1, 1, 0.97, 0.97])


def test_halving_counts_epochs():
    schedule = Schedule("halving", factor=0.5, every=3)
    assert [schedule.scale(step, 10) for step in (0, 29, 30, 59, 60)] == [1, 1, 0.5, 0.5, 0.25]


def test_the_rate_rises_linearly_over_the_warm_up_steps_and_stays(tmp_path):
    recipe = Recipe(batch_size=8, epochs=4, optimizer=Optimizer(1e-2), warmup_steps=8)
    history = run(tmp_path / "state", recipe=recipe).history
    # At the last step of an epoch: step 5 of 8, then beyond; the second phase begins with epoch 3.
    assert [row["first_learning_rate"] for row in history] == pytest.approx([6.25e-3, 1e-2, 1e-2, 1e-2])
    assert [row.get("second_learning_rate") for row in history] == [None, None, 6.25e-3, 1e-2]


def test_constant_schedule_keeps_the_rate(tmp_path):
    history = run(tmp_path / "state", recipe=Recipe(8, 4, Optimizer(1e-2))).history
    assert {row["first_learning_rate"] for row in history} == {1e-2}


def test_cuda_without_a_gpu_is_an_error_that_says_so(monkeypatch, capsys):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ConfigurationError, match=r"'cuda'.*auto, cpu"):
        choose_device("cuda")
    assert choose_device("auto").type == "cpu"
    assert "cpu" in capsys.readouterr().err


def test_state_is_removed_when_the_training_has_ended(tmp_path):
    store = StateStore(Path(tmp_path) / "state", "key")
    store.save({"step": 1})
    store.discard()
    assert not (tmp_path / "state").exists()


class LateModel(TinyModel):
    """Finite while it is trained; its validation, or what it fits afterwards, is not."""

    def __init__(self, fault):
        super().__init__()
        self.fault = fault

    def validation_losses(self, batch, generator):
        scale = torch.nan if self.fault == "validation" else 1.0
        return {"loss": scale * batch.image.mean()}

    def fit_sampler(self, batches):
        if self.fault == "weights":
            self.second.bias.fill_(torch.inf)
        if self.fault == "sampler":
            torch.linalg.cholesky(-torch.eye(2))


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("validation", "validation term loss is nan"),
        ("weights", "second.bias is not finite"),
        ("sampler", "sampler"),
    ],
)
def test_what_is_not_finite_after_the_training_is_not_published_as_ok(tmp_path, fault, reason):
    outcome = run(tmp_path, model=LateModel(fault))
    assert outcome.status == "failed"
    assert reason in outcome.reason
    assert outcome.weights == {}


def test_a_weight_that_goes_with_the_batch_is_the_trainings_in_validation_too(tmp_path):
    """Before, the 11 validation stamps in one batch had a weight of 11, not of the training's batch of 8."""
    settings = {**SETTINGS, "divergence": {"weight": 10.0, "per": "batch", "bound": None}}
    row = run(tmp_path, model=build_model("vae", settings, (1, 8, 8))).history[-1]
    penalty = row["validation_loss"] - row["validation_reconstruction"]
    assert penalty == pytest.approx(8 * 10.0 * row["validation_divergence"], rel=1e-3)
