"""The losses of networks that recognize, against their definitions, and their training."""

import math

import numpy as np
import pandas as pd
import pytest
import torch

from galforge.models.batch import Batch
from galforge.networks import registry as networks
from galforge.recognition import comparison
from galforge.recognition.comparison import Training
from galforge.recognition.recognizer import Recognizer, answers
from galforge.recognition.settings import Target
from galforge.training.data import ResidentStamps
from galforge.training.known import Known
from galforge.training.loop import train
from galforge.training.recipe import Optimizer, Recipe
from galforge.training.state import StateStore
from tests.helpers.clothes import drawn_clothes
from tests.helpers.tiny_training import Killed, killed_after, never, same, without_timing


class Fixed(torch.nn.Module):
    """Gives the numbers that it is told."""

    def __init__(self, numbers):
        super().__init__()
        self.numbers = torch.nn.Parameter(torch.tensor(numbers))

    def forward(self, images):
        return self.numbers[: len(images)]


def batch(target):
    return Batch(torch.zeros(len(target), 1, 2, 2), target=torch.tensor(target))


def test_classes_are_learnt_by_the_cross_entropy():
    recognizer = Recognizer(Fixed([[1.0, 3.0], [2.0, 0.5], [0.0, 1.0]]), "class")
    terms = recognizer.training_losses(batch([[0.0, 1.0], [0.0, 1.0], [0.0, 1.0]]), "model", None)
    by_hand = [math.log(1 + math.exp(-2)), math.log(1 + math.exp(1.5)), math.log(1 + math.exp(-1))]
    assert float(terms["loss"].detach()) == pytest.approx(np.mean(by_hand), rel=1e-6)
    assert float(terms["accuracy"]) == pytest.approx(2 / 3)


def test_scores_are_learnt_by_the_sum_over_the_trainings_batch():
    recognizer = Recognizer(Fixed([[1.0], [2.0], [5.0]]), "number")
    terms = recognizer.training_losses(batch([[0.0], [4.0], [5.5]]), "model", None)
    assert float(terms["loss"].detach()) == pytest.approx(1 + 2 + 0.5)
    assert float(terms["absolute_error"]) == pytest.approx(3.5 / 3)
    # In validation, whose batches have other lengths, the sum is that of a training's batch.
    recognizer.step_size = 64
    terms = recognizer.training_losses(batch([[0.0], [4.0], [5.5]]), "model", None)
    assert float(terms["loss"].detach()) == pytest.approx(64 * 3.5 / 3)


def test_what_is_said_of_classes_are_shares():
    said = answers(Recognizer(Fixed([[1.0, 3.0], [2.0, 2.0]]), "votes"), torch.zeros(2, 1, 2, 2))
    torch.testing.assert_close(said.sum(dim=1), torch.ones(2))
    assert said[1].tolist() == [0.5, 0.5]


RECIPE = Recipe(16, 6, Optimizer(2e-3))
IMAGES, LABELS = drawn_clothes(96)


def source(rows):
    one_hot = torch.eye(3)[torch.from_numpy(LABELS[rows].astype(np.int64))]
    images = torch.from_numpy(IMAGES[rows].astype(np.float32) / 255)[:, None]
    return ResidentStamps(images, Known(target=one_hot))


def trained(directory, save_due=never, validate_every=None):
    torch.manual_seed(2)
    settings = {"filters": [8, 8], "kernel": 4, "dense": 16}
    recognizer = Recognizer(networks.build("goupil_classifier", settings, (1, 28, 28), 3), "class")
    store = StateStore(directory, "key")
    training, validation = source(slice(0, 72)), source(slice(72, 96))
    with store.locked():
        return train(
            recognizer,
            training,
            validation,
            RECIPE,
            5,
            store,
            "test",
            save_due,
            validate_every=validate_every,
        )


def test_a_classifier_learns_and_is_validated_every_few_steps(tmp_path):
    outcome = trained(tmp_path, validate_every=5)
    assert outcome.status == "ok"
    assert outcome.history[-1]["validation_accuracy"] > 0.95
    assert [row["step"] for row in outcome.interim] == [5, 10, 15, 20]
    # The loss of the epoch so far: after its first step, of that step alone.
    assert outcome.interim[0].keys() == {
        "step", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy",
    }  # fmt: skip
    assert trained(tmp_path / "other").weights.keys() == outcome.weights.keys()
    assert same(trained(tmp_path / "other").weights, outcome.weights), "a validation changes no weight"


def test_a_killed_training_resumes_to_the_same_weights_and_rows(tmp_path):
    whole = trained(tmp_path / "whole", validate_every=5)
    with pytest.raises(Killed):
        trained(tmp_path / "killed", killed_after({7}, 13), validate_every=5)
    resumed = trained(tmp_path / "killed", validate_every=5)
    assert same(resumed.weights, whole.weights)
    assert resumed.interim == whole.interim
    assert without_timing(resumed.history) == without_timing(whole.history)


def record(variant, repeat, test, status="ok"):
    measures = {"validation": {"accuracy": test}, "test": {"accuracy": test - 0.1}}
    return {
        "variant": variant, "repeat": repeat, "status": status, "reason": "x" * (status != "ok"),
        "recipe": {"optimizer": {"learning_rate": 1e-3}, "schedule": {"name": "constant"}}, "parameters": 5,
        "training_seconds": 1.0,
        "measures": measures if status == "ok" else {},
    }  # fmt: skip


def test_a_failed_repeat_is_counted_and_the_others_keep_their_mean():
    history = pd.DataFrame({"validation_accuracy": [0.5, 0.9, 0.7]})
    empty = pd.DataFrame()
    trainings = [
        Training(record("slow", 1, 0.6), history, empty, empty),
        Training(record("slow", 2, 0.8), history - 0.2, empty, empty),
        Training(record("slow", 3, 0.0, "failed"), empty, empty, empty),
        Training(record("fast", 1, 0.4), history, empty, empty),
    ]
    table = comparison.trainings_table(trainings, "class")
    assert table["best"].tolist()[:2] == [0.9, pytest.approx(0.7)]
    assert math.isnan(table["best"][2])
    variants = comparison.variants_table(table, {"slow": {"mean": 0.88, "deviation": 0.01}}).set_index(
        "variant"
    )
    slow = variants.loc["slow"]
    assert (slow["trained"], slow["failed"]) == (2, 1)
    assert slow["best"] == pytest.approx(0.8)
    assert slow["best_deviation"] == pytest.approx(0.2 / math.sqrt(2))
    assert slow["test"] == pytest.approx(0.6)
    assert slow["published"] == 0.88
    assert math.isnan(variants.loc["fast", "best_deviation"])
    assert comparison.best_variant(variants.reset_index(), "class") == "slow"


def test_the_constant_predictors_are_the_best_that_know_no_stamp():
    catalog = pd.DataFrame(
        {
            "split": ["train"] * 5 + ["validation"] * 2 + ["test"] * 2,
            "score": [1.0, 1.0, 2.0, 3.0, 9.0, 2.0, 5.0, 0.0, 2.5],
            "kind": ["a", "b", "b", "a", "b", "a", "b", "a", "a"],
        }
    )
    numbers = comparison.constant_predictor(catalog, Target(kind="number", columns=["score"]))
    assert numbers == {"validation": 1.5, "test": 1.25}
    classes = comparison.constant_predictor(catalog, Target(kind="class", columns=["kind"]))
    assert classes == {"validation": 0.5, "test": 0.0}


def test_a_discriminator_that_knows_the_order_is_exact_once_a_line_is_drawn():
    answer = np.array([0.1, 0.2, 0.3, 0.4, 0.5])
    scores = pd.DataFrame(
        {
            "split": ["train", "train", "train", "validation", "test"],
            "answer": answer,
            "actual": 6 - 2 * answer,
        }
    )
    found = comparison.discriminator_errors(scores)
    assert found["line"] == {"validation": pytest.approx(0, abs=1e-9), "test": pytest.approx(0, abs=1e-9)}
    assert found["scaled"]["test"] == pytest.approx(abs(8 * 0.5 - 5))
    assert comparison.discriminator_errors(scores[:0]) == {}


def test_only_variants_that_change_the_fixed_rate_alone_are_a_sweep_of_it():
    def variant(name, **recipe):
        return {
            "name": name,
            "changes": {"recipe": recipe},
            "recipe": {"optimizer": {"learning_rate": 0.5, **recipe.get("optimizer", {})}},
        }

    slow = variant("slow", optimizer={"learning_rate": 0.1})
    fast = variant("fast", optimizer={"learning_rate": 0.2})
    decay = variant("decay", optimizer={"learning_rate": 0.2}, schedule={"name": "exponential"})
    assert comparison.swept_rates([slow, fast, decay]) == {"slow": 0.1, "fast": 0.2}
    assert comparison.swept_rates([slow, decay]) == {}
