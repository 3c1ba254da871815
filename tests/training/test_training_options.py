"""What a recipe can ask for beside an optimizer: averages, clipping, early ends, films, phases."""

from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file

from galforge.core.errors import InputError
from galforge.core.files import file_digest, write_json
from galforge.core.seeds import derive_seed
from galforge.core.tensor_files import write_tensors
from galforge.models.building import load_model
from galforge.training.model_training import extras
from galforge.training.optimizers import build_optimizer
from galforge.training.recipe import FilmSettings, Optimizer, PhaseOptimizer, Recipe
from tests.helpers.published_model import TRAINED
from tests.helpers.tiny_training import (
    IMAGES,
    RECIPE,
    Killed,
    TinyModel,
    killed_after,
    new_model,
    run,
    same,
    without_timing,
)

PLAIN = Recipe(8, 4, Optimizer(1e-2))


class Watched(TinyModel):
    """Remembers its weights before each step."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def phases(self, step, total_steps):
        self.seen.append({name: value.clone() for name, value in self.state_dict().items()})
        return super().phases(step, total_steps)


def test_the_published_average_is_that_of_the_weights_after_each_step(tmp_path):
    model = new_model(Watched)
    outcome = run(tmp_path, recipe=replace(PLAIN, ema=0.8), model=model)
    after = [*model.seen[1:], model.state_dict()]
    buffers = {name for name, _ in model.named_buffers()}
    for name, weight in outcome.weights.items():
        expected = after[0][name]
        for state in after[1:]:
            expected = state[name] if name in buffers else 0.8 * expected + 0.2 * state[name]
        torch.testing.assert_close(weight, expected)
    assert not torch.equal(outcome.weights["first.weight"], after[-1]["first.weight"])


def test_gradients_longer_than_the_limit_are_scaled_down_to_it(tmp_path):
    limit = 1e-3
    model = new_model()
    history = run(tmp_path / "clipped", recipe=replace(PLAIN, gradient_clip=limit), model=model).history
    # What is left on the parameters are the gradients of the last step, whose phase is "second".
    gradients = torch.cat([p.grad.flatten() for p in model.second.parameters()])
    assert gradients.norm().item() == pytest.approx(limit, rel=1e-3)
    assert all(row["first_gradient_norm"] > limit for row in history), "the history has the norm before"
    high = run(tmp_path / "high", recipe=replace(PLAIN, gradient_clip=1e6))
    assert same(high.weights, run(tmp_path / "none", recipe=PLAIN).weights)


class Scripted(TinyModel):
    """Its validation losses are given, one an epoch of five steps; both phases from the first step on."""

    LOSSES = (5.0, 3.0, 4.0, 2.5, 2.5, 2.6, 2.7, 1.0)

    def __init__(self):
        super().__init__()
        self.register_buffer("steps", torch.zeros((), dtype=torch.long))

    def phases(self, step, total_steps):
        self.steps += 1
        return ("first", "second")

    def validation_losses(self, batch, generator):
        return {"loss": torch.tensor(self.LOSSES[int(self.steps) // 5 - 1])}

    def monitor(self, batch, generator):
        return {"steps": float(self.steps), "draw": torch.rand((), generator=generator).item()}

    def warnings(self, history):
        return ["it has come far"] if len(history) >= 2 else []


@pytest.mark.parametrize(("patience", "epochs", "best"), [(1, 3, 2), (2, 6, 4), (3, 7, 4), (4, 8, 8)])
def test_it_ends_after_so_many_epochs_without_a_lower_loss(tmp_path, capsys, patience, epochs, best):
    recipe = replace(PLAIN, epochs=8, early_stopping=patience, keep="best")
    outcome = run(tmp_path / "early", recipe=recipe, model=new_model(Scripted))
    assert len(outcome.history) == epochs
    assert outcome.epoch == best
    announced = f"stopped after epoch {epochs} of 8, the validation loss has not fallen since epoch {best}"
    assert (announced in capsys.readouterr().err) == (epochs < 8)
    whole = run(tmp_path / "whole", recipe=replace(PLAIN, epochs=best), model=new_model(Scripted))
    assert same(outcome.weights, whole.weights)


def test_patience_begins_when_every_phase_has_been_at_work(tmp_path):
    """The second phase begins with epoch 3 of 4; before, the loss may stand still."""

    class Level(TinyModel):
        def validation_losses(self, batch, generator):
            return {"loss": torch.tensor(1.0)}

    outcome = run(tmp_path, recipe=replace(PLAIN, early_stopping=1), model=new_model(Level))
    assert len(outcome.history) == 4


EVERYTHING = replace(
    RECIPE,
    epochs=8,
    ema=0.9,
    gradient_clip=0.05,
    early_stopping=3,
    keep="best",
    film=FilmSettings(5, 2),
    optimizer=Optimizer(1e-2, phases={"second": PhaseOptimizer(3e-3, (0.0, 0.9))}),
)


@pytest.mark.parametrize(
    ("saves_at", "killed_at"), [({1}, 2), ({7}, 9), ({20}, 21), ({22}, 24), ({30, 34}, 35), ({35}, 36)]
)
def test_with_all_of_it_a_resumed_run_ends_the_same(tmp_path, saves_at, killed_at):
    whole = run(tmp_path / "whole", recipe=EVERYTHING, model=new_model(Scripted))
    assert len(whole.history) == 7
    if killed_at <= 35:
        with pytest.raises(Killed):
            run(tmp_path / "killed", killed_after(saves_at, killed_at), EVERYTHING, model=new_model(Scripted))
    else:
        # Saved in the very step that ended it, and killed before anything was published.
        run(tmp_path / "killed", killed_after(saves_at, killed_at), EVERYTHING, model=new_model(Scripted))
    resumed = run(tmp_path / "killed", recipe=EVERYTHING, model=new_model(Scripted))
    assert same(whole.weights, resumed.weights)
    assert without_timing(whole.history) == without_timing(resumed.history)
    assert whole.film_steps == resumed.film_steps
    assert torch.equal(torch.stack(whole.film), torch.stack(resumed.film))


def test_monitored_figures_are_columns_with_the_same_draws_each_epoch(tmp_path, capsys):
    history = run(tmp_path, recipe=PLAIN, model=new_model(Scripted)).history
    assert [row["monitor_steps"] for row in history] == [5, 10, 15, 20]
    assert len({row["monitor_draw"] for row in history}) == 1
    assert capsys.readouterr().err.count("it has come far") == 1


def test_a_warning_is_part_of_the_outcome(tmp_path):
    recipe = replace(PLAIN, epochs=1)
    assert run(tmp_path / "short", recipe=recipe, model=new_model(Scripted)).warnings == []
    assert run(tmp_path / "long", recipe=PLAIN, model=new_model(Scripted)).warnings == ["it has come far"]


def test_a_film_shows_the_same_latents_from_the_first_weights_to_the_last(tmp_path):
    model = new_model(Watched)
    outcome = run(tmp_path, recipe=replace(PLAIN, film=FilmSettings(5, 3)), model=model)
    assert outcome.film_steps == [0, 5, 10, 15, 20]
    assert [(frame.shape, frame.dtype) for frame in outcome.film] == [((3, 1, 8, 8), torch.uint8)] * 5
    weights = [*model.seen, {name: value.clone() for name, value in model.state_dict().items()}]
    seed = derive_seed(7, "film")
    for step, frame in zip(outcome.film_steps, outcome.film, strict=True):
        model.load_state_dict(weights[step])
        with torch.no_grad():
            expected = 255 * model.sample(3, torch.Generator().manual_seed(seed))
        assert (frame - expected).abs().max() <= 0.5 + 1e-3


def test_a_phase_may_have_a_rate_and_moment_decays_of_its_own(tmp_path):
    recipe = replace(PLAIN, optimizer=Optimizer(1e-2, phases={"second": PhaseOptimizer(3e-3)}))
    last = run(tmp_path, recipe=recipe).history[-1]
    assert (last["first_learning_rate"], last["second_learning_rate"]) == (1e-2, 3e-3)
    built = build_optimizer(EVERYTHING.optimizer, "second", [torch.nn.Parameter(torch.zeros(1))])
    assert built.param_groups[0]["lr"] == 3e-3
    assert built.param_groups[0]["betas"] == (0.0, 0.9)
    single = build_optimizer(EVERYTHING.optimizer, "first", [torch.nn.Parameter(torch.zeros(1))])
    assert single.defaults["lr"] == 1e-2


class Half(TinyModel):
    """Publishes its first layers alone, as a GAN does its generator."""

    def published_state(self):
        return {name: value for name, value in self.state_dict().items() if not name.startswith("second")}


def test_a_model_that_publishes_a_part_is_loaded_from_it_and_keeps_the_rest_beside(tmp_path, monkeypatch):
    outcome = run(tmp_path / "state", recipe=replace(PLAIN, film=FilmSettings(2, 3)), model=new_model(Half))
    weights, record = tmp_path / "weights.safetensors", tmp_path / "model.json"
    write_tensors(weights, outcome.weights)
    plain = tmp_path / "plain"
    plain.touch()
    assert weights.stat().st_mode == plain.stat().st_mode, "whoever may read the folder's files may read it"
    monkeypatch.setattr("galforge.models.building.build_model", lambda *arguments: new_model(Half))
    facts = {**TRAINED, "family": "half", "settings": {}, "image_shape": [1, 8, 8]}
    write_json(record, {**facts, "weights_digest": file_digest(weights)})
    model = load_model(weights, record)
    assert same(model.published_state(), outcome.weights)
    write_tensors(tmp_path / "extras.safetensors", extras(outcome))
    kept = load_file(tmp_path / "extras.safetensors")
    assert {name for name in kept if name.startswith("remainder/")} == {
        "remainder/second.weight", "remainder/second.bias"
    }  # fmt: skip
    assert kept["film/frames"].shape == (2, 3, *IMAGES.shape[1:])
    assert kept["film/steps"].tolist() == [0, 20]

    write_tensors(weights, {**outcome.weights, "second.bias": torch.zeros(1)})
    write_json(record, {**facts, "weights_digest": file_digest(weights)})
    with pytest.raises(InputError, match=r"does not fit.*second\.bias"):
        load_model(weights, record)
